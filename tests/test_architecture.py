"""What the deciding half may import, name by name; the layers are [tool.importlinter]'s."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "treadguard"
STANDARD = {"__future__", "collections.abc", "dataclasses", "enum", "typing"}
CLOCKS_CHANCE_AND_IO = {"asyncio", "bleak", "random", "secrets", "socket", "threading", "time"}


def files_of(part: str) -> list[Path]:
    single = PACKAGE / f"{part}.py"
    return [single] if single.exists() else sorted((PACKAGE / part).rglob("*.py"))


def imported_by(source: str) -> set[str]:
    """Absolute names of imported modules; `from treadguard import gate` is treadguard.gate."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole module"
            module = node.module or ""
            if module in {"treadguard", "collections"}:
                names |= {f"{module}.{alias.name}" for alias in node.names}
            else:
                names.add(module)
    return names


def within(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize(
    ("part", "own"),
    [
        ("guard", {"treadguard.units", "treadguard.guard"}),
        ("gate", {"treadguard.units", "treadguard.gate_axis"}),
        ("gate_axis", {"treadguard.units"}),
        ("units", {"math"}),
    ],
)
def test_what_decides_imports_nothing_but_its_own(part: str, own: set[str]) -> None:
    files = files_of(part)
    assert files
    for file in files:
        strange = {n for n in imported_by(file.read_text()) - STANDARD if not within(n, own)}
        assert not strange, f"{file.name} imports {strange}"


@pytest.mark.parametrize(
    "part", ["ftms", "gate", "guard", "journal", "kernel", "replay", "routines", "units"]
)
def test_what_must_be_recomputable_knows_no_clock_and_no_chance(part: str) -> None:
    files = files_of(part)
    assert files
    for file in files:
        strange = {n for n in imported_by(file.read_text()) if within(n, CLOCKS_CHANCE_AND_IO)}
        assert not strange, f"{file.name} imports {strange}"


def test_every_form_of_import_is_seen() -> None:
    source = (
        "import asyncio.tasks\nfrom time import sleep\ndef f():\n    from treadguard import gate"
    )
    assert imported_by(source) == {"asyncio.tasks", "time", "treadguard.gate"}
