"""Still pictures: one painter per style, and the makers that choose among them."""
