"""What a workspace has, spends and may spend."""
