"""Work in a forked child that hands back one JSON value.

Here: the fork, the pipe, the silence. Not here: what is worked on. The rule to keep: nothing that a
child does (imports, changed code, crashes) reaches its parent, except the value.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any, Final, NoReturn

_MOST_BYTES: Final = 4 << 30
"""A mutant that only ever collects ends here, and not the machine."""


def in_child(work: Callable[[], Any]) -> Any:
    """The child's value, or None when it died before it had one."""
    come, go = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(come)
        _run(work, go)
    os.close(go)
    with os.fdopen(come, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return json.loads(said) if said.endswith(b"\n") else None


def say(pipe: int, value: object) -> None:
    with os.fdopen(os.dup(pipe), "wb") as out:
        out.write(json.dumps(value).encode() + b"\n")


def quiet() -> None:
    """What tests print is nobody's to read."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)


def bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))


def at_cpu(seconds: float, ring: Callable[[], None]) -> None:
    """Calls `ring` once this process has worked so long: a busy machine makes no mutant late."""
    signal.signal(signal.SIGVTALRM, lambda *_: ring())
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)


def _run(work: Callable[[], Any], go: int) -> NoReturn:
    errors = os.dup(2)
    code = 1
    try:
        quiet()
        say(go, work())
        code = 0
    except BaseException:  # noqa: BLE001 (the child's last words; its parent goes on)
        os.write(errors, traceback.format_exc().encode())
    finally:
        sys.stdout.flush()
        os._exit(code)
