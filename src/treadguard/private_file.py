"""A file of the runner's own: for its owner's eyes, and there whole or not at all.

Here: the one way in which such a file is written. The rules to keep: mode 0600 from the first byte
on; no reader ever sees half of it, whoever else writes it, and however this ends; it is on the disk
when this returns. Standard library only.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp


def write_private(path: Path, content: bytes) -> None:
    """Put `content` at `path` at once, in the place of what was there.

    OSError when it can't be: then what was there still is.
    """
    # Each writer has a name of its own: of one that they shared, one would move the other's half.
    fd, name = mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")  # mode 0600
    new = Path(name)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        with suppress(OSError):
            new.unlink()
        raise
    # What a crash of an older treadguard has left, perhaps for all to read.
    path.with_name(f"{path.name}.new").unlink(missing_ok=True)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def private_folder(folder: Path) -> None:
    """Make it, or make it its owner's alone; for treadguard's own folders only.

    OSError when it isn't there and can't be made. One that belongs to somebody else stays as it is.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        with suppress(PermissionError):
            folder.chmod(0o700)
