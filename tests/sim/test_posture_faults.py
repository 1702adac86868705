"""What each kind of posture fault does; test_faults.py runs these with the others."""

from __future__ import annotations

import itertools

from tests.sim.bench import fault

from treadguard.guard.events import Posture
from treadguard.sim.faults import Faults
from treadguard.units import Decideg, Millis


def samples(kind: str, for_s: float = 20) -> list[Posture]:
    """What is left of 10 Hz of a lean that grows by 0.1 degree each sample."""
    faults = Faults([fault("posture", kind, 10, 100)], seed=7)
    for n in range(100):
        faults.posture(Posture(Millis(n * 100), trunk=Decideg(n), neck=Decideg(5)))
    left = []
    for n in range(100, 100 + round(for_s * 10)):
        sample = faults.posture(Posture(Millis(n * 100), trunk=Decideg(n), neck=Decideg(5)))
        if sample is not None:
            left.append(sample)
    return left


def posture_off() -> None:
    assert samples("off") == []


def posture_stuck() -> None:
    left = samples("stuck")
    assert {sample.trunk for sample in left} == {99}
    assert [sample.t for sample in left] == list(range(10_000, 30_000, 100))


def posture_garbage() -> None:
    left = samples("garbage")
    angles = [sample.trunk for sample in left if sample.trunk is not None]
    assert len(left) == 200
    assert min(angles) < -1000
    assert max(angles) > 1000


def posture_wrong() -> None:
    left = samples("wrong")
    (off_by,) = {sample.trunk - sample.t // 100 for sample in left if sample.trunk is not None}
    assert abs(off_by) == 150
    assert {sample.neck for sample in left} == {5}


def posture_slow() -> None:
    times = [sample.t for sample in samples("slow")]
    assert {b - a for a, b in itertools.pairwise(times)} == {3000}


def posture_delayed() -> None:
    left = samples("delayed")
    assert [sample.t for sample in left] == list(range(13_000, 33_000, 100))
    assert [sample.trunk for sample in left] == list(range(100, 300))


def posture_intermittent() -> None:
    assert 70 <= len(samples("intermittent")) <= 130
