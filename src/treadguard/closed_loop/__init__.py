"""The whole service against the simulated treadmill: scenarios, and journals played again."""
