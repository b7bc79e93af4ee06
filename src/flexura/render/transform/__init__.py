"""Makers that start from somebody's files: pictures edited, set in motion, and cut together with sound."""
