"""Everything that leaves this machine goes through here: one HTTP client that refuses private addresses."""
