"""What a fuzz target is, and what every one of them demands of a refusal.

The rule to keep: a target is a function of the bytes alone. Same bytes, same outcome, so that an
input that was kept says the same for ever.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

T = TypeVar("T")

SENTENCE_MAX: Final = 1_000
"""Longer than this nobody reads a refusal."""


@dataclass(frozen=True, slots=True)
class Target:
    """`run` raises whatever it finds. `takes`: raw bytes from a radio, or a text.

    `words` are what a mutation may put in whole.
    """

    name: str
    takes: Literal["bytes", "text"]
    run: Callable[[bytes], None]
    max_len: int
    words: tuple[str, ...] = ()


def refused_well(said: object) -> None:
    """A refusal is one clear sentence: a line of text that ends as a sentence does."""
    text = str(said)
    assert text, "the refusal says nothing"
    assert text.isprintable(), f"the refusal isn't one line of text: {text!r}"
    assert len(text) <= SENTENCE_MAX, f"the refusal has {len(text)} characters"
    assert text.endswith((".", "?")), f"the refusal is no whole sentence: {text!r}"


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    # In memory where the system has such a place: a target may sync its file at every run.
    memory = Path("/dev/shm")  # noqa: S108 - a directory of our own is made in it
    return tempfile.TemporaryDirectory(
        prefix="treadguard-fuzz-", dir=memory if memory.is_dir() else None
    )


def file_of(data: bytes, name: str) -> Path:
    """A file with these bytes: the same one each time, for readers that take a path."""
    path = Path(_folder().name) / name
    path.write_bytes(data)
    return path


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that has nothing to wait for."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    finally:
        work.close()
    raise AssertionError("it waits for something")
