"""Split records, in any order and with anything left out: each field has its own value and age."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from treadguard.ftms import treadmill_data
from treadguard.ftms.snapshot import Snapshot
from treadguard.guard.events import Telemetry
from treadguard.treadmill import readings
from treadguard.units import Millis

# The layout of 2ACD as the specification has it: flag bit, and each field's width and sign. Bit 0
# is upside down: speed is there where it is not set. Written out here, not taken from the codec.
PARTS: Final[dict[int, tuple[tuple[str, int, bool], ...]]] = {
    0: (("speed", 2, False),),
    1: (("avg_speed", 2, False),),
    2: (("distance_m", 3, False),),
    3: (("incline", 2, True), ("ramp", 2, True)),
    8: (("heart_rate_bpm", 1, False),),
    10: (("elapsed_s", 2, False),),
    11: (("remaining_s", 2, False),),
}
NOTHING: Final = {"incline": 0x7FFF, "ramp": 0x7FFF}
"""What says "not available" in its field."""


def notification(values: dict[int, tuple[int, ...]]) -> bytes:
    flags = 1
    body = b""
    for bit, numbers in sorted(values.items()):
        flags = flags & ~1 if bit == 0 else flags | 1 << bit
        for number, (_, width, signed) in zip(numbers, PARTS[bit], strict=True):
            body += number.to_bytes(width, "little", signed=signed)
    return flags.to_bytes(2, "little") + body


def _numbers(bit: int) -> st.SearchStrategy[tuple[int, ...]]:
    each = []
    for name, width, signed in PARTS[bit]:
        top = 2 ** (8 * width - signed) - 1
        low = -top - 1 if signed else 0
        likely = st.integers(max(low, -400), min(top, 3_200))
        each.append(st.one_of(likely, st.sampled_from([low, top, NOTHING.get(name, 0)])))
    return st.tuples(*each)


RECORDS = st.fixed_dictionaries({}, optional={bit: _numbers(bit) for bit in PARTS})


class Merge(RuleBasedStateMachine):
    """One connection: notifications come, time passes, now and then the link is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.t = 0
        self.dropped: Counter[str] = Counter()
        self.expected_drops: Counter[str] = Counter()
        self.connects_again()

    @rule()
    def connects_again(self) -> None:
        self.snapshot = Snapshot()
        self.known: dict[str, tuple[int, int]] = {}

    @rule(ms=st.integers(0, 5_000))
    def waits(self, ms: int) -> None:
        self.t += ms

    @rule(values=RECORDS)
    def hears(self, values: dict[int, tuple[int, ...]]) -> None:
        self._hears(notification(values), values)

    @rule(values=RECORDS, cut=st.integers(1, 6))
    def hears_the_beginning(self, values: dict[int, tuple[int, ...]], cut: int) -> None:
        """A cut record tells the fields that came whole, and no half of one."""
        whole = notification(values)
        data = whole[: max(2, len(whole) - cut)]
        left, at = {}, 2
        for bit, numbers in sorted(values.items()):
            fields = []
            for number, (_, width, _) in zip(numbers, PARTS[bit], strict=True):
                at += width
                fields.append(number if at <= len(data) else None)
            left[bit] = tuple(fields)
        self._hears(data, left)

    def _hears(self, data: bytes, values: Mapping[int, tuple[int | None, ...]]) -> None:
        told: dict[str, int] = {}
        for bit, numbers in values.items():
            for number, (name, _, _) in zip(numbers, PARTS[bit], strict=True):
                if number is not None and number != NOTHING.get(name):
                    told[name] = number
        self.snapshot.merge(treadmill_data.decode(data), Millis(self.t))
        self.known.update({name: (value, self.t) for name, value in told.items()})
        self._reads(data, told)

    def _reads(self, data: bytes, told: dict[str, int]) -> None:
        """The guard hears this notification's own speed and grade, or nothing."""
        speed, grade = told.get("speed"), told.get("incline")
        if speed is not None and speed > 3_000:
            speed = None
            self.expected_drops["speed"] += 1
        if grade is not None and not -300 <= grade <= 500:
            grade = None
            self.expected_drops["incline"] += 1
        event = readings.read("2acd", data, Millis(self.t), self.dropped)
        if speed is None and grade is None:
            assert event is None
        else:
            assert isinstance(event, Telemetry)
            assert (event.t, event.speed, event.incline) == (self.t, speed, grade)

    @invariant()
    def each_field_has_the_value_and_the_age_of_its_own_last_notification(self) -> None:
        for parts in PARTS.values():
            for name, _, _ in parts:
                value, t = self.known.get(name, (None, None))
                assert getattr(self.snapshot.latest, name) == value
                age = self.snapshot.age_ms(name, Millis(self.t))
                assert age == (None if t is None else self.t - t)

    @invariant()
    def what_no_treadmill_can_mean_is_counted_not_clamped(self) -> None:
        assert self.dropped == self.expected_drops


TestMerge = Merge.TestCase
TestMerge.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, derandomize=True
)
