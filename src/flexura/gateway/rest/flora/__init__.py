"""The runs of the FLORA page."""
