"""What the program costs, as ratios to the least that such a program could cost. ``python -m benchmarks``."""
