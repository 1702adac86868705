"""One target under atheris, in a process of its own: libFuzzer ends the process it runs in.

The rule to keep: only treadguard is instrumented. What the target itself does tells nothing new.
"""

from __future__ import annotations

import importlib
import shlex
import sys
from typing import NoReturn


def main() -> NoReturn:
    """`python -m proof.fuzz.one MODULE:TARGET [libFuzzer's options and corpora]`."""
    atheris = importlib.import_module("atheris")
    name, *options = sys.argv[1:]
    module, _, wanted = name.partition(":")
    # Only what this target needs: to instrument all of treadguard takes several seconds.
    with atheris.instrument_imports(include=["treadguard"]):
        targets = importlib.import_module(module).TARGETS
    target = next(target for target in targets if target.name == wanted)
    # libFuzzer starts itself again, through a shell, to merge corpora.
    itself = shlex.join((sys.executable, "-m", "proof.fuzz.one", name))
    atheris.Setup([itself, f"-max_len={target.max_len}", *options], target.run)
    atheris.Fuzz()
    raise SystemExit(0)


if __name__ == "__main__":
    main()
