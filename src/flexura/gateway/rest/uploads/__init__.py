"""Uploads: a file in one request, a form with a file, or parts that can be gone on with."""
