from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from treadguard.sim.ramp import Ramp


def test_a_ramp_up_and_a_ramp_down_move_at_their_rate_and_end_at_the_target() -> None:
    up = Ramp(100, 1000, 400, 50)
    assert [up.at(t) for t in (0, 1000, 2000, 6980, 7000, 99_000)] == [100, 100, 150, 399, 400, 400]
    assert up.arrives() == 7000
    down = Ramp(300, 0, 0, 33)
    assert down.at(1000) == 267
    assert down.arrives() == 9091


def test_a_ramp_without_a_rate_stays_and_never_arrives() -> None:
    assert Ramp(50, 0, 100, 0).at(1_000_000) == 50
    assert Ramp(50, 0, 100, 0).arrives() is None
    assert Ramp(50, 7, 50, 0).arrives() == 7


@given(
    st.integers(-500, 3000), st.integers(-500, 3000), st.integers(1, 1000), st.integers(0, 100_000)
)
def test_a_ramp_is_monotonic_and_is_there_exactly_when_it_says(
    start: int, target: int, rate: int, t: int
) -> None:
    ramp = Ramp(start, 0, target, rate)
    there = ramp.arrives()
    assert there is not None
    assert ramp.at(there) == target
    if start != target:
        assert ramp.at(there - 1) != target
    assert abs(target - ramp.at(t + 10)) <= abs(target - ramp.at(t))
    assert min(start, target) <= ramp.at(t) <= max(start, target)
