"""Files side by side: what is compared, and its contact sheet."""
