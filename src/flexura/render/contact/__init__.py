"""Contact sheets: what several files are, side by side in one small picture with numbers to choose by."""
