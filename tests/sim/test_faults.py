"""Every place and kind of fault does what the table in faults.py says. The link's are in
test_link_faults.py, since they need the direct form, and posture's in test_posture_faults.py."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Final

import pytest
from tests.sim import test_link_faults, test_posture_faults
from tests.sim.bench import Bench, fault

from treadguard.ftms import control_point, treadmill_data
from treadguard.guard.events import Posture
from treadguard.sim.faults import KIND, WHERE, Fault, Faults
from treadguard.units import Decideg, Millis

AT: Final = 200.0
FOR: Final = 30.0


def running(where: str, kind: str, *, grade: int = 0, seed: int = 7) -> Bench:
    """At 3 km/h, one ms into the fault; the fault lasts 30 s."""
    bench = Bench(faults=[fault(where, kind, AT, FOR)], seed=seed)
    bench.runs(300, grade)
    bench.agenda.run(round(AT * 1000) + 1)
    bench.sent.clear()
    return bench


# ---------------------------------------------------------------- telemetry


def telemetry_off() -> None:
    bench = running("telemetry", "off")
    bench.wait(FOR - 1)
    assert bench.shown() == []
    bench.wait(2)
    assert len(bench.shown()) == 2


def telemetry_stuck() -> None:
    bench = running("telemetry", "stuck")
    bench.write(control_point.stop(), wait=20)
    assert bench.speed == 0
    assert len(bench.shown()) == 20
    assert len(set(bench.bytes_of("2acd"))) == 1
    assert bench.shown()[-1][1] == 300
    bench.wait(15)
    assert bench.shown()[-1][1] == 0


def telemetry_garbage() -> None:
    bench = running("telemetry", "garbage")
    bench.wait(20)
    records = bench.bytes_of("2acd")
    assert len(set(records)) == 20
    assert {len(data) for data in records} == {13}
    assert {data[:2] for data in records} != {b"\x0c\x04"}


def telemetry_wrong() -> None:
    bench = running("telemetry", "wrong", grade=20)
    bench.wait(20)
    (speed,) = {speed for _, speed in bench.shown()}
    assert speed in {150, 180, 225, 375, 420, 450}
    assert set(bench.shown_grades()) == {40}
    assert (bench.speed, bench.grade) == (300, 20)


def telemetry_slow() -> None:
    bench = running("telemetry", "slow")
    bench.wait(FOR - 1)
    times = [t for t, _ in bench.shown()]
    assert {b - a for a, b in itertools.pairwise(times)} == {4000}


def telemetry_delayed() -> None:
    bench = running("telemetry", "delayed")
    bench.control_point.write(control_point.set_speed(200))
    bench.wait(FOR - 2)
    shown = bench.shown()
    assert [speed for _, speed in shown[:6]] == [300, 211, 200, 200, 200, 200]
    assert shown[0][0] == AT * 1000 + 3000 or shown[0][0] == AT * 1000 + 4000
    bench.wait(8)
    ways = [treadmill_data.decode(data).distance_m or 0 for data in bench.bytes_of("2acd")]
    assert ways == sorted(ways)  # a late record isn't overtaken by a newer one


def telemetry_intermittent() -> None:
    bench = running("telemetry", "intermittent")
    bench.wait(FOR - 1)
    assert 8 <= len(bench.shown()) <= 21


# ---------------------------------------------------------------- command


def command_off() -> None:
    bench = running("command", "off")
    assert bench.write(control_point.stop(), wait=20) == 1
    assert bench.speed == 300
    assert bench.bytes_of("2ada") == []
    bench.wait(FOR)
    assert bench.write(control_point.stop(), wait=20) == 1
    assert bench.speed == 0


def command_stuck() -> None:
    bench = running("command", "stuck")
    assert bench.write(control_point.stop(), wait=20) is None
    assert bench.speed == 300


def command_garbage() -> None:
    bench = running("command", "garbage")
    assert bench.write(control_point.stop(), wait=5) is None
    ((_, op, result),) = bench.bytes_of("2ad9")
    assert 0x20 <= op <= 0x7F
    assert result == 2
    assert bench.speed == 300


def command_wrong() -> None:
    bench = running("command", "wrong")
    seen = set()
    for _ in range(12):
        assert bench.write(control_point.set_speed(200), wait=2) == 1
        seen.add(bench.speed)
    assert seen == {320, 400}
    assert bench.write(control_point.set_speed(1900), wait=0) is None
    bench.wait(30)
    assert bench.speed == 2000
    assert bench.write(control_point.stop(), wait=30) == 1
    assert bench.speed == 0


def command_slow() -> None:
    bench = running("command", "slow")
    assert bench.write(control_point.stop(), wait=4.1) == 1
    assert bench.speed == 300 - 4 * 33


def command_delayed() -> None:
    bench = running("command", "delayed")
    assert bench.write(control_point.stop(), wait=3) == 1
    assert bench.speed == 300
    bench.wait(1.1)
    assert bench.speed == 200
    assert len(bench.bytes_of("2ad9")) == 1


def command_intermittent() -> None:
    bench = running("command", "intermittent")
    obeyed = 0
    for n in range(14):
        assert bench.write(control_point.set_speed(200 + 10 * (n % 2)), wait=2) == 1
        obeyed += len(bench.bytes_of("2ada", bench.agenda.now - 2000))
    assert 3 <= obeyed <= 11


# ---------------------------------------------------------------- answer


def lowered(bench: Bench, wait: float = 5) -> int | None:
    """The answer to a lowering, which is obeyed whatever the answer is."""
    result = bench.write(control_point.set_speed(200), wait)
    assert bench.speed == 200
    return result


def answer_off() -> None:
    assert lowered(running("answer", "off")) is None


def answer_stuck() -> None:
    bench = running("answer", "stuck")
    assert lowered(bench) == 1  # the last one before was to a set-speed, too
    assert bench.write(control_point.stop()) is None
    assert bench.bytes_of("2ad9") == [b"\x80\x02\x01"] * 2
    assert bench.speed == 0


def answer_garbage() -> None:
    bench = running("answer", "garbage")
    lowered(bench)
    (data,) = bench.bytes_of("2ad9")
    assert len(data) == 3
    assert data != b"\x80\x02\x01"


def answer_wrong() -> None:
    assert lowered(running("answer", "wrong")) == 4


def answer_slow() -> None:
    bench = running("answer", "slow")
    assert lowered(bench, 1.54) is None
    bench.wait(0.1)
    assert bench.bytes_of("2ad9") == [b"\x80\x02\x01"]


def answer_delayed() -> None:
    bench = running("answer", "delayed")
    assert lowered(bench, 3.0) is None
    bench.wait(0.1)
    assert bench.bytes_of("2ad9") == [b"\x80\x02\x01"]


def answer_intermittent() -> None:
    bench = running("answer", "intermittent", seed=8)
    answers = [lowered(bench, 1.2) for _ in range(20)]
    assert 4 <= answers.count(None) <= 16
    assert set(answers) == {None, 1}


# ---------------------------------------------------------------- incline


def incline_off() -> None:
    bench = running("incline", "off", grade=20)
    assert bench.write(control_point.set_incline(0), wait=20) == 4
    assert bench.grade == 20
    assert set(bench.shown_grades()) == {None}
    bench.wait(15)
    assert bench.shown_grades()[-1] == 20


def incline_stuck() -> None:
    bench = running("incline", "stuck", grade=20)
    assert bench.write(control_point.set_incline(0), wait=20) == 1
    assert bench.grade == 20
    assert set(bench.shown_grades()) == {20}
    bench.wait(20)
    assert bench.grade == 0  # it comes loose, and goes where it was sent


def incline_garbage() -> None:
    bench = running("incline", "garbage", grade=20)
    bench.wait(20)
    grades = bench.shown_grades()
    assert len(set(grades)) > 15
    assert sum(1 for grade in grades if grade is not None and abs(grade) > 500) > 15
    assert {speed for _, speed in bench.shown()} == {300}
    assert bench.grade == 20


def incline_wrong() -> None:
    bench = running("incline", "wrong")
    assert bench.write(control_point.set_incline(30), wait=15) == 1
    assert bench.grade == 60
    assert bench.write(control_point.set_incline(100), wait=30) == 1
    assert bench.grade == 150


def incline_slow() -> None:
    bench = running("incline", "slow")
    assert bench.write(control_point.set_incline(30), wait=10.1) == 1
    assert bench.grade == 10


def incline_delayed() -> None:
    bench = running("incline", "delayed")
    assert bench.write(control_point.set_incline(30), wait=3) == 1
    assert bench.grade == 0
    bench.wait(3.1)
    assert bench.grade == 15


def incline_intermittent() -> None:
    bench = running("incline", "intermittent")
    bench.control_point.write(control_point.set_incline(150))
    grades = []
    for _ in range(280):
        bench.wait(0.1)
        grades.append(bench.grade)
    still = sum(1 for a, b in zip(grades, grades[2:], strict=False) if a == b)
    assert 40 < still < 200
    assert 50 < grades[-1] < 130


CASES: Final[dict[str, Callable[[], None]]] = {
    name: case
    for module in (globals(), vars(test_link_faults), vars(test_posture_faults))
    for name, case in module.items()
    if callable(case) and name.partition("_")[0] in WHERE and name.partition("_")[2] in KIND
}


@pytest.mark.parametrize("kind", KIND)
@pytest.mark.parametrize("where", WHERE)
def test_a_fault_does_what_the_table_says(where: str, kind: str) -> None:
    CASES[f"{where}_{kind}"]()


@pytest.mark.parametrize("kind", KIND)
@pytest.mark.parametrize("where", ["telemetry", "command", "answer", "incline"])
def test_before_a_fault_and_after_it_the_machine_is_as_it_was(where: str, kind: str) -> None:
    def session(faults: list[Fault]) -> list[tuple[int, str, bytes]]:
        bench = Bench(faults=faults)
        bench.runs(300, grade=20)
        bench.wait(120)
        bench.write(control_point.set_incline(10), wait=10)
        bench.write(control_point.stop(), wait=20)
        return bench.sent

    well = session([])
    ill = session([fault(where, kind, 150, 5)])
    for least, most in ((0, 150_000), (162_000, 1_000_000)):
        assert [s for s in ill if least <= s[0] < most] == [s for s in well if least <= s[0] < most]


@pytest.mark.parametrize("where", WHERE)
def test_the_same_seed_has_the_same_chances(where: str) -> None:
    def session(seed: int) -> list[tuple[int, str, bytes]]:
        faults = [fault(where, kind, 100 + 20 * n, 20) for n, kind in enumerate(KIND)]
        bench = Bench(faults=faults, seed=seed)
        bench.runs(300, grade=20)
        for n in range(60):
            bench.write(control_point.set_incline(20 + 5 * (n % 2)), wait=1)
            bench.write(control_point.set_speed(200 + 10 * n), wait=2)
        return bench.sent

    assert session(1) == session(1)
    if where not in ("link", "posture"):
        assert session(1) != session(2)


def test_a_posture_sample_more_does_not_change_what_the_belt_does() -> None:
    listed = [fault("posture", "intermittent"), fault("telemetry", "intermittent")]
    quiet, busy = Faults(listed, 5), Faults(listed, 5)
    for t in range(100):
        busy.posture(Posture(Millis(t * 1000), trunk=Decideg(0)))
        assert quiet.telemetry(t * 1000, [b"x"]) == busy.telemetry(t * 1000, [b"x"])


def test_of_two_faults_at_one_place_the_first_listed_acts() -> None:
    faults = Faults([fault("answer", "off", 10, 5), fault("answer", "wrong", 0, 60)], 1)
    assert [faults.kind("answer", t * 1000) for t in (9, 10, 14, 15, 60)] == [
        "wrong",
        "off",
        "off",
        "wrong",
        None,
    ]


@pytest.mark.parametrize(
    ("where", "kind", "at", "length", "says"),
    [
        ("heart_rate", "off", 0, 1, "Faults of heart_rate aren't simulated yet"),
        ("mqtt", "off", 0, 1, "Faults of mqtt aren't simulated yet"),
        ("belt", "off", 0, 1, "no fault in 'belt'; choose link, telemetry"),
        ("link", "broken", 0, 1, "no fault kind 'broken'; choose off, stuck"),
        ("link", "off", -1, 1, "starts at 0 s or later"),
        ("link", "off", 0, 0, "lasts longer than 0 s"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_in_a_sentence(
    where: str, kind: str, at: float, length: float, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        fault(where, kind, at, length)


def test_the_records_after_a_garbage_grade_still_decode() -> None:
    bench = running("incline", "garbage", grade=20)
    bench.wait(20)
    assert not any(treadmill_data.decode(data).truncated for data in bench.bytes_of("2acd"))
