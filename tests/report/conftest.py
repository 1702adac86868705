"""Journals to report on: recorded ones, and ones with something put into them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

SESSIONS = Path(__file__).parents[1] / "sessions"

Lines = list[dict[str, Any]]
Altered = Callable[..., Path]


@pytest.fixture
def altered(tmp_path: Path) -> Altered:
    """A recorded journal with some of its lines changed, as a file of its own."""

    def made(change: Callable[[Lines], Lines | None], of: str = "walk_with_a_break") -> Path:
        raw = (SESSIONS / f"{of}.jsonl").read_bytes()
        lines: Lines = [msgspec.json.decode(line) for line in raw.splitlines()]
        changed = change(lines) or lines
        path = tmp_path / f"{of}-altered.jsonl"
        path.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in changed))
        return path

    return made
