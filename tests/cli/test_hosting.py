"""A session as a process: what it inherits, what it leaves, and how it is ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Run

from treadguard.cli import hosting
from treadguard.cli.failure import Failure
from treadguard.cli.hosting import host
from treadguard.cli.machines import Choice, Say, choose
from treadguard.cli.printer import Printer
from treadguard.cli.taking_up import GOES_ON_S, Wishes, state_path, take_up
from treadguard.guard.kept import Kept
from treadguard.guard.rules.symptoms import RED_FLAG_LOCK
from treadguard.replay.check import check
from treadguard.replay.reader import read
from treadguard.scenario import scenario_from_dict
from treadguard.session import state_file
from treadguard.session.battery import Battery
from treadguard.session.runtime import claim
from treadguard.treadmill import proven

SHORT = Wishes("sim", for_s=0.05)


def hosted(wishes: Wishes = SHORT) -> tuple[Path, list[str]]:
    said: list[str] = []
    assert host(wishes, said.append) == 0
    return Path(said[-1].removeprefix("journal: ")), said


def broken_off(journal: Path, *, cut: int = 1) -> None:
    """As if the process had died `cut` lines before the end."""
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-cut]) + b'{"torn')
    state_path("sim").with_suffix(".open").write_text(str(journal))


def keep(kept: Kept) -> None:
    state_file.save(state_path("sim"), kept)


def test_a_belt_is_called_at_rest_only_once_it_was_seen() -> None:
    _, said = hosted(replace(SHORT, for_s=1.5))
    assert said[-2] == "the belt is at rest"


def test_a_session_leaves_a_whole_journal_and_says_where(runtime: Path) -> None:
    journal, said = hosted()
    assert said[-2] == "treadguard never saw the belt: is it at rest?"
    assert journal.parent.name == "sessions"
    assert read(journal).ended
    assert not list(runtime.glob("*.json"))


@pytest.mark.usefixtures("runtime")
def test_a_break_is_not_over_by_ending_treadguard_and_starting_it_again() -> None:
    hosted()
    kept = Kept(triggers=2, ceiling=500, on_break=True, break_level=6, ended="safety key")
    keep(replace(kept, in_session=True))
    journal, said = hosted()
    assert read(journal).header.initial == replace(kept, ended=None), "and it wasn't a crash"
    assert "its highest 5 km/h after a stop for pain holds here too" in said[0]


@pytest.mark.usefixtures("runtime")
def test_a_later_session_inherits_the_locks_and_an_owed_stop_alone() -> None:
    hosted()
    keep(Kept(locks=(RED_FLAG_LOCK,), triggers=2, ceiling=500, on_break=True, owed_stop=True))
    where = state_path("sim")
    then = where.stat().st_mtime - GOES_ON_S - 60
    os.utime(where, (then, then))
    header = read(hosted()[0]).header
    assert header.initial == Kept(locks=(RED_FLAG_LOCK,), owed_stop=True)


@pytest.mark.usefixtures("runtime")
def test_a_damaged_or_missing_state_file_is_said_and_read_as_the_strictest() -> None:
    journal, _ = hosted()
    state_path("sim").write_bytes(b"{")
    said: list[str] = []
    host(replace(SHORT, for_s=3.0), said.append)
    assert "unlock" in said[0]
    again = Path(said[-1].removeprefix("journal: "))
    assert read(again).header.initial == Kept.most_restrictive()
    broken_off(journal)
    state_path("sim").unlink()
    host(replace(SHORT, for_s=3.0), said.append)
    assert sum("unlock" in one for one in said) == 2


@pytest.mark.usefixtures("runtime")
def test_a_session_that_broke_off_goes_on_in_its_journal() -> None:
    journal, _ = hosted()
    broken_off(journal)
    kept = Kept(triggers=2, ceiling=500, on_break=True, break_level=6)
    keep(kept)
    again, _ = hosted()
    assert again == journal
    lines = read(journal).lines
    restart = next(line for line in lines if line["kind"] == "restart")
    assert restart["initial_state"]["triggers"] == 2
    assert lines[-1]["kind"] == "end"
    assert check(journal).ok


@pytest.mark.usefixtures("runtime")
def test_under_other_rules_it_goes_on_in_a_new_journal(tmp_path: Path) -> None:
    journal, _ = hosted()
    broken_off(journal)
    keep(Kept(triggers=2))
    policy = tmp_path / "policy.toml"
    policy.write_text("[pain]\nstop_above = 3\n")
    again, _ = hosted(replace(SHORT, policy=policy))
    assert again != journal
    assert read(again).header.initial.triggers == 2


@pytest.mark.usefixtures("runtime")
def test_one_that_broke_off_long_ago_is_over() -> None:
    journal, _ = hosted()
    broken_off(journal)
    long_ago = time.time() - 7200
    os.utime(journal, (long_ago, long_ago))
    keep(Kept(triggers=2, owed_stop=True, moving=True))
    os.utime(state_path("sim"), (long_ago, long_ago))
    again, _ = hosted()
    assert again != journal
    assert read(again).header.initial == Kept(owed_stop=True, moving=True)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The simulated treadmill as a proven one that has changed; notes who asked it."""
    found: list[str] = []

    def chosen(*given: Any) -> Choice:
        choice = choose(*given)

        def recognise(say: Say) -> Choice:
            found.append(choice.key)
            say("it isn't as it was")
            return replace(choice, proven=False)

        return replace(choice, recognise=recognise)

    monkeypatch.setattr(hosting, "choose", chosen)
    return found


