"""MCP on stdio in front of a gateway. Standard library only; heavy imports come after the first answer."""
