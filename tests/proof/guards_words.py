"""All that the guard can say, read off its source: the reasons of its commands, and its alarms."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import treadguard.guard

GUARD: Final = Path(treadguard.guard.__file__).parent
WRITES: Final = ("stop", "command")
EXAMPLES: Final = [
    {"e": SimpleNamespace(what=what, lost=5_000), "level": level, "speed": 900, "owed": owed}
    for what, level, owed in product(("sleep", "battery", "numbness", "faint"), (7, 10), (None,))
]
"""What the words of an alarm are filled with."""


def calls(names: tuple[str, ...]) -> Iterator[tuple[Path, ast.Call]]:
    for path in sorted(GUARD.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else None
            if (name or getattr(node.func, "id", None)) in names:
                yield path, node


def reasons() -> set[str]:
    """Each word in a tuple of reasons that a command is given; an operator's own `do` apart."""
    found = {"start", "resume", "programme", "warm-up"}
    found |= {call.args[2].value for _, call in calls(("begin_end",)) if len(call.args) > 2}  # type: ignore[attr-defined]
    for path in sorted(GUARD.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name == "_why_down":
                found |= _words(node)
    for _, call in calls(WRITES):
        for given in call.args[1:]:
            found |= {word for tuple_ in _tuples(given) for word in _words(tuple_)}
    return found


def _tuples(node: ast.AST) -> Iterator[ast.Tuple]:
    return (each for each in ast.walk(node) if isinstance(each, ast.Tuple))


def _words(node: ast.AST) -> set[str]:
    docstrings = {each.value for each in ast.walk(node) if isinstance(each, ast.Expr)}
    return {
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
        if each not in docstrings
    }


@cache
def alarms() -> frozenset[str]:
    """Each text that an alarm is raised with, filled in; one that can't be is an error."""
    found: set[str] = set()
    for path, call in calls(("alarm",)):
        module = ".".join(("treadguard.guard", *path.relative_to(GUARD).with_suffix("").parts))
        known = vars(importlib.import_module(module))
        code = compile(ast.Expression(call.args[0]), str(path), "eval")
        texts = set(_filled(code, known))
        assert texts, f"{path.name}:{call.lineno} isn't understood"
        found |= texts
    return frozenset(found)


def _filled(code: object, known: dict[str, object]) -> Iterator[str]:
    for example in EXAMPLES:
        try:
            yield eval(code, known, example)  # type: ignore[arg-type]  # noqa: S307 -- our own source
        except KeyError:
            continue
