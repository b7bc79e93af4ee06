"""The jobs of the Fluxara page."""
