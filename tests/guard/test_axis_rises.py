"""Which way a value lies from the setpoint."""

import pytest

from treadguard.guard.ramp import Axis, wrote
from treadguard.units import Millis


@pytest.mark.parametrize(("value", "rises", "falls"), [(39, 0, 1), (40, 0, 0), (41, 1, 0)])
def test_a_value_rises_or_falls_from_the_setpoint(value: int, rises: int, falls: int) -> None:
    axis = Axis(setpoint=40)
    assert axis.rises(value) == bool(rises)
    assert axis.falls(value) == bool(falls)


def test_what_is_not_known_neither_rises_nor_falls() -> None:
    for axis, value in ((Axis(), 40), (Axis(setpoint=40), None)):
        assert not axis.rises(value)
        assert not axis.falls(value)


@pytest.mark.parametrize(("value", "rose"), [(41, 5_000), (40, 1_000), (39, 1_000)])
def test_only_a_raise_is_remembered_as_one(value: int, rose: int) -> None:
    axis = wrote(Axis(setpoint=40, rose=Millis(1_000)), Millis(5_000), value)
    assert axis.rose == rose


def test_a_raise_is_remembered_when_the_belt_is_driven_by_somebody_else() -> None:
    assert Axis(setpoint=40, rose=Millis(1_000)).adopted(60).rose == 1_000
