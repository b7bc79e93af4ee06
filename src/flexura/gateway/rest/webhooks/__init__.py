"""Webhooks: endpoints, signing secrets, the log of deliveries."""
