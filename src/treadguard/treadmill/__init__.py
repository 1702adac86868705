"""The belt as the shell sees it: a small protocol, the gated write, what arrives as guard events."""
