"""The FTMS codec, sans I/O: bytes from a machine to frozen values and back, one file each.

Values are integers in the wire's own units. Every decoder is total: whatever bytes arrive, it
returns a value and never raises. Whether a value is plausible is for those to judge who use it.
"""
