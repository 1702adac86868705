"""Does the check see every output that isn't what the guard does?"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.session.rig import Rig, live

from treadguard import kernel
from treadguard.guard.events import Event, Output
from treadguard.guard.state import State
from treadguard.journal import OUTPUT_KINDS
from treadguard.replay.check import Report, check
from treadguard.replay.reader import DamagedJournal
from treadguard.session.service import Crashed


async def short_walk(rig: Rig) -> None:
    await asyncio.sleep(3)
    rig.service.operator("start")
    await asyncio.sleep(8)
    rig.service.operator("speed", 170)
    await asyncio.sleep(6)
    rig.service.pain(6)
    await asyncio.sleep(6)
    # The belt stands: the gate refuses this Stop, and the veto must be recomputed as well.
    rig.service.operator("stop")


def recorded() -> list[dict[str, Any]]:
    rig = Rig()
    assert live(rig, short_walk) == 0
    return rig.lines


LINES = recorded()
OUTPUTS = [n for n, line in enumerate(LINES) if line["kind"] in OUTPUT_KINDS]


def checked(where: Path, lines: list[dict[str, Any]], *, cut: int = 0) -> Report:
    path = where / "j.jsonl"
    raw = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    path.write_bytes(raw[: len(raw) - cut])
    return check(path)


def renumbered(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [lines[0], *({**line, "seq": n} for n, line in enumerate(lines[1:], start=1))]


def other(value: object) -> object:
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return value + "?"
        case None:
            return 1
        case _:
            return [value]


def test_an_honest_journal_is_equal_and_counts_what_was_compared(tmp_path: Path) -> None:
    report = checked(tmp_path, LINES)
    assert report.ok, report.sentence
    assert report.compared == len(OUTPUTS) > 10
    assert report.inputs + report.compared + 2 == len(LINES)
    assert {"command", "verdict", "veto", "phase", "limit", "cue"} <= {
        LINES[n]["kind"] for n in OUTPUTS
    }


@pytest.mark.parametrize("n", OUTPUTS)
def test_every_changed_output_is_found_at_its_line(tmp_path: Path, n: int) -> None:
    line = LINES[n]
    for key in set(line) - {"seq", "t", "kind"}:
        changed = [*LINES]
        changed[n] = {**line, key: other(line[key])}
        report = checked(tmp_path, changed)
        assert not report.ok, f"{key} of {line}"
        assert f"line {n + 1} " in report.sentence


def test_an_output_that_is_gone_is_found(tmp_path: Path) -> None:
    for n in OUTPUTS[::5]:
        report = checked(tmp_path, renumbered(LINES[:n] + LINES[n + 1 :]))
        assert not report.ok


def test_an_output_that_is_gone_is_found_before_the_next_input(tmp_path: Path) -> None:
    last_of_turn = [n for n in OUTPUTS if LINES[n + 1]["kind"] not in OUTPUT_KINDS]
    for n in last_of_turn[:-1]:
        report = checked(tmp_path, renumbered(LINES[:n] + LINES[n + 1 :]))
        assert f"at line {n + 1} an output is missing" in report.sentence
    n = last_of_turn[-1]
    assert LINES[n + 1]["kind"] == "end"
    report = checked(tmp_path, renumbered(LINES[:n] + LINES[n + 1 :]))
    assert "at the end an output is missing" in report.sentence


def test_an_output_too_many_is_found(tmp_path: Path) -> None:
    for n in OUTPUTS[::5]:
        report = checked(tmp_path, renumbered(LINES[: n + 1] + LINES[n:]))
        assert not report.ok


def test_an_added_key_is_found(tmp_path: Path) -> None:
    changed = [*LINES]
    changed[OUTPUTS[3]] = {**changed[OUTPUTS[3]], "shadow": True}
    assert not checked(tmp_path, changed).ok


def test_a_journal_without_outputs_has_not_been_checked(tmp_path: Path) -> None:
    ticks = [line for line in LINES if line["kind"] in ("header", "end")]
    report = checked(tmp_path, renumbered(ticks))
    assert not report.ok
    assert "nothing was compared" in report.sentence


def test_another_policy_in_the_header_is_found(tmp_path: Path) -> None:
    header = msgspec.json.decode(msgspec.json.encode(LINES[0]))
    header["policy"]["caps"]["speed_kmh"] = 9.0
    assert not checked(tmp_path, [header, *LINES[1:]]).ok


def test_a_journal_cut_off_anywhere_is_equal_as_far_as_it_goes(tmp_path: Path) -> None:
    for end in range(OUTPUTS[0] + 1, len(LINES), 7):
        report = checked(tmp_path, LINES[:end], cut=3)
        assert "torn" in report.sentence
        assert report.compared == len([n for n in OUTPUTS if n < end - 1])
        assert report.ok or report.compared == 0


def test_an_input_that_is_none_is_damage_with_its_line(tmp_path: Path) -> None:
    n = next(n for n, line in enumerate(LINES) if line["kind"] == "operator")
    changed = [*LINES]
    changed[n] = {**changed[n], "do": "fly"}
    with pytest.raises(DamagedJournal, match=f"line {n + 1}"):
        checked(tmp_path, changed)


def test_a_guard_that_fails_is_a_difference_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: State, event: Event) -> tuple[State, tuple[Output, ...]]:
        raise KeyError(event.t)

    monkeypatch.setattr(kernel, "step", fails)
    report = checked(tmp_path, LINES)
    assert not report.ok
    assert "line 2 makes the guard fail" in report.sentence


def test_a_restart_goes_on_from_its_own_state(tmp_path: Path) -> None:
    rig = Rig()

    async def until_killed(rig: Rig) -> None:
        await rig.walk(200)
        rig.service.die()

    async def after_that(_: Rig) -> None:
        await asyncio.sleep(20)

    assert live(rig, until_killed, stop=False) != 0
    last = rig.lines[-1]
    assert rig.sink.kept is not None
    assert rig.sink.kept.moving
    rig.serve(rig.sink.kept, Crashed(last["seq"], last["t"]))
    live(rig, after_that)
    assert [line["seq"] for line in rig.lines[1:]] == list(range(1, len(rig.lines)))
    assert len(rig.of("restart")) == 1
    assert rig.of("alarm")
    report = checked(tmp_path, rig.lines)
    assert report.ok, report.sentence
    assert not report.notes


def test_the_services_own_alarm_is_passed_over(tmp_path: Path) -> None:
    rig = Rig()

    async def full_disk(rig: Rig) -> None:
        await asyncio.sleep(3)
        rig.service.alarm("The disk is full.")
        rig.service.operator("break")
        await asyncio.sleep(3)

    live(rig, full_disk)
    (line,) = rig.of("alarm")
    assert line["from"] == "service"
    assert rig.of("cue")[-1]["seq"] > line["seq"]
    report = checked(tmp_path, rig.lines)
    assert report.ok, report.sentence
