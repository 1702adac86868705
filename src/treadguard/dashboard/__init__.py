"""The dashboard: what the runner sees and presses, a client in a process of its own."""
