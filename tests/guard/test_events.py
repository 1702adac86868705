"""What an event means where its sender leaves something out."""

from __future__ import annotations

from treadguard.guard.events import Alarm, Command, Pain, Symptom
from treadguard.units import Millis

NOW = Millis(0)


def test_a_report_is_fresh_and_the_runners_own_unless_said_otherwise() -> None:
    for said in (Pain(NOW, 3), Symptom(NOW, "faint")):
        assert not said.retained
        assert said.role == "local"


def test_a_command_is_sent_and_the_first_of_its_kind_unless_said_otherwise() -> None:
    command = Command(1, "stop", None, ("pain",))
    assert not command.shadow
    assert command.attempt == 1


def test_an_alarm_is_loud_unless_said_otherwise() -> None:
    assert Alarm("The belt does not stop.").level == 2
