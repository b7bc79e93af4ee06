"""The faces: REST and MCP over HTTP. A face parses, calls a service, renders; it decides nothing."""
