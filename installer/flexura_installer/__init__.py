"""Writes flexura into the configuration of coding agents, and takes it out again, byte for byte.

Standard library only, and nothing of `flexura`: it runs before the package does. See docs/decisions/0012.
"""
