"""Which files a figure rests on, and whether they are still as they were when it was measured.

The modules that a proof imports, and those that they import, are read off their source. The rule
to keep: in doubt a file counts, and a commit that git can't compare with is an older one.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
ROOTS: Final = {"treadguard": "src", "proof": ".", "tests": "."}
ALWAYS: Final = ("pyproject.toml", "uv.lock")
WHOLE: Final = ("src", "proof", "tests", "configs", *ALWAYS)
"""What the parts rest on that run tests."""


def modules(*names: str, root: Path = ROOT) -> tuple[str, ...]:
    """The files of these modules and of all that they import, of our own, from the root."""
    found: set[str] = set()
    open_ = list(names)
    while open_:
        name = open_.pop()
        path = _file(name, root)
        if path is not None and path not in found:
            found.add(path)
            open_ += _imported(name, root / path)
        # A package's own file is imported with whatever is in it.
        open_ += [above for above in [name.rpartition(".")[0]] if above]
    return tuple(sorted(found))


def _file(name: str, root: Path) -> str | None:
    top = ROOTS.get(name.partition(".")[0])
    if top is None:
        return None
    base = Path(top, *name.split("."))
    for path in (base / "__init__.py", base.with_suffix(".py")):
        if (root / path).is_file():
            return path.as_posix()
    return None


@cache
def _imported(name: str, path: Path) -> tuple[str, ...]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    nodes = ast.walk(ast.parse(path.read_text()))
    return tuple(full for node in nodes for full in _names(node, package))


def _names(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (each.name for each in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, base]).strip(".")
        yield base
        yield from (f"{base}.{each.name}" for each in node.names)


def unchanged(commit: str, paths: Iterable[str], root: Path = ROOT) -> bool:
    """Whether these are in the work tree what they were at a commit."""
    asked = ["git", "diff", "--quiet", commit, "--", *paths]
    return subprocess.run(asked, cwd=root, capture_output=True, check=False).returncode == 0
