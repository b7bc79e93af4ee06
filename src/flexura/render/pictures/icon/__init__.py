"""App icons and single glyphs."""
