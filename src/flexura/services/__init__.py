"""What we do: one use case per file, over the ports. A file exists only if it decides something."""
