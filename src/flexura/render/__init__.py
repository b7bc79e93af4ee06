"""The child process that draws and composes the embedded media; nothing of the gateway imports it."""
