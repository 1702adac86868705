"""The presets against what was measured on the machines they are named for (FTMS, timings)."""

from __future__ import annotations

import itertools

import pytest
from tests.sim.bench import Bench

from treadguard.ftms import control_point
from treadguard.sim.presets import PRESETS, preset_named, quirks_named


def test_an_unknown_preset_or_quirk_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'fast'; choose one of ideal, citysports"):
        preset_named("fast")
    with pytest.raises(ValueError, match=r"'mhp'; choose from command-only, control-"):
        quirks_named(["mph", "mhp"])
    assert quirks_named(["mph", "truncated"]) == {"mph", "truncated"}


def answer_ms(bench: Bench, frame: bytes) -> int:
    since, at = len(bench.sent), bench.agenda.now
    bench.write(frame)
    return next(t for t, char, _ in bench.sent[since:] if char == "2ad9") - at


def moves_ms(bench: Bench) -> int:
    """From a write of Start to the first record that shows motion."""
    bench.write(control_point.request_control())
    at = bench.agenda.now
    bench.write(control_point.start(), wait=12)
    return next(t for t, speed in bench.shown(at) if speed) - at


@pytest.mark.parametrize(
    ("name", "every_ms"),
    [("ideal", 1000), ("citysports", 190), ("urevo-e1l", 500), ("fitshow", 1000)],
)
def test_records_come_as_often_as_measured(name: str, every_ms: int) -> None:
    bench = Bench(name)
    bench.wait(20)
    times = [t for t, _ in bench.shown()]
    assert {after - before for before, after in itertools.pairwise(times)} == {every_ms}


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("ideal", 50, 50),
        ("citysports", 44, 211),
        ("urevo-e1l", 45, 45),
        ("fitshow", 44, 211),
        ("omega-z", 1430, 1430),
    ],
)
def test_answers_take_as_long_as_measured(name: str, least: int, most: int) -> None:
    took = []
    for seed in range(30):
        bench = Bench(name, seed=seed)
        bench.runs(300)
        took.append(answer_ms(bench, control_point.set_speed(200)))
    assert least <= min(took)
    assert max(took) <= most
    assert least == most or max(took) - min(took) > 50  # it does vary


@pytest.mark.parametrize("seed", range(10))
def test_a_citysports_shows_a_new_target_about_a_quarter_of_a_second_after_the_write(
    seed: int,
) -> None:
    bench = Bench("citysports", seed=seed)
    bench.runs(300)
    bench.wait(seed * 0.031)
    at = bench.agenda.now
    bench.write(control_point.set_speed(100))
    shown = next(t for t, speed in bench.shown(at) if speed == 100) - at
    assert 156 <= shown <= 156 + 190


def test_a_citysports_takes_nine_seconds_from_3_kmh_to_a_stand() -> None:
    bench = Bench("citysports")
    bench.runs(300)
    at = bench.agenda.now
    bench.write(control_point.stop(), wait=20)
    stood = next(t for t, speed in bench.shown(at) if speed == 0) - at
    assert 9_000 <= stood <= 9_600


def test_a_citysports_shows_its_target_until_a_stop_shows_the_motor() -> None:
    bench = Bench("citysports")
    bench.runs(300)
    bench.write(control_point.set_speed(100), wait=4)
    assert bench.shown()[-1][1] == 100
    at = bench.agenda.now
    bench.write(control_point.stop(), wait=1)
    assert 150 < bench.shown(at)[0][1] < 180


@pytest.mark.parametrize("seed", range(10))
def test_a_citysports_counts_down_for_about_three_seconds(seed: int) -> None:
    bench = Bench("citysports", seed=seed)
    assert 3_000 <= moves_ms(bench) <= 3_200 + 173 + 190
    assert bench.bytes_of("2ad3")[0] == b"\x01\x0e"  # announces a text, sends none
    assert bench.shown()[-1][1] == 100


def test_a_urevo_stops_in_four_and_a_half_seconds_and_streams_its_speed_meanwhile() -> None:
    bench = Bench("urevo-e1l")
    bench.runs(225)
    assert bench.speed == 224  # 0.96 + 4 steps of 0.32
    at = bench.agenda.now
    bench.write(control_point.stop(), wait=10)
    stood = next(t for t, speed in bench.shown(at) if speed == 0) - at
    assert 4_300 <= stood <= 5_000
    statuses = bench.bytes_of("2ada", at)
    streamed = [int.from_bytes(s[1:], "little") for s in statuses if s[0] == 5]
    assert streamed == sorted(streamed, reverse=True)
    assert 12 <= len(streamed) <= 16
    assert streamed[-1] == 0
    assert statuses[-1] == b"\x02\x01\x00"
    assert b"\x02\x01\x00" not in statuses[:-1]


