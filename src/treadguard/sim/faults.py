"""What can go wrong between the runner's app and the belt, on purpose and from a seed.

A fault holds one place ("where") in one way ("kind") for a time. Each kind means the same thing
everywhere: off is gone, stuck stays as it was, garbage is noise, wrong is well formed and false,
slow is slower, delayed is whole but 3 s late, intermittent comes and goes at random.

| where     | kind         | while it lasts |
|-----------|--------------|----------------|
| link      | off          | the link drops, and is back as a new connection 1 s after the end |
| link      | stuck        | the link looks up, and nothing passes either way |
| link      | garbage      | what arrives is random bytes; a write request is an ATT error |
| link      | wrong        | it is reported down although all passes; then up as a new connection |
| link      | slow         | packets pass only every 1.5 s, both ways |
| link      | delayed      | packets pass 3 s late, both ways |
| link      | intermittent | the link drops for 1 to 3 s and holds for 3 to 6 s, over and over |
| telemetry | off          | no Treadmill Data |
| telemetry | stuck        | the last record comes again and again |
| telemetry | garbage      | records are random bytes of the same length |
| telemetry | wrong        | the speed is off by one factor from 0.5 to 1.5, the grade by 2 % |
| telemetry | slow         | at most one record every 4 s |
| telemetry | delayed      | records come 3 s late |
| telemetry | intermittent | half of the records are lost |
| command   | off          | a command is acknowledged and ignored |
| command   | stuck        | a command is neither answered nor obeyed |
| command   | garbage      | the machine sees an unknown command, says so (02), and does nothing |
| command   | wrong        | a target is taken 1.6 or 2 times too high, within the machine's range |
| command   | slow         | belt and incline follow a command at a third of their rate |
| command   | delayed      | a command is acknowledged at once and obeyed 3 s later |
| command   | intermittent | half of the commands are acknowledged and ignored |
| answer    | off          | commands are obeyed and not answered |
| answer    | stuck        | every answer is the one that went before the fault, or its first |
| answer    | garbage      | answers are random bytes |
| answer    | wrong        | a command is obeyed, and the answer says that it failed (04) |
| answer    | slow         | answers take 1.5 s longer |
| answer    | delayed      | answers come 3 s late |
| answer    | intermittent | half of the answers are lost |
| incline   | off          | commands fail (04), the deck stays, and no grade is reported |
| incline   | stuck        | commands are acknowledged, and the deck stays where it is |
| incline   | garbage      | the grade reported is random, mostly impossible |
| incline   | wrong        | a target is taken twice too high, within the machine's range |
| incline   | slow         | the deck moves at a fifth of its rate |
| incline   | delayed      | commands are acknowledged at once and obeyed 3 s later |
| incline   | intermittent | the deck moves by fits: 1 to 3 s still, 3 to 6 s moving |
| posture   | off          | no samples |
| posture   | stuck        | the last sample comes again and again |
| posture   | garbage      | angles are random, any way round |
| posture   | wrong        | the trunk is shown 15 degrees too upright or too bent |
| posture   | slow         | at most one sample every 3 s |
| posture   | delayed      | samples come 3 s late |
| posture   | intermittent | half of the samples are lost |

Of two faults at the same place the first one listed acts. The rule to keep: nothing here moves a
motor or sends a byte; it says what becomes of what passes.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from treadguard.guard.events import Posture
from treadguard.units import Decideg, Grade, Millis, Speed

Where = Literal["link", "telemetry", "command", "answer", "incline", "posture"]
Kind = Literal["off", "stuck", "garbage", "wrong", "slow", "delayed", "intermittent"]
WHERE: Final[tuple[str, ...]] = get_args(Where)
KIND: Final[tuple[str, ...]] = get_args(Kind)

LATE: Final = Millis(3000)
LINK_EVERY: Final = 1500
TELEMETRY_EVERY: Final = 4000  # past "no raise" at 3 s, short of "lost" at 5 s
POSTURE_EVERY: Final = 3000
ANSWER_SLOWER: Final = 1500
FAILED: Final = 0x04


@dataclass(frozen=True, slots=True)
class Fault:
    """`where` is faulty in the way `kind` from `at_ms` on for `for_ms`; ValueError if unknown."""

    at_ms: Millis
    for_ms: Millis
    where: Where
    kind: Kind

    def __post_init__(self) -> None:
        if self.where in ("heart_rate", "mqtt"):
            raise ValueError(
                f"Faults of {self.where} aren't simulated yet; use {', '.join(WHERE)}."
            )
        if self.where not in WHERE:
            raise ValueError(f"There is no fault in {self.where!r}; choose {', '.join(WHERE)}.")
        if self.kind not in KIND:
            raise ValueError(f"There is no fault kind {self.kind!r}; choose {', '.join(KIND)}.")
        if self.at_ms < 0 or self.for_ms <= 0:
            raise ValueError("A fault starts at 0 s or later, and lasts longer than 0 s.")

    def covers(self, t: int) -> bool:
        """Whether it acts at time `t`."""
        return self.at_ms <= t < self.at_ms + self.for_ms


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one written frame.

    `frame` is what the machine executes (None: nothing), `delay` ms late, its motors `slowness`
    times slower. `result` is the answer: "own" is the machine's, None is none at all.
    """

    frame: bytes | None
    delay: int = 0
    slowness: int = 1
    result: int | Literal["own"] | None = "own"


