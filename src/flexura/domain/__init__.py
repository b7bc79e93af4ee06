"""What exists: frozen values and the error tree. Imports nothing of ours and no framework but pydantic."""
