"""Who runs a job later."""
