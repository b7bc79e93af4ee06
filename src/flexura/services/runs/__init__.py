"""Jobs that consist of steps: planning them, running them, and what a reviewer decides about them."""
