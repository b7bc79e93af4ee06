"""The pages for people: rendered here, live by server-sent events, nothing from elsewhere."""
