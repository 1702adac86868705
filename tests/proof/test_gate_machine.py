"""The gate alone against a reference of its law: what must pass, what must not, and what is open.

The reference knows samples, frames and consents, and DESIGN 2.2 in so many words. It is open only
where the words leave room (a raise that is neither clearly fair nor clearly too much); there the
gate may say either. The rule to keep: the reference never asks the gate anything but its verdict.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from treadguard import gate
from treadguard.units import Grade, Millis, Speed

REQUEST_CONTROL, START, STOP = b"\x00", b"\x07", b"\x08\x01"


@dataclass(slots=True)
class Reference:
    """`leave`: the target and the end of a consent, or of the ramp that has used it.

    `believed`: what was shown last, but risen by no more than 3 km/h a second or to `announced`.
    """

    samples: list[tuple[int, int]] = field(default_factory=list)
    sent: list[tuple[int, int]] = field(default_factory=list)
    doubt: int = -(10**6)
    start_until: int = -1
    leave: tuple[int, int] | None = None
    believed: int = 0
    announced: int = 0

    def shows(self, t: int, v: int) -> None:
        if self.samples:
            gap = min(t - self.samples[-1][0], 2_000)
            v = min(v, max(self.believed + 300 * gap // 1_000, self.announced))
        self.believed = v

    def known_stopped(self, t: int) -> bool:
        two = self.samples[-2:]
        return (
            len(two) == 2
            and all(v <= 5 and t - at <= 3_000 for at, v in two)
            and t - self.doubt > 10_000
        )

    def speed(self, t: int, v: int) -> bool | None:
        """True: must pass; False: must not; None: open."""
        if v > 2_000 or self.known_stopped(t) or not any(s > 5 for _, s in self.samples):
            return False
        measured = self.samples[-1][1]
        known = [measured, *(w for _, w in self.sent[-1:])]
        stands = self.sent and self.sent[-1][1] == 0 and t - self.sent[-1][0] <= 5_000
        if v > max(known):
            if self.leave is None or v > self.leave[0] or t - self.samples[-1][0] > 3_000:
                return False
            last = self.sent[-1][0] if self.sent else -(10**6)
            if v - max(known) > 100 or stands:
                return False
            calm = all(abs(s - measured) <= 10 for _, s in self.samples[-3:])
            fair = calm and v - max(known) <= 25 and t - last >= 1_000
            fair = fair and t <= self.leave[1] and abs(max(known) - measured) <= 10
            return True if fair and len(self.samples) > 2 and measured > 5 else None
        # A value that leaps isn't believed: what is only below the leap may be a raise.
        return True if v <= min(*known, self.believed) and not stands else None


class Law(RuleBasedStateMachine):
    """Samples, signs, consents and frames in any order, in one connection after another."""

    def __init__(self) -> None:
        super().__init__()
        self.t = 100_000
        self.generation = 0
        self.state = gate.GateState()
        self.doubt = -(10**6)
        self.connects()

    @rule()
    def connects(self) -> None:
        self.generation += 1
        self.state = gate.linked(self.state, Millis(self.t), True, self.generation)
        self.ref = Reference(doubt=self.doubt)

    @rule(ms=st.sampled_from([1, 250, 999, 1_000, 1_001, 3_001, 10_001]))
    def time_passes(self, ms: int) -> None:
        self.t += ms

    @rule(v=st.one_of(st.sampled_from([0, 5, 6]), st.integers(0, 1_500)))
    def shows(self, v: int) -> None:
        self.t += 200
        self.ref.shows(self.t, v)
        self.ref.samples.append((self.t, v))
        self.state = gate.saw_speed(self.state, Millis(self.t), Speed(v))

    @rule(v=st.integers(0, 1_500))
    def a_speed_is_announced(self, v: int) -> None:
        self.state = gate.saw_status(self.state, Millis(self.t), 5, v)
        self.ref.announced = v

    @rule(n=st.integers(2, 4), step=st.sampled_from([-60, -20, 0, 0, 0, 10, 40]))
    def goes_on(self, n: int, step: int) -> None:
        for _ in range(n):
            last = self.ref.samples[-1][1] if self.ref.samples else 300
            self.t += 800
            self.shows(max(0, last + step))

    @rule()
    def stands(self) -> None:
        self.shows(0)
        self.shows(0)

    @rule(v=st.integers(0, 15).map(lambda n: n * 10))
    def shows_a_grade(self, v: int) -> None:
        self.state = gate.saw_incline(self.state, Millis(self.t), Grade(v))

    @rule(training=st.booleans())
    def a_start_is_signed(self, training: bool) -> None:
        if training:
            self.state = gate.saw_training(self.state, Millis(self.t), 14)
        else:
            self.state = gate.saw_status(self.state, Millis(self.t), 4, None)
        self.doubt = self.ref.doubt = self.t

    @rule(v=st.integers(0, 150).map(lambda n: n * 10), stale=st.booleans())
    def consents_to_a_speed(self, v: int, stale: bool) -> None:
        generation = self.generation - stale
        until = Millis(self.t + 10_000)
        self.state = gate.consented(self.state, Millis(self.t), "speed", v, until, generation)
        if not stale:
            self.ref.leave = v, until

    @rule()
    def consents_to_a_start(self) -> None:
        until = Millis(self.t + 10_000)
        self.state = gate.consented(
            self.state, Millis(self.t), "start", None, until, self.generation
        )
        self.ref.start_until = until

    # -------------------------------------------------- frames

    def _asks(self, frame: bytes) -> bool:
        refused = self.state.refused
        self.state, why = gate.check(self.state, Millis(self.t), frame)
        assert self.state.refused == refused + (why is not None)
        return why is None

    @rule()
    def stop(self) -> None:
        assert self._asks(STOP) is not self.ref.known_stopped(self.t)
        if not self.ref.known_stopped(self.t):
            self.ref.sent.append((self.t, 0))
            self.ref.leave, self.ref.start_until = None, -1

    @rule()
    def start(self) -> None:
        fair = self.t <= self.ref.start_until and self.ref.known_stopped(self.t)
        assert self._asks(START) is fair
        if fair:
            self.doubt = self.ref.doubt = self.t
            self.ref.start_until, self.ref.leave, self.ref.sent = -1, None, []

    @rule(v=st.one_of(st.sampled_from([0, 2_000, 2_001, 65_535]), st.integers(0, 1_600)))
    def set_speed(self, v: int) -> None:
        must = self.ref.speed(self.t, v)
        passed = self._asks(b"\x02" + v.to_bytes(2, "little"))
        assert must in (passed, None), (must, v, self.ref)
        if passed:
            known = [s for _, s in (*self.ref.samples[-1:], *self.ref.sent[-1:])]
            if v < min(known):
                self.ref.leave, self.ref.start_until = None, -1
            self.ref.sent.append((self.t, v))

    @rule(step=st.integers(-30, 30))
    def set_a_near_speed(self, step: int) -> None:
        known = [v for _, v in (*self.ref.samples[-1:], *self.ref.sent[-1:])] or [300]
        self.set_speed(max(0, max(known) + step))

    @rule(
        stale=st.booleans(), between=st.sampled_from(["nothing", "a lowering", "a stop", "a gap"])
    )
    def a_calm_belt_is_raised_by_consent(self, stale: bool, between: str) -> None:
        """The usual way up, and what must end it."""
        self.goes_on(3, 0)
        target = self.ref.samples[-1][1] + 100
        self.consents_to_a_speed(min(target, 1_500), stale)
        if between == "a lowering":
            self.set_a_lower_speed(30)
        elif between == "a stop":
            self.stop()
        elif between == "a gap":
            self.t += 5_500
            self.ref.leave = None
        self.goes_on(3, 0)
        self.set_a_near_speed(20)

    @rule(step=st.integers(1, 100))
    def set_a_lower_speed(self, step: int) -> None:
        known = [v for _, v in (*self.ref.samples[-1:], *self.ref.sent[-1:])] or [300]
        self.set_speed(max(0, min(known) - step))

    @rule()
    def request_control(self) -> None:
        assert self._asks(REQUEST_CONTROL)

    @rule(frame=st.binary(max_size=6))
    def anything_else_is_refused(self, frame: bytes) -> None:
        if frame[:1] in (b"\x02", b"\x03") or frame in (REQUEST_CONTROL, START, STOP):
            return
        assert not self._asks(frame)

    @rule(frame=st.sampled_from([b"", b"\x02", b"\x02\x01", b"\x02\x01\x00\x00", b"\x08\x02"]))
    def a_frame_that_is_not_whole_or_a_pause_is_refused(self, frame: bytes) -> None:
        assert not self._asks(frame)


TestLaw = Law.TestCase
TestLaw.settings = settings(
    max_examples=120, stateful_step_count=35, deadline=None, derandomize=True
)
