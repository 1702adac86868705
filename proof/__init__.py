"""Programs that prove what treadguard promises. Not installed; the tests run their short forms."""
