"""The belt as the shell sees it: a protocol, the gated write, and what arrives as events."""
