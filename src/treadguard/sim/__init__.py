"""The simulated treadmill: one motor model, its faults, and the ways to reach it."""
