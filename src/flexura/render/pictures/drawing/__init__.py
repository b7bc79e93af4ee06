"""Vector drawing: one description that becomes both pixels and SVG."""
