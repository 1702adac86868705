"""Where running services and the commands that talk to them meet.

Here: the one rule that names the runtime directory. Not here: what the files in it say
(`session/runtime.py` writes them, `cli/client.py` reads them).

The one rule to keep: standard library only, and cheap ones, because `treadguard pain 6` pays for
every import of this module while the runner waits.
"""

import os


def runtime_dir() -> str:
    """The directory of the running services; only the last resort is created by this call.

    In order: TREADGUARD_RUNTIME_DIR, XDG_RUNTIME_DIR/treadguard, /run/user/UID/treadguard where
    that session directory exists, else a private treadguard-UID under the temporary directory.
    Raises PermissionError when that last one exists and isn't ours alone: whoever owns it could
    otherwise read tokens from it, or answer a stop in the service's place.
    """
    own = os.environ.get("TREADGUARD_RUNTIME_DIR")
    if own:
        return own
    session = os.environ.get("XDG_RUNTIME_DIR")
    if session:
        return os.path.join(session, "treadguard")
    uid = os.getuid()
    session = f"/run/user/{uid}"
    if os.path.isdir(session):
        return os.path.join(session, "treadguard")
    fallback = os.path.join(os.environ.get("TMPDIR") or "/tmp", f"treadguard-{uid}")  # noqa: S108
    try:
        os.mkdir(fallback, 0o700)
    except FileExistsError:
        found = os.lstat(fallback)
        if found.st_uid != uid or found.st_mode & 0o077 or not os.path.isdir(fallback):
            raise PermissionError(
                f"{fallback} isn't a private directory of this user:"
                " remove it, or set TREADGUARD_RUNTIME_DIR"
            ) from None
    return fallback
