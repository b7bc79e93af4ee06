"""Files: assets by name, artifacts by id, their metadata, signed links, review sets and exports."""
