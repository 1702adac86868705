"""A belt as the gate sees it, for the gate's tests: told, asked, and never half changed.

The one rule: every refusal that a test sees is also checked to have left the state as it was.
"""

from __future__ import annotations

from dataclasses import replace

from treadguard.gate import (
    ConsentFor,
    GateState,
    check,
    consented,
    known_stopped,
    linked,
    saw_incline,
    saw_speed,
    saw_status,
    saw_training,
    taken_up,
    unwatched,
    without_programme,
)
from treadguard.units import Grade, Millis, Speed

REQUEST_CONTROL = b"\x00"
START = b"\x07"
STOP = b"\x08\x01"


def speed_frame(speed: int) -> bytes:
    return b"\x02" + speed.to_bytes(2, "little")


def grade_frame(grade: int) -> bytes:
    return b"\x03" + grade.to_bytes(2, "little", signed=True)


class Belt:
    """One connection to a treadmill, from the gate's side. Times are absolute, in ms."""

    def __init__(self) -> None:
        self.t = 100_000
        self.state = linked(GateState(), Millis(self.t), up=True, generation=1)

    def wait(self, ms: int) -> Belt:
        self.t += ms
        return self

    def sees(self, *speeds: int) -> Belt:
        """Speed samples 200 ms apart, the last one now."""
        for i, speed in enumerate(speeds):
            self.t += 200 if i else 0
            self.state = saw_speed(self.state, Millis(self.t), Speed(speed))
        return self

    def runs(self, seconds: int, speed: int) -> Belt:
        """The belt shows one speed each second."""
        for _ in range(seconds):
            self.wait(1_000).sees(speed)
        return self

    def sees_grade(self, grade: int) -> Belt:
        self.state = saw_incline(self.state, Millis(self.t), Grade(grade))
        return self

    def status(self, code: int, value: int | None = None) -> Belt:
        self.state = saw_status(self.state, Millis(self.t), code, value)
        return self

    def training(self, code: int) -> Belt:
        self.state = saw_training(self.state, Millis(self.t), code)
        return self

    def sets_going(self) -> Belt:
        """The runner sets the programme going."""
        self.state = taken_up(self.state, Millis(self.t))
        return self

    def loses_leave(self) -> Belt:
        """The guard lets no raise of the programme follow."""
        self.state = without_programme(self.state)
        return self

    def link(self, *, up: bool, generation: int = 1) -> Belt:
        self.state = linked(self.state, Millis(self.t), up, generation)
        return self

    def loses_time(self) -> Belt:
        self.state = unwatched(self.state)
        return self

    def consent(
        self,
        for_: ConsentFor,
        target: int | None = None,
        *,
        lasts: int = 10_000,
        generation: int = 1,
    ) -> Belt:
        expires = Millis(self.t + lasts)
        self.state = consented(self.state, Millis(self.t), for_, target, expires, generation)
        return self

    def stopped(self) -> bool:
        return known_stopped(self.state, Millis(self.t))

    def asks(self, frame: bytes) -> str | None:
        before = self.state
        self.state, why = check(before, Millis(self.t), frame)
        if why is None:
            assert self.state.refused == before.refused
        else:
            assert self.state == replace(before, refused=before.refused + 1)
            assert why.endswith(".")
            assert why[0].isupper() or why.startswith("treadguard")
        return why

    def passes(self, *frames: bytes) -> Belt:
        for frame in frames:
            why = self.asks(frame)
            assert why is None, f"{frame.hex()} was refused: {why}"
        return self

    def refuses(self, frame: bytes, word: str) -> Belt:
        why = self.asks(frame)
        assert why is not None, f"{frame.hex()} passed"
        assert word in why
        return self


def standing() -> Belt:
    """A belt that is known to stand."""
    return Belt().sees(0, 0)


def moving(speed: int = 500, grade: int = 0) -> Belt:
    """A belt that moves, nothing sent yet."""
    return Belt().sees(speed, speed).sees_grade(grade)
