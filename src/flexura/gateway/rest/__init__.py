"""The REST routes, one file per documented group."""
