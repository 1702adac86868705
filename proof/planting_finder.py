"""How a planted bug gets into its module as it is loaded, here and in the processes started here.

The rule to keep: nothing of treadguard's own files is ever written to, and a process that was to
load the bug and did leaves word of it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

from proof.planted_bugs import Bug
from proof.planted_more import ALL

ROOT: Final = Path(__file__).parents[1]
LOADED: Final = "loaded"
_SITE: Final = """\
import sys
sys.path.append({root!r})
from proof.planting_finder import plant
plant({key!r}, {folder!r})
"""


class _Planted(SourceFileLoader):
    """Loads the module with the bug in it, whatever is cached."""

    bug: Bug
    folder: str

    def get_source(self, fullname: str) -> str:
        """Also what tests that read the source get to see."""
        Path(self.folder, LOADED).touch()
        return self.bug.planted_in(super().get_source(fullname) or "")

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.get_source(fullname), self.path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    def __init__(self, bug: Bug, folder: str) -> None:
        self._bug = bug
        self._folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._bug.module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            loader = _Planted(fullname, spec.origin)
            loader.bug = self._bug
            loader.folder = self._folder
            spec.loader = loader
        return spec


def plant(key: str, folder: str) -> None:
    """Into this process; `folder` is where it is said that the module was loaded."""
    sys.meta_path.insert(0, _Finder(ALL[key], folder))


def plant_everywhere(key: str) -> tempfile.TemporaryDirectory[str]:
    """Into this process and each that inherits its environment; the folder lives as long."""
    folder = tempfile.TemporaryDirectory(prefix="planted-")
    plant(key, folder.name)
    site = _SITE.format(root=str(ROOT), key=key, folder=folder.name)
    Path(folder.name, "sitecustomize.py").write_text(site)
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([folder.name, *([before] if before else [])])
    return folder


def loaded(folder: str) -> bool:
    """Whether any process has loaded the module with the bug."""
    return Path(folder, LOADED).exists()
