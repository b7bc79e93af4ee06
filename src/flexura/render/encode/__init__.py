"""Writers of finished files: pictures, video, sound and SVG, each with its provenance inside."""
