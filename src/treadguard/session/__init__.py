"""The asyncio shell round the kernel: one task group, one writer, journal, local API."""
