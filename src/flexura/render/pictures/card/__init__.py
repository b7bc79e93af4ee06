"""Social cards and banners that set a title in type."""
