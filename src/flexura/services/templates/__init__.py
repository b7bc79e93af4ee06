"""Templates: reading, checking and keeping them, and the views of them."""
