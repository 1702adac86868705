"""Every quirk, seen to differ from the same machine without it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from tests.sim.bench import Bench

from treadguard.ftms import control_point, treadmill_data
from treadguard.sim.presets import QUIRKS, declared_speeds, preset_named, properties_of

SEEN: Final = {
    "mph",
    "pause-unsupported",
    "stop-toggles",
    "set-speed-starts",
    "control-refused",
    "command-only",
    "range-lies",
    "restarts-at-old-speed",
    "control-silent",
    "split-records",
    "truncated",
}


def test_every_quirk_has_its_test() -> None:
    assert SEEN == QUIRKS


def test_every_quirk_is_listed_for_users() -> None:
    example = Path(__file__).parents[2] / "configs" / "scenarios" / "pain_in_mid_run.toml"
    listed = re.findall(r'^# "([a-z-]+)"', example.read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(QUIRKS)


@pytest.mark.parametrize(("quirks", "belt"), [((), 500), (("mph",), 800)])
def test_mph_takes_the_target_as_miles(quirks: tuple[str, ...], belt: int) -> None:
    bench = Bench("ideal", *quirks)
    bench.runs(500)
    assert bench.speed == belt  # 5 mph are 8.05 km/h, floored to the step
    assert bench.shown()[-1][1] == belt
    assert b"\x05\xf4\x01" in bench.bytes_of("2ada")  # it still echoes what was written


def test_mph_makes_a_small_lowering_speed_the_belt_up() -> None:
    bench = Bench("ideal", "mph")
    bench.write(control_point.request_control())
    bench.motor.console_start()
    bench.wait(10)
    bench.motor.console_speed(bench.motor.preset.nearest_speed(600))
    bench.wait(10)
    bench.write(control_point.set_speed(540), wait=10)
    assert bench.speed == 860


@pytest.mark.parametrize(
    ("quirks", "result", "belt"), [((), 1, 0), (("pause-unsupported",), 2, 500)]
)
def test_pause_unsupported_refuses_and_runs_on(
    quirks: tuple[str, ...], result: int, belt: int
) -> None:
    bench = Bench("ideal", *quirks)
    bench.runs(500)
    assert bench.write(control_point.pause(), wait=20) == result
    assert bench.speed == belt


@pytest.mark.parametrize(("quirks", "result", "belt"), [((), 4, 0), (("stop-toggles",), 1, 100)])
def test_stop_toggles_starts_a_standing_belt(
    quirks: tuple[str, ...], result: int, belt: int
) -> None:
    bench = Bench("ideal", *quirks)
    bench.runs(500)
    assert bench.write(control_point.stop(), wait=20) == 1
    assert bench.speed == 0
    assert bench.write(control_point.stop(), wait=20) == result
    assert bench.speed == belt


@pytest.mark.parametrize(
    ("quirks", "result", "belt"), [((), 4, 0), (("set-speed-starts",), 1, 300)]
)
def test_set_speed_starts_a_standing_belt_and_goes_there(
    quirks: tuple[str, ...], result: int, belt: int
) -> None:
    bench = Bench("ideal", *quirks)
    bench.write(control_point.request_control())
    for _ in range(2):
        assert bench.write(control_point.set_speed(300), wait=1) == result
        assert bench.speed == 0  # it counts down like any start
        bench.wait(20)
        assert bench.speed == belt
        bench.write(control_point.pause(), wait=20)
        assert bench.speed == 0
    bench.write(control_point.start(), wait=20)
    assert bench.speed == 100


def test_without_its_key_no_set_speed_starts_it() -> None:
    bench = Bench("ideal", "set-speed-starts")
    bench.runs(300)
    bench.motor.safety_key()
    bench.wait(10)
    assert bench.write(control_point.set_speed(300), wait=20) == 4
    assert bench.speed == 0


def test_set_speed_starts_nothing_that_is_on_its_way_already() -> None:
    bench = Bench("ideal", "set-speed-starts")
    bench.runs(500)
    bench.write(control_point.stop(), wait=1)
    assert bench.write(control_point.set_speed(500), wait=20) == 4
    assert bench.speed == 0
    bench.write(control_point.start(), wait=1)
    assert bench.write(control_point.set_speed(500), wait=20) == 4
    assert bench.speed == 100


@pytest.mark.parametrize(("quirks", "result"), [((), 1), (("control-refused",), 4)])
def test_control_refused_obeys_nevertheless(quirks: tuple[str, ...], result: int) -> None:
    bench = Bench("ideal", *quirks)
    assert bench.write(control_point.request_control()) == result
    assert bench.write(control_point.start(), wait=12) == 1
    assert bench.write(control_point.set_speed(500), wait=20) == 1
    assert bench.speed == 500


@pytest.mark.parametrize(
    ("preset", "properties"),
    [
        ("ideal", {"write-without-response", "indicate"}),
        ("urevo-e1l", {"write-without-response", "notify"}),
    ],
)
def test_command_only_declares_no_write_requests(preset: str, properties: set[str]) -> None:
    machine = preset_named(preset)
    assert properties_of(machine, frozenset()) == machine.control_point
    assert properties_of(machine, frozenset({"command-only"})) == properties


def test_range_lies_declares_what_it_then_refuses() -> None:
    bench = Bench("citysports", "range-lies")
    assert declared_speeds(bench.motor.preset, frozenset()) == (100, 1200, 10)
    assert declared_speeds(bench.motor.preset, bench.motor.quirks) == (50, 2500, 10)
    bench.runs(500)
    for declared in (90, 1210):
        assert bench.write(control_point.set_speed(declared), wait=20) == 3
        assert bench.speed == 500


@pytest.mark.parametrize(("quirks", "belt"), [((), 100), (("restarts-at-old-speed",), 500)])
def test_restarts_at_old_speed_goes_back_to_where_it_was(
    quirks: tuple[str, ...], belt: int
) -> None:
    bench = Bench("ideal", *quirks)
    bench.runs(500)
    bench.write(control_point.stop(), wait=20)
    bench.write(control_point.start(), wait=20)
    assert bench.speed == belt
    bench.write(control_point.stop(), wait=20)
    bench.write(control_point.start(), wait=1)
    bench.write(control_point.stop(), wait=20)  # in the countdown, which forgets nothing
    bench.write(control_point.start(), wait=20)
    assert bench.speed == belt


@pytest.mark.parametrize(("quirks", "answers"), [((), 3), (("control-silent",), 0)])
def test_control_silent_obeys_and_never_answers(quirks: tuple[str, ...], answers: int) -> None:
    bench = Bench("ideal", *quirks)
    bench.runs(500)
    assert bench.speed == 500
    assert len(bench.bytes_of("2ad9")) == answers
    assert bench.bytes_of("2ada") == [b"\x04", b"\x05\xf4\x01"]


def fields(data: bytes) -> tuple[int | None, int | None]:
    record = treadmill_data.decode(data)
    return record.speed, record.incline


@pytest.mark.parametrize(
    ("preset", "quirks", "parts"),
    [
        ("ideal", (), [(300, 20)]),
        ("ideal", ("split-records",), [(None, 20), (300, None)]),
        ("fitshow", (), [(300, None), (None, 20)]),
    ],
)
def test_split_records_bring_speed_and_grade_apart(
    preset: str, quirks: tuple[str, ...], parts: list[tuple[int | None, int | None]]
) -> None:
    bench = Bench(preset, *quirks)
    bench.runs(300, grade=20)
    assert [fields(data) for data in bench.bytes_of("2acd")][-len(parts) :] == parts
    at = [t for t, char, _ in bench.sent if char == "2acd"]
    assert at[-1] == at[-len(parts)]


def test_truncated_records_end_anywhere_but_keep_the_speed() -> None:
    whole, cut = Bench(), Bench("ideal", "truncated")
    for bench in (whole, cut):
        bench.runs(300, grade=20)
    assert not any(treadmill_data.decode(data).truncated for data in whole.bytes_of("2acd"))
    records = [treadmill_data.decode(data) for data in cut.bytes_of("2acd")]
    assert all(record.truncated and record.speed is not None for record in records)
    assert {len(data) for data in cut.bytes_of("2acd")} == set(range(4, 21))
    assert {record.incline for record in records[-20:]} == {None, 20}