def test_a_urevo_pauses_with_its_own_training_codes_and_comes_back_at_the_old_speed() -> None:
    bench = Bench("urevo-e1l")
    bench.runs(224)
    since = bench.agenda.now
    bench.write(control_point.pause(), wait=10)
    assert bench.bytes_of("2ad3", since) == [b"\x00\x10", b"\x00\x11"]
    assert bench.bytes_of("2ada", since)[-1] == b"\x02\x02\x00"
    again = bench.agenda.now
    bench.write(control_point.start(), wait=4)
    assert bench.bytes_of("2ad3", again) == [b"\x00\x0e", b"\x00\x0d"]
    assert bench.bytes_of("2ada", again) == [b"\x05\xe0\x00", b"\x04\x00\x00"]
    assert next(speed for _, speed in bench.shown(again) if speed) == 224
    assert bench.write(control_point.stop(), wait=1) == 1
    assert bench.bytes_of("2ad3")[-1] == b"\x00\x0f"


def test_a_urevo_says_yes_to_an_incline_without_a_motor_and_to_a_second_start() -> None:
    bench = Bench("urevo-e1l")
    bench.runs(224)
    assert bench.write(control_point.set_incline(60), wait=30) == 1
    assert bench.grade == 0
    assert set(bench.shown_grades()) == {None}
    assert bench.write(control_point.start()) == 1
    assert bench.speed == 224
    assert preset_named("urevo-e1l").control_point == {"write-without-response", "notify"}


def test_a_fitshow_takes_six_seconds_to_12_kmh_and_twenty_one_back() -> None:
    bench = Bench("fitshow")
    bench.runs(100)
    at = bench.agenda.now
    bench.write(control_point.set_speed(1200), wait=30)
    up = next(t for t, speed in bench.shown(at) if speed == 1200) - at
    assert 5_500 <= up <= 7_000
    at = bench.agenda.now
    bench.write(control_point.stop(), wait=30)
    down = next(t for t, speed in bench.shown(at) if speed == 0) - at
    assert 20_500 <= down <= 22_500


def test_a_fitshow_shows_a_lower_target_in_one_record_and_keeps_its_counters_5_s() -> None:
    bench = Bench("fitshow")
    bench.runs(1200)
    at = bench.agenda.now
    bench.write(control_point.set_speed(300), wait=1.2)
    assert [speed for _, speed in bench.shown(at + 1)] == [300]
    assert bench.speed > 1100
    bench.wait(30)
    bench.write(control_point.stop(), wait=9)
    assert bench.motor.state == "standing"
    with_speed = [data for data in bench.bytes_of("2acd") if not data[0] & 1]
    assert with_speed[-1][4:7] != b"\0\0\0"
    bench.wait(5)
    with_speed = [data for data in bench.bytes_of("2acd") if not data[0] & 1]
    assert with_speed[-1][4:7] == b"\0\0\0"


@pytest.mark.parametrize("seed", range(20))
def test_an_omega_z_moves_4_4_to_6_2_s_after_a_start(seed: int) -> None:
    assert 4_400 <= moves_ms(Bench("omega-z", seed=seed)) <= 6_200


@pytest.mark.parametrize(("speed", "seed"), [(100, 1), (200, 2), (300, 3), (390, 4)])
def test_an_omega_z_stands_1_8_to_4_s_after_a_stop_at_walking_speed(speed: int, seed: int) -> None:
    bench = Bench("omega-z", seed=seed)
    bench.runs(speed)
    bench.wait(seed * 0.17)
    at = bench.agenda.now
    bench.write(control_point.stop(), wait=10)
    stood = next(t for t, shown in bench.shown(at) if shown == 0) - at
    assert 1_800 <= stood <= 4_000


def test_an_omega_z_never_answers_request_control_but_obeys() -> None:
    bench = Bench("omega-z")
    assert bench.write(control_point.request_control(), wait=60) is None
    assert bench.write(control_point.start(), wait=20) == 1
    assert bench.speed == 100
    assert bench.bytes_of("2ad3") == []


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_runs_and_comes_to_a_stand(name: str) -> None:
    bench = Bench(name)
    bench.runs(400)
    assert bench.speed > 350
    bench.write(control_point.stop(), wait=20)
    assert bench.speed == 0
    assert bench.shown()[-1][1] == 0


def test_a_urevo_without_its_key_says_only_that() -> None:
    bench = Bench("urevo-e1l")
    bench.runs(224)
    since = bench.agenda.now
    bench.motor.safety_key()
    bench.wait(10)
    codes = [status[0] for status in bench.bytes_of("2ada", since)]
    assert 3 in codes
    assert 2 not in codes


def test_a_fitshow_started_again_within_5_s_counts_on() -> None:
    bench = Bench("fitshow")
    bench.runs(600)
    bench.write(control_point.stop(), wait=11.5)
    assert bench.motor.state == "standing"
    bench.write(control_point.start(), wait=20)
    ways = [int.from_bytes(d[4:7], "little") for d in bench.bytes_of("2acd") if not d[0] & 1]
    assert ways == sorted(ways)
    assert ways[-1] > 100


@pytest.mark.parametrize("seed", range(20))
def test_a_status_is_never_later_than_the_answer(seed: int) -> None:
    bench = Bench("citysports", seed=seed)
    bench.runs(300)
    since = len(bench.sent)
    bench.write(control_point.set_speed(200))
    assert [char for _, char, _ in bench.sent[since:] if char != "2acd"] == ["2ada", "2ad9"]
