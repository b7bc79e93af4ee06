"""Edits of other programs' files: splice bytes, then prove by parsing that nothing else changed."""
