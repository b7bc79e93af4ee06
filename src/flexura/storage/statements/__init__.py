"""Every query, by subject, built with SQLAlchemy Core and compiled once per dialect.

They are executed on the driver itself: Core's own execution would halve the write rate (measured).
"""
