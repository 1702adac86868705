"""A file that tells of somebody's health: for its owner's eyes, and there whole or not at all.

Here: the writing. Not here: whether an older file may go (cli/report.py). The rule to keep: mode
0600 from the first byte on, and no reader ever sees half of it.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import mkstemp


def write_private(path: Path, content: bytes) -> None:
    """Put `content` at `path` at once, in the place of what was there. OSError when it can't be."""
    fd, name = mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")  # mode 0600
    new = Path(name)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
