"""The instruments. Each is a function of (MIDI note, seconds held, velocity 0..1, generator) to a signal.

The answer is mono (n,) or stereo (2, n) and rings on after the note is let go.
"""
