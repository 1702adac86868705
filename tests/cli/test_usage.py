"""Whatever is typed: an exit code, one sentence on stderr, and never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from treadguard.cli import dash
from treadguard.cli.main import COMMANDS
from treadguard.cli.run import DEMONSTRATION as DEMO

BAD_USAGE = [
    "",
    "stpo",
    "--foo",
    "-1",
    "PAIN 6",
    "pain",
    "pain 11",
    "pain -1",
    "pain 6.5",
    "pain 06",
    "pain +6",
    "pain 1_0",
    "pain ٦",
    "pain six",
    "pain nan",
    "pain 6 7",
    "pain --level 6",
    "pain 6 --treadmill",
    "pain 6 --treadmill=",
    "symptom",
    "ease 3",
    "stop now",
    "stop --all",
    "break 60",
    "resume",
    "resume now",
    "resume --confirm",
    "resume --confirm yes",
    "resume --programme",
    "resume --programme=easy_walk.toml",
    "ease --programme",
    "unlock",
    "unlock --confirm on-belt-key-clipped",
    "speed",
    "speed abc",
    "speed nan",
    "speed inf",
    "speed -1",
    "speed -inf",
    "speed 0",
    "speed 21",
    "speed 1e1",
    "speed 5,5",
    "speed ٣",
    "speed .",
    "speed 5 km/h",
    "incline steep",
    "incline -1",
    "incline 15.1",
    "decode",
    "decode 2acd",
    "decode 2acd zz",
    "decode 2acd 0",
    "decode 2acd 0x",
    "decode 2acd -1",
    "decode 9999 00",
    "decode 2a 00",
    "config",
    "config shw",
    "config check",
    "config check nowhere.toml",
    "config check .",
    "config show --policy nowhere.toml",
    "config show --profile nowhere.toml",
    "config check --profile nowhere.toml",
    "setup",
    "setup now",
    "setup --answers",
    "setup --answers nowhere.toml",
    "simulate",
    "simulate nowhere.toml",
    "simulate .",
    "simulate nowhere.toml --seed -1",
    "simulate nowhere.toml --seed x",
    "replay",
    "replay nowhere.jsonl",
    "replay nowhere.jsonl --check",
    "replay nowhere.jsonl --sim",
    "replay nowhere.jsonl --sim walkman",
    "replay nowhere.jsonl --check --sim",
    "replay nowhere.jsonl --against",
    "replay nowhere.jsonl --against nowhere.toml",
    "replay nowhere.jsonl --check --against nowhere.toml",
    "run",
    "run --treadmill",
    "run --treadmill sim --for 0",
    "run --treadmill sim --for x",
    "run --treadmill sim --mode programme",
    "run --treadmill sim --scenario nowhere.toml",
    "run --treadmill sim --headless --policy nowhere.toml",
    "run --treadmill sim extra",
    "serve",
    "serve --treadmill sim --policy nowhere.toml",
]

NO_SERVICE = [
    "pain 6",
    "pain button",
    "symptom chest-pain",
    "ease",
    "stop",
    "break",
    "resume --confirm on-belt-key-clipped",
    "speed 5",
    "incline 1",
    "stop --treadmill left",
    "run --treadmill F3:A1:00:00:00:01 --headless",
    "run --treadmill nobodys",
    "serve --treadmill LifeSpan",
]


def _one_sentence(err: str) -> None:
    assert err.startswith("treadguard: ")
    assert err.endswith(".\n")
    assert err.count("\n") == 1, err
    assert "Traceback" not in err
    assert "unexpectedly" not in err


@pytest.mark.parametrize("line", BAD_USAGE)
def test_bad_usage_is_exit_2_and_one_sentence(run: Run, line: str) -> None:
    ended = run(*line.split(" ") if line else [])
    assert ended.code == 2
    _one_sentence(ended.err)


@pytest.mark.parametrize("line", NO_SERVICE)
def test_no_treadmill_or_service_is_exit_3_and_one_sentence(run: Run, line: str) -> None:
    ended = run(*line.split())
    assert ended.code == 3
    _one_sentence(ended.err)


def test_odd_bytes_in_an_argument_are_bad_usage(run: Run) -> None:
    for argument in ("\udcff", "\x1b[2J", "a\nb", "x" * 100_000, ""):
        assert run("pain", argument).code == 2
        assert run(argument).code == 2


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(run: Run, name: str) -> None:
    ended = run(name, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert f"Usage: treadguard {name}" in ended.out
    assert f"Example: treadguard {name}" in ended.out


@pytest.mark.parametrize("sub", ["show", "check"])
def test_subcommands_have_help_with_an_example(run: Run, sub: str) -> None:
    assert f"Example: treadguard config {sub}" in run("config", sub, "--help").out


def test_the_list_names_every_command_with_a_line(run: Run) -> None:
    ended = run("--help")
    assert ended.code == 0
    for name, (_, line) in COMMANDS.items():
        assert f"\n  {name} " in ended.out
        assert f"  {line}\n" in ended.out


def test_a_near_miss_names_the_command(run: Run) -> None:
    assert "did you mean 'simulate'?" in run("simluate").err


def test_a_failure_nobody_thought_of_is_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: list[str]) -> int:
        raise RuntimeError("first line\nsecond line")

    monkeypatch.setattr("treadguard.cli.ease.main", broken)
    ended = run("ease")
    assert ended.code == 1
    assert ended.err.count("\n") == 1
    assert "RuntimeError: first line second line" in ended.err
    monkeypatch.setenv("TREADGUARD_DEBUG", "1")
    assert "Traceback" in run("ease").err


def _program(line: str, **streams: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "treadguard", *line.split()],
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        stdout=streams.get("stdout", subprocess.PIPE),
        env=dict(os.environ),
    )


def test_the_program_itself_ends_with_these_codes(runtime: Path) -> None:
    assert runtime.is_dir()
    lines = {"--help": 0, "--version": 0, "pain 11": 2, "pain 6": 3, "decode 2acd zz": 2}
    with ThreadPoolExecutor(4) as pool:
        ended = dict(zip(lines, pool.map(_program, lines), strict=True))
    assert {line: ran.returncode for line, ran in ended.items()} == lines
    assert all("Traceback" not in ran.stderr for ran in ended.values())


def test_a_full_disk_or_a_closed_pipe_is_no_traceback(runtime: Path) -> None:
    assert runtime.is_dir()
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ran = _program("--help", stdout=full.fileno())
    assert ran.returncode == 2
    _one_sentence(ran.stderr)
    reading, writing = os.pipe()
    os.close(reading)
    ran = _program("--help", stdout=writing)
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (1, "")


@pytest.mark.parametrize(
    ("given", "command"),
    [
        (["--treadmill", "sim"], ["serve", "--treadmill=sim"]),
        (
            ["--treadmill", "My Pad", "--adapter", "hci1", "--mode", "shadow", "--for", "60"],
            ["serve", "--treadmill=My Pad", "--adapter=hci1", "--mode=shadow", "--for=60.0"],
        ),
        (
            ["--treadmill=sim", f"--scenario={DEMO}", "--policy=p.toml", "--journal=j.jsonl"],
            [
                "serve",
                "--treadmill=sim",
                "--policy=p.toml",
                "--journal=j.jsonl",
                f"--scenario={DEMO}",
            ],
        ),
    ],
)
def test_on_a_terminal_run_starts_the_service_and_shows_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, given: list[str], command: list[str]
) -> None:
    started: list[list[str]] = []
    names: list[str] = []

    def together(args: list[str], playing: str) -> int:
        started.append(args)
        names.append(playing)
        return 7

    monkeypatch.setattr(dash, "is_terminal", lambda: True)
    monkeypatch.setattr(dash, "together", together)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert run("run", *given).code == 7
    assert started == [command]
    assert names == ["demonstration" if "--scenario" in str(given) else ""]
    # What it starts is a command line that is understood.
    assert run(*command, "--nonsense").err.startswith("treadguard: No such option: --nonsense")


def test_headless_or_into_a_pipe_run_shows_no_dashboard(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dash, "is_terminal", lambda: True)
    monkeypatch.setattr(dash, "together", lambda *_: 7)
    assert run("run", "--treadmill=sim", "--for=1").code == 0
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert run("run", "--treadmill=sim", "--for=1", "--headless").code == 0