@pytest.mark.usefixtures("runtime")
def test_a_machine_that_has_changed_is_only_watched(asked: list[str]) -> None:
    said: list[str] = []
    host(SHORT, said.append)
    assert asked == ["sim"]
    assert said[0] == "it isn't as it was"
    assert not read(Path(said[-1].removeprefix("journal: "))).header.proven


@pytest.mark.parametrize("left", [Kept(moving=True), Kept(owed_stop=True), None])
@pytest.mark.usefixtures("runtime")
def test_where_a_belt_may_move_nobody_asks_first_who_it_is(
    asked: list[str], left: Kept | None
) -> None:
    """The driver asks on its connection, beside the Stop that may be owed."""
    journal, _ = hosted()
    assert asked.pop() == "sim"
    if left is None:
        broken_off(journal)
    else:
        keep(left)
    host(replace(SHORT, for_s=3.0), lambda _: None)
    assert asked == []


@pytest.mark.usefixtures("runtime")
def test_a_session_that_goes_on_needs_no_room_to_say_so() -> None:
    """A disk that is full, perhaps what it died of, keeps nobody from the Stop that is owed."""
    journal, _ = hosted()
    broken_off(journal)
    state_path("sim").with_suffix(".open").chmod(0o400)
    before = state_path("sim").with_suffix(".open").stat().st_mtime_ns
    session = take_up(SHORT, choose("sim", None, None, print), Path("unused"), print)
    session.file.close()
    assert session.after is not None
    assert session.path == journal
    assert state_path("sim").with_suffix(".open").stat().st_mtime_ns == before


@pytest.mark.usefixtures("runtime")
def test_a_script_neither_inherits_nor_leaves_a_lock() -> None:
    keep(Kept(locks=(RED_FLAG_LOCK,)))
    script = scenario_from_dict(
        {"name": "x", "duration_s": 0.1, "at": [{"s": 0.05, "do": "symptom", "what": "fall"}]}, "x"
    )
    journal, _ = hosted(Wishes("sim", script=script))
    assert read(journal).header.initial == Kept()
    assert state_file.load(state_path("sim")).locks == (RED_FLAG_LOCK,)


@pytest.mark.usefixtures("runtime")
def test_a_script_that_kills_is_for_simulate() -> None:
    script = scenario_from_dict({"name": "x", "duration_s": 5, "at": [{"s": 1, "do": "kill"}]}, "x")
    with pytest.raises(Failure, match="only 'treadguard simulate' can play") as caught:
        host(Wishes("sim", script=script), lambda _: None)
    assert caught.value.code == 2


@pytest.mark.usefixtures("runtime")
def test_a_treadmill_is_guarded_once() -> None:
    with claim("sim"), pytest.raises(Failure, match="already guarded") as caught:
        host(SHORT, lambda _: None)
    assert caught.value.code == 3


@pytest.mark.usefixtures("runtime")
def test_a_journal_that_exists_is_not_touched(tmp_path: Path) -> None:
    journal = tmp_path / "mine.jsonl"
    journal.write_text("mine")
    with pytest.raises(Failure) as caught:
        host(replace(SHORT, journal=journal), lambda _: None)
    assert caught.value.code == 2
    assert journal.read_text() == "mine"


# ---------------------------------------------------------------- the computer


