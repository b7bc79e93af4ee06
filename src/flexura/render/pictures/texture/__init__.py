"""Seamless raster textures."""
