"""The runtime files of a running service: one lock and one address card per treadmill.

Here: who guards which treadmill on this computer, and where its API listens. Not here: the
directory's name (runtime_dir.py) and the reader (cli/client.py). The rule to keep: the lock is the
truth and dies with the process; the card is only for those who look for the service.
"""

from __future__ import annotations

import fcntl
import os
import re
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import platformdirs

from treadguard.runtime_dir import runtime_dir


class RuntimeRefused(OSError):
    """The runtime directory can't be used; the text is one clear sentence."""


class TreadmillBusy(RuntimeError):
    """Another process guards this treadmill; the text is one clear sentence."""


def slug(name: str) -> str:
    """A file name for a treadmill's name or address; two names never share one."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    if plain and plain == name:
        return plain
    return f"{plain}-{sha256(name.encode()).hexdigest()[:8]}".lstrip("-")


class Claim:
    """This process guards this treadmill, until it is released or dies."""

    def __init__(self, treadmill: str, address: str, card: Path, lock_fd: int) -> None:
        self.treadmill = treadmill
        self.address = address
        self._card = card
        self._lock_fd = lock_fd

    def publish(self, port: int, token: str) -> None:
        """Write the card, readable by its owner alone."""
        card = {
            "treadmill": self.treadmill,
            "address": self.address,
            "port": port,
            "token": token,
            "pid": os.getpid(),
        }
        new = self._card.with_suffix(".new")
        new.unlink(missing_ok=True)
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(msgspec.json.encode(card))
        new.replace(self._card)

    def renew(self, port: int, token: str) -> None:
        """Write the card again where somebody has taken it away."""
        if not self._card.exists():
            _private_directory()
            self.publish(port, token)

    def release(self) -> None:
        """Take the card away and let others have the treadmill."""
        self._card.unlink(missing_ok=True)
        os.close(self._lock_fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def claim(treadmill: str, address: str | None = None) -> Claim:
    """Take the treadmill for this process; `address` once it is resolved, else its name.

    TreadmillBusy when another process has it, RuntimeRefused when the directory isn't private.
    """
    directory = _private_directory()
    name = slug(address or treadmill)
    # The lock file stays for ever: unlinking it would let two processes lock two files. It isn't in
    # the runtime directory either, which vanishes at the last log-out under a service that runs on.
    locks = Path(platformdirs.user_state_dir("treadguard"))
    try:
        locks.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock_fd = os.open(locks / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise RuntimeRefused(
            f"The lock of the treadmill can't be made in {locks} ({error.strerror or error}):"
            " make that directory yours."
        ) from None
    try:
        fcntl.flock(lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.pread(lock_fd, 20, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(lock_fd)
        raise TreadmillBusy(
            f"The treadmill {treadmill} is already guarded by process {pid}:"
            " use that one, or end it first."
        ) from None
    os.ftruncate(lock_fd, 0)
    os.pwrite(lock_fd, b"%d\n" % os.getpid(), 0)
    return Claim(treadmill, address or treadmill, directory / f"{name}.json", lock_fd)


def _private_directory() -> Path:
    try:
        directory = Path(runtime_dir())
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Only its owner may do this: a directory of someone else's is refused here.
        directory.chmod(0o700)
    except OSError as error:
        raise RuntimeRefused(
            f"The runtime directory can't be used ({error.strerror or error}):"
            " set TREADGUARD_RUNTIME_DIR to a directory of your own."
        ) from None
    return directory
