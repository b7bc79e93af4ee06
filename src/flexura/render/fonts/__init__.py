"""The bundled typefaces and their reader."""
