"""Scenes: places, hours, weathers and subjects, painted layer by layer."""
