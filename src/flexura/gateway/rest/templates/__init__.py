"""Templates over REST, and their views: techniques, presets, pipelines."""
