"""treadguard: stands between a runner with a sore back and a Bluetooth treadmill."""
