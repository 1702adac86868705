"""The simulated treadmill: one motor model, its faults, and the direct form the service drives."""
