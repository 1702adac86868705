"""A profile file written for its runner.

The rules to keep: a reader finds the old file or the new one, whole; it is the runner's alone to
read, and so is its folder; what is written can be read back, and what stood there is kept beside.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import tomli_w

from treadguard.config.runner import profile_file
from treadguard.config.toml import Table, read_toml
from treadguard.private_file import private_folder, write_private

HEAD: Final = """\
# Your profile, written by 'treadguard setup' and checked at every start. You may edit it by hand,
# but the next setup writes it anew, without your comments; what stood here before is then in
# {backup}. Every key, and its range: configs/profiles/default.toml.

"""


def backup_of(path: Path) -> Path:
    """Where the file that was replaced is kept."""
    return path.with_name(f"{path.name}.before")


def write_profile(path: Path, data: Table) -> bool:
    """Write `data` as the profile at `path`; False where it says that already.

    It is on the disk when this returns. ConfigError for data that is no profile, OSError when the
    file can't be written: then nothing has changed.
    """
    profile_file(data)
    private_folder(path.parent)
    if path.exists():
        if read_toml(path) == data:
            path.chmod(0o600)
            return False
        write_private(backup_of(path), path.read_bytes())
    text = HEAD.format(backup=backup_of(path).name) + tomli_w.dumps(data)
    write_private(path, text.encode())
    return True