class Faults:
    """The faults of one run, with the dice and the memory that they need."""

    def __init__(self, faults: Sequence[Fault], seed: int) -> None:
        self._by_where: dict[str, list[Fault]] = {where: [] for where in WHERE}
        for fault in faults:
            self._by_where[fault.where].append(fault)
        # One source of chance a place: a posture sample more doesn't change what the belt does.
        self._dice = {where: random.Random(f"{seed} {where}") for where in WHERE}
        self._factor = {
            fault: self._dice["telemetry"].choice((50, 60, 75, 125, 140, 150))
            for fault in self._by_where["telemetry"]
        }
        self._offset = {
            fault: self._dice["posture"].choice((-150, 150)) for fault in self._by_where["posture"]
        }
        self._gaps = {
            fault: _gaps(fault, self._dice[fault.where])
            for where in ("link", "incline")
            for fault in self._by_where[where]
            if fault.kind == "intermittent"
        }
        self._records: list[bytes] = []
        self._answer: bytes | None = None
        self._sample: Posture | None = None
        self._last_record = -TELEMETRY_EVERY
        self._last_sample = -POSTURE_EVERY

    def kind(self, where: Where, t: int) -> Kind | None:
        """What is wrong at `where` at time `t`."""
        fault = self._acting(where, t)
        return fault.kind if fault else None

    def edges(self, where: Where) -> list[tuple[Millis, Kind]]:
        """When something at `where` begins, changes or ends, and the kind of the fault."""
        return [
            (Millis(edge), fault.kind)
            for fault in self._by_where[where]
            for begin, end in self._gaps.get(fault, [(fault.at_ms, fault.at_ms + fault.for_ms)])
            for edge in (begin, end)
        ]

    # ------------------------------------------------------------ link

    def link_down(self, t: int) -> bool:
        """Whether there is no connection at time `t`."""
        fault = self._acting("link", t)
        return fault is not None and (fault.kind == "off" or self._in_gap(fault, t))

    def link_passes(self, t: int) -> Millis | None:
        """When a packet that sets out at `t` gets through, None if it never does."""
        match self.kind("link", t):
            case "off" | "stuck":
                return None
            case "slow":
                return Millis(-(-t // LINK_EVERY) * LINK_EVERY)
            case "delayed":
                return Millis(t + LATE)
            case _:
                return None if self.link_down(t) else Millis(t)

    def link_bytes(self, t: int, data: bytes) -> bytes:
        """What is left of a notification on the air."""
        if self.kind("link", t) == "garbage":
            return self._dice["link"].randbytes(len(data))
        return data

    # ------------------------------------------------------------ telemetry and incline

    def shown(self, t: int, speed: Speed, grade: Grade | None) -> tuple[Speed, Grade | None]:
        """The speed and grade that the machine reports in place of its own."""
        fault = self._acting("telemetry", t)
        if fault is not None and fault.kind == "wrong":
            speed = Speed(speed * self._factor[fault] // 100)
            grade = None if grade is None else Grade(grade + 20)
        if grade is not None:
            match self.kind("incline", t):
                case "off":
                    grade = None
                case "garbage":
                    # 7FFF would say "not available".
                    grade = Grade(self._dice["incline"].randint(-0x8000, 0x7FFE))
        return speed, grade

    def telemetry(self, t: int, records: list[bytes]) -> tuple[list[bytes], int]:
        """What goes out in place of one record's notifications, and how many ms later."""
        dice = self._dice["telemetry"]
        kind = self.kind("telemetry", t)
        if kind == "stuck":
            records = self._records or records
        too_soon = kind == "slow" and t - self._last_record < TELEMETRY_EVERY
        if kind == "off" or too_soon or (kind == "intermittent" and dice.random() < 0.5):
            records = []
        if records:
            self._records, self._last_record = records, t
        if kind == "garbage":
            records = [dice.randbytes(len(part)) for part in records]
        return records, LATE if kind == "delayed" else 0

    def grade_rate(self, t: int, rate: int) -> int:
        """The rate at which the incline motor moves, 0.1 % per second."""
        fault = self._acting("incline", t)
        if fault is None:
            return rate
        if fault.kind in ("off", "stuck") or self._in_gap(fault, t):
            return 0
        return rate // 5 if fault.kind == "slow" else rate

    # ------------------------------------------------------------ command and answer

    def command(self, t: int, frame: bytes, highest: Mapping[int, int]) -> Fate:
        """What becomes of a frame that has reached the machine; `highest` target by op code."""
        dice = self._dice["command"]
        match self.kind("command", t):
            case "off":
                return Fate(None, result=1)
            case "stuck":
                return Fate(None, result=None)
            case "garbage":
                return Fate(bytes([dice.randint(0x20, 0x7F)]) + dice.randbytes(len(frame) - 1))
            case "wrong":
                return Fate(_raised(frame, dice.choice((16, 20)), highest))
            case "slow":
                return Fate(frame, slowness=3)
            case "delayed":
                return Fate(frame, delay=LATE, result=1)
            case "intermittent" if dice.random() < 0.5:
                return Fate(None, result=1)
        if frame[:1] == b"\x03":
            match self.kind("incline", t):
                case "off":
                    return Fate(None, result=FAILED)
                case "wrong":
                    return Fate(_raised(frame, 20, highest))
                case "delayed":
                    return Fate(frame, delay=LATE, result=1)
        return Fate(frame)

    def answer(self, t: int, data: bytes) -> tuple[bytes | None, int]:
        """The indication that goes out in place of `data`, if any, and how many ms later."""
        dice = self._dice["answer"]
        kind = self.kind("answer", t)
        if kind == "stuck":
            data = self._answer or data
        self._answer = data
        match kind:
            case "off":
                return None, 0
            case "garbage":
                return dice.randbytes(len(data)), 0
            case "wrong":
                return data[:2] + bytes([FAILED]), 0
            case "slow":
                return data, ANSWER_SLOWER
            case "delayed":
                return data, LATE
            case "intermittent" if dice.random() < 0.5:
                return None, 0
        return data, 0

    # ------------------------------------------------------------ posture

    def posture(self, sample: Posture) -> Posture | None:
        """The sample that arrives in place of `sample` (its `t` says when), None if none does."""
        t = sample.t
        dice = self._dice["posture"]
        fault = self._acting("posture", t)
        kind = fault.kind if fault else None
        if kind == "off" or (kind == "intermittent" and dice.random() < 0.5):
            return None
        if kind == "slow" and t - self._last_sample < POSTURE_EVERY:
            return None
        if kind == "stuck":
            sample = replace(self._sample or sample, t=t)
        self._sample, self._last_sample = sample, t
        if kind == "garbage":
            return replace(
                sample,
                trunk=Decideg(dice.randint(-1800, 1800)),
                neck=Decideg(dice.randint(-1800, 1800)),
            )
        if kind == "wrong" and fault is not None and sample.trunk is not None:
            return replace(sample, trunk=Decideg(sample.trunk + self._offset[fault]))
        return replace(sample, t=Millis(t + LATE)) if kind == "delayed" else sample

    def _acting(self, where: str, t: int) -> Fault | None:
        for fault in self._by_where[where]:
            if fault.covers(t):
                return fault
        return None

    def _in_gap(self, fault: Fault, t: int) -> bool:
        return any(begin <= t < end for begin, end in self._gaps.get(fault, ()))


def _gaps(fault: Fault, dice: random.Random) -> list[tuple[int, int]]:
    """When an intermittent thing is away: 1 to 3 s, with 3 to 6 s between, from the start on."""
    gaps = []
    t: int = fault.at_ms
    end = fault.at_ms + fault.for_ms
    while t < end:
        back = min(end, t + dice.randint(1000, 3000))
        gaps.append((t, back))
        t = back + dice.randint(3000, 6000)
    return gaps


def _raised(frame: bytes, tenths: int, highest: Mapping[int, int]) -> bytes:
    """A frame that sets a target, with a higher one in the machine's range; others as they are."""
    if len(frame) != 3 or frame[0] not in highest:
        return frame
    target = int.from_bytes(frame[1:], "little", signed=True)
    raised = max(target, min(target * tenths // 10, highest[frame[0]]))
    return frame[:1] + raised.to_bytes(2, "little", signed=True)
