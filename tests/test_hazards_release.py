"""Rows H79 and H80 of docs/safety/hazards.toml: no way round the guard ships, and no replay drives.

What is looked at is the package as it is installed: its source, its options, its environment.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

from treadguard.cli import machines
from treadguard.cli.failure import Failure
from treadguard.scenario import read_scenario

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "treadguard"


def sources() -> dict[str, str]:
    """Each module as it would be loaded, by its name within the package."""
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)
        spec = importlib.util.find_spec(name.removesuffix(".__init__"))
        assert spec is not None
        assert isinstance(spec.loader, SourceFileLoader)
        found[name.removeprefix("treadguard.")] = spec.loader.get_source(spec.name) or ""
    return found


SOURCES = sources()

READ_AND_HARMLESS = {
    "TREADGUARD_DEBUG",  # a traceback behind the sentence
    "TREADGUARD_RUNTIME_DIR",  # where the card of a service lies
    "XDG_RUNTIME_DIR",
    "TMPDIR",
    "NOTIFY_SOCKET",  # the service manager that may restart the guard
    "WATCHDOG_USEC",
    "WATCHDOG_PID",
}
DECIDES = ("guard", "gate", "kernel", "journal", "ftms", "treadmill", "replay", "config", "units")
WAYS_ROUND = re.compile(
    r"--(?:.*-)?(?:guard|gate|unsafe|force|bypass|disable|skip|ignore|override|trust|yes)(?:-.*)?"
)
PROMISES = re.compile(r"emergency\W+stop|\be\W?stop\b", re.IGNORECASE)
RADIO = {"bleak", "bumble", "dbus_fast", "pycycling"}


def read_from_the_environment(source: str) -> set[str]:
    """Names of variables, and "?" for one that isn't written out."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        found: ast.expr | None = None
        if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("environ"):
            found = node.slice
        elif isinstance(node, ast.Call):
            what = ast.unparse(node.func)
            if what.endswith(("getenv", "environ.get", "environ.pop", "environ.setdefault")):
                found = node.args[0]
        if isinstance(found, ast.Constant):
            names.add(str(found.value))
        elif found is not None:
            names.add("?")
    return names


def options(source: str) -> set[str]:
    """Those that are written out, and those that are made of an argument's name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= set(re.findall(r"^--[a-z-]+$", node.value))
        elif isinstance(node, ast.arg):
            found.add("--" + node.arg.replace("_", "-"))
    return found


def test_no_variable_of_the_environment_reaches_what_decides() -> None:
    """H80."""
    read: set[str] = set()
    for name, source in SOURCES.items():
        names = read_from_the_environment(source)
        read |= names
        if name.split(".")[0] in DECIDES:
            assert names == set(), f"{name} reads {names}"
    assert read <= READ_AND_HARMLESS, f"what do {read - READ_AND_HARMLESS} do?"
    assert "TREADGUARD_DEBUG" in read, "nothing was looked at"


def test_no_option_leads_round_the_guard() -> None:
    """H80."""
    commands = [source for name, source in SOURCES.items() if name.startswith("cli.")]
    found = {option for source in commands for option in options(source)}
    assert {"--treadmill", "--policy"} <= found, "nothing was looked at"
    assert not {option for option in found if WAYS_ROUND.fullmatch(option)}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('import os\nif os.environ.get("X"): pass', {"X"}),
        ('import os\nos.environ["X"]', {"X"}),
        ('from os import getenv\ngetenv("X")', {"X"}),
        ("import os\nos.environ.get(name)", {"?"}),
        ("import os\nos.getcwd()", set()),
    ],
)
def test_every_look_at_the_environment_is_seen(source: str, found: set[str]) -> None:
    assert read_from_the_environment(source) == found


@pytest.mark.parametrize("option", ["--no-guard", "--disable-gate", "--force", "--unsafe", "--yes"])
def test_a_way_round_would_be_seen(option: str) -> None:
    assert WAYS_ROUND.fullmatch(option)
    assert options(f"x = {option!r}") == {option}


def test_the_package_carries_no_test_and_no_proof() -> None:
    """H80."""
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    assert wheel["targets"]["wheel"]["packages"] == ["src/treadguard"]
    for name, source in SOURCES.items():
        for node in ast.walk(ast.parse(source)):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            strange = {"tests", "proof", "hypothesis", "pytest"} & {n.split(".")[0] for n in names}
            assert not strange, f"{name} imports {strange}"


def test_no_word_of_ours_promises_a_safety_device() -> None:
    """I20: no button, page or setting borrows the name of what cuts the power."""
    pages = [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("configs/**/*.toml")]
    texts = [*SOURCES.values(), *(page.read_text() for page in pages)]
    assert not [text for text in texts if PROMISES.search(text)]
    assert any("Stop belt (software)" in text for text in texts), "nothing was looked at"


@pytest.mark.parametrize("label", ["E-STOP", "EMERGENCY" + " STOP", "an emergency" + "-stop"])
def test_a_promise_would_be_seen(label: str) -> None:
    assert PROMISES.search(label)


@pytest.mark.parametrize("word", ["Run 500", "C0:FF:EE:00:00:01", "SIM"])
def test_with_a_scenario_no_real_treadmill_is_even_looked_for(
    word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H79."""
    looked: list[str] = []

    def real(word: str, *_: object) -> machines.Choice:
        looked.append(word)
        raise LookupError

    monkeypatch.setattr(machines, "_real", real)
    script = read_scenario(ROOT / "configs" / "scenarios" / "pain_in_mid_run.toml")
    for played in (None, script):
        with pytest.raises((Failure, LookupError)):
            machines.choose(word, None, played, print)
    assert looked == [word], "once, where nothing is played"


@pytest.mark.parametrize(
    "command",
    [
        ["replay", "tests/sessions/deaf_to_fault.jsonl", "--check"],
        ["replay", "tests/sessions/deaf_to_fault.jsonl", "--sim"],
        ["simulate", "configs/scenarios/pain_in_mid_run.toml"],
    ],
    ids=" ".join,
)
def test_what_replays_or_simulates_never_loads_a_radio(command: list[str]) -> None:
    """H79, in a process of its own, looked at after it has done its work."""
    code = (
        "import runpy, sys\n"
        f"sys.argv = ['treadguard', *{command!r}]\n"
        "try: runpy.run_module('treadguard', run_name='__main__', alter_sys=True)\n"
        "except SystemExit as end: assert end.code == 0, end.code\n"
        f"print(sorted({{m.split('.')[0] for m in sys.modules}} & {RADIO!r}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
