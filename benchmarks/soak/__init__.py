"""A long mixed load on one real gateway: what grows is found."""
