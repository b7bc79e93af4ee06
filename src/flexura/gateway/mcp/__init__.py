"""The six MCP tools on the SDK's low-level server."""