@pytest.fixture
def on_battery(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The simulated treadmill as a real one, beside a computer whose battery is low."""

    def chosen(*given: Any) -> Choice:
        return replace(choose(*given), is_real=True)

    monkeypatch.setattr(hosting, "choose", chosen)
    monkeypatch.setattr(hosting, "battery", lambda: Battery(14, discharging=True))
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nobody")


@pytest.mark.usefixtures("runtime", "on_battery")
def test_on_a_low_battery_no_session_starts_on_a_real_treadmill(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(Failure, match=r"14 % .* plug it in first") as caught:
        host(SHORT, lambda _: None)
    assert caught.value.code == 1
    monkeypatch.setattr(hosting, "battery", lambda: Battery(14, discharging=False))
    hosted()


@pytest.mark.usefixtures("runtime")
def test_the_simulated_treadmill_runs_on_any_battery(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosting, "battery", lambda: Battery(1, discharging=True))
    hosted()


@pytest.mark.usefixtures("runtime", "on_battery")
def test_a_stop_that_is_owed_is_not_refused_for_a_low_battery() -> None:
    keep(Kept(owed_stop=True))
    host(replace(SHORT, for_s=3.0), lambda _: None)


@pytest.mark.usefixtures("runtime", "on_battery")
def test_beside_a_real_belt_a_computer_that_cant_be_kept_awake_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hosting, "battery", lambda: None)
    _, said = hosted(replace(SHORT, for_s=0.5))
    assert sum("doesn't go to sleep" in one for one in said) == (sys.platform == "linux")


def test_an_alarm_past_the_loop_rings_the_bell(capfd: pytest.CaptureFixture[str]) -> None:
    hosting._cry_out("held up")
    assert capfd.readouterr().err == "\aALARM: held up\n"


# ---------------------------------------------------------------- unlock without a service


def test_unlock_without_a_service_opens_the_state_file(run: Run) -> None:
    keep(Kept(locks=(RED_FLAG_LOCK,), owed_stop=True))
    assert run("unlock", "--confirm", "professional-seen").out == "unlocked: sim\n"
    assert state_file.load(state_path("sim")) == Kept(owed_stop=True)
    assert run("unlock", "--confirm", "professional-seen").out == "nothing is locked\n"


def test_unlock_leaves_the_proven_machines_beside_the_state_files_alone(run: Run) -> None:
    keep(Kept(locks=(RED_FLAG_LOCK,)))
    entry = proven.Entry("Pad", "2026-01-01")
    proven.remember(proven.proven_file(), "AA:BB", entry)
    assert run("unlock", "--confirm", "professional-seen").out == "unlocked: sim\n"
    assert proven.entry_of(proven.proven_file(), "AA:BB") == entry


def test_unlock_opens_an_unreadable_file_and_keeps_the_rest_strict(run: Run) -> None:
    keep(Kept())
    state_path("sim").write_text("broken")
    assert run("unlock", "--confirm", "professional-seen").code == 0
    assert state_file.load(state_path("sim")) == replace(Kept.most_restrictive(), locks=())


def test_unlock_of_an_unknown_treadmill_is_bad_input(run: Run) -> None:
    ended = run("unlock", "--confirm", "professional-seen", "--treadmill", "other")
    assert (ended.code, ended.out) == (2, "")


# ---------------------------------------------------------------- the terminal


def test_a_terminal_that_hangs_holds_up_nobody() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        printer = Printer(stream)
        begin = time.monotonic()
        for _ in range(3000):
            printer("x" * 1000)  # more than the pipe holds, and nobody reads
        assert time.monotonic() - begin < 1.0
        os.close(reading)
        printer.close()


# ---------------------------------------------------------------- the whole of it, once, for real


def test_a_served_session_takes_presses_and_ends_at_sigterm(run: Run, runtime: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "treadguard", "serve", "--treadmill", "sim"],
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        card = runtime / "sim.json"
        until = time.monotonic() + 30
        while not card.exists():
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        assert json.loads(card.read_text())["pid"] == process.pid
        assert card.stat().st_mode & 0o077 == 0
        ended = run("pain", "6")
        assert (ended.code, ended.err) == (0, "")
        assert ended.out.startswith("pain 6: sent (line ")
        assert run("speed", "5").code == 0
        assert run("stop", "--treadmill", "sim").code == 0
        process.send_signal(signal.SIGTERM)
        err = process.communicate(timeout=40)[1]
        assert process.returncode == 0
    assert "stopping the belt" in err
    journal = Path(err.splitlines()[-1].removeprefix("journal: "))
    assert check(journal).ok
    assert not card.exists()
    assert run("stop").code == 3
