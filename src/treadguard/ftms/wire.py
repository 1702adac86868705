"""Little-endian integers and code words, as every FTMS characteristic uses them.

Here is what the codec's files share; no layout of any characteristic lives here. The one rule to
keep: reading never raises (a field that doesn't fit is None), writing never bends a value (one
that doesn't fit is a ValueError).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

Layouts = Mapping[int, tuple[int, bool]]
"""Width in bytes and sign of the one number that may follow a code."""


def read(data: bytes, at: int, width: int, *, signed: bool = False) -> int | None:
    """The integer of `width` bytes at offset `at`, or None where the data ends before it does."""
    chunk = data[at : at + width]
    return int.from_bytes(chunk, "little", signed=signed) if len(chunk) == width else None


def read_coded(data: bytes, layouts: Layouts) -> tuple[int | None, int | None, bytes]:
    """A code, the number that follows it, and the rest.

    The number is None where the code has none in `layouts` or the bytes don't hold it whole.
    """
    code = read(data, 0, 1)
    if code is None:
        return None, None, b""
    width, signed = layouts.get(code, (0, False))
    value = read(data, 1, width, signed=signed) if width else None
    return code, value, data[1:] if value is None else data[1 + width :]


def cut(code: int | None, value: int | None, trailing: bytes, layouts: Layouts) -> bool:
    """Whether a number has begun but doesn't fit; one that is missing altogether is no cut."""
    return value is None and code in layouts and bool(trailing)


def write(what: str, value: int, width: int, *, signed: bool = False) -> bytes:
    """`value` in exactly `width` bytes; ValueError, naming `what`, outside the field's range."""
    bits = 8 * width - signed
    low, high = (-(1 << bits) if signed else 0), (1 << bits) - 1
    if not low <= value <= high:
        raise ValueError(f"{what} must lie between {low} and {high}, not at {value}")
    return value.to_bytes(width, "little", signed=signed)


def word(codes: type[IntEnum], code: int) -> str:
    """The code's name in snake case; `rfu_0x10` where the standard reserves it for future use."""
    try:
        return codes(code).name.lower()
    except ValueError:
        return f"rfu_0x{code:02x}"
