"""Procedural sound: music, effects, ambience and speech, made with numpy alone."""
