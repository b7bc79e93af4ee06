"""Find, start and stop the user's own gateway. Standard library only."""
