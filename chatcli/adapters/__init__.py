"""The outside, one heavy library, server or disk format to a file. Opened by app.py only."""
