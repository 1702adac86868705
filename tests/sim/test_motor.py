"""What moves the simulated machine, and what it says of itself."""

from __future__ import annotations

import pytest
from tests.sim.bench import Bench

from treadguard.ftms import control_point, treadmill_data
from treadguard.units import Grade, Speed


def test_a_start_counts_down_for_three_seconds_and_then_goes_to_the_minimum() -> None:
    bench = Bench()
    bench.write(control_point.request_control(), wait=1)
    assert bench.write(control_point.start(), wait=2.9) == 1
    assert bench.speed == 0
    assert bench.bytes_of("2ad3") == [b"\x00\x0e"]
    bench.wait(0.6)
    assert bench.speed == 50
    assert bench.bytes_of("2ad3") == [b"\x00\x0e", b"\x00\x0d"]
    bench.wait(5)
    assert bench.speed == 100


def test_the_belt_ramps_at_a_steady_rate_to_a_target_and_back() -> None:
    bench = Bench()
    bench.runs(600)
    start = bench.agenda.now
    bench.write(control_point.set_speed(300), wait=20)
    assert [speed for _, speed in bench.shown(start + 1)][:4] == [510, 410, 310, 300]
    bench.write(control_point.set_speed(450), wait=1.1)
    assert bench.speed == 400


def test_a_stop_brings_the_belt_to_a_stand_at_its_own_rate_and_says_so() -> None:
    bench = Bench()
    bench.runs(600)
    since = bench.agenda.now
    assert bench.write(control_point.stop(), wait=3) == 1
    assert bench.speed == 310
    bench.wait(3.2)
    assert bench.speed == 0
    assert bench.motor.state == "standing"
    assert bench.bytes_of("2ada", since) == [b"\x02\x01"]
    assert bench.bytes_of("2ad3", since) == [b"\x00\x01"]


def test_a_stop_in_the_countdown_keeps_the_belt_where_it_is() -> None:
    bench = Bench()
    bench.write(control_point.request_control(), wait=1)
    bench.write(control_point.start(), wait=2)
    assert bench.write(control_point.stop(), wait=20) == 1
    assert bench.motor.state == "standing"
    assert {speed for _, speed in bench.shown()} == {0}


def test_a_speed_on_its_way_is_dropped_by_a_stop_that_overtakes_it() -> None:
    bench = Bench("omega-z")
    bench.runs(300)
    bench.control_point.write(control_point.set_speed(1000))
    bench.wait(1)
    bench.write(control_point.stop(), wait=0.1)
    bench.wait(20)
    assert bench.speed == 0
    assert max(speed for _, speed in bench.shown()) == 300


def test_the_deck_moves_slowly_and_the_record_shows_it() -> None:
    bench = Bench()
    bench.runs(500)
    bench.write(control_point.set_incline(40), wait=4.1)
    assert bench.grade == 20
    assert bench.shown_grades()[-1] == 19  # the record went out 0.1 s earlier
    bench.wait(10)
    assert bench.grade == 40


def test_the_console_drives_the_machine_and_is_announced() -> None:
    bench = Bench()
    bench.motor.console_start()
    bench.wait(10)
    assert bench.speed == 100
    bench.motor.console_speed(Speed(457))
    bench.motor.console_grade(Grade(33))
    bench.wait(20)
    assert (bench.speed, bench.grade) == (450, 30)
    bench.motor.console_stop()
    bench.wait(20)
    assert bench.speed == 0
    assert bench.bytes_of("2ada") == [b"\x04", b"\x05\xc2\x01", b"\x06\x1e\x00", b"\x02\x01"]


def test_a_console_speed_stays_in_the_machine_s_range_and_needs_a_running_belt() -> None:
    bench = Bench()
    bench.motor.console_speed(Speed(500))
    bench.wait(10)
    assert bench.speed == 0
    assert bench.bytes_of("2ada") == []
    bench.runs(300)
    bench.motor.console_speed(Speed(2600))
    bench.wait(30)
    assert bench.speed == 2000


@pytest.mark.parametrize("speed", [100, 600, 1200])
def test_the_safety_key_cuts_the_belt_much_faster_than_a_stop(speed: int) -> None:
    bench = Bench()
    bench.runs(speed)
    since = bench.agenda.now
    bench.motor.safety_key()
    bench.wait(speed / 800 + 0.01)
    assert bench.speed == 0
    assert bench.bytes_of("2ada", since) == [b"\x03"]


def test_without_its_key_the_machine_starts_only_from_the_console() -> None:
    bench = Bench()
    bench.runs(300)
    bench.motor.safety_key()
    bench.wait(5)
    assert bench.write(control_point.start(), wait=20) == 4
    assert bench.speed == 0
    bench.motor.console_start()
    bench.wait(20)
    assert bench.speed == 100


def test_records_come_at_the_preset_s_rate_also_from_a_standing_belt() -> None:
    bench = Bench()
    bench.wait(10)
    assert bench.shown() == [(1000 * n, 0) for n in range(1, 11)]


def test_distance_and_time_count_while_the_belt_moves_and_go_to_zero_at_the_stop() -> None:
    bench = Bench()
    bench.runs(600)
    first = treadmill_data.decode(bench.bytes_of("2acd")[-1])
    bench.wait(60)
    last = treadmill_data.decode(bench.bytes_of("2acd")[-1])
    assert first.distance_m is not None
    assert first.elapsed_s is not None
    assert last.distance_m is not None
    assert last.elapsed_s is not None
    assert last.distance_m - first.distance_m == 100  # 6 km/h for a minute
    assert last.elapsed_s - first.elapsed_s == 60
    bench.write(control_point.stop(), wait=20)
    ended = treadmill_data.decode(bench.bytes_of("2acd")[-1])
    assert (ended.distance_m, ended.elapsed_s) == (0, 0)


def test_the_same_seed_sends_the_same_bytes_and_another_seed_others() -> None:
    def sent(seed: int) -> list[tuple[int, str, bytes]]:
        bench = Bench("citysports", "truncated", seed=seed)
        bench.runs(400)
        bench.write(control_point.stop(), wait=20)
        return bench.sent

    assert sent(3) == sent(3)
    assert sent(3) != sent(4)
