"""What the belt does and is told, each a machine of its own: follower, console, ramp, incline.

Here too the back-off's arithmetic, against DESIGN's formula in exact fractions. Time moves by
seconds; the follower's bound for a whole stop (v / 0.25 + 5 s), left out of the core's grids, is
held here. The rule to keep: an oracle counts for itself what it judges by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

from proof.enumerate.rule_inputs import BELT, T0, ago
from proof.enumerate.search import Found, Taken, search
from treadguard.guard import console, follow, incline, ramp
from treadguard.guard.belt import Machine, Measured
from treadguard.guard.rules.backoff import Load, reduced
from treadguard.units import Millis, acsm

SPEEDS = (0, 50, 100)

# ---------------------------------------------------------------- follower


@dataclass(frozen=True)
class Belt:
    """The follower, what was last shown, and what the onlooker counts.

    `flat`: seconds without a new low since the write; `low`: the lowest since; `due`: ms until a
    stop as a whole is late.
    """

    follow: follow.Follow
    shown: int
    low: int = 0
    flat: int = 0
    due: int = 0


def _follow_normal(f: follow.Follow, now: int) -> follow.Follow:
    if f.kind == "none":
        return follow.Follow()
    late = f.late if f.kind == "raise" else T0 + max(0, f.late - now)
    return replace(
        f,
        pending=f.pending[:1] and (1,),
        last=Millis(T0 - min(now - f.last, 6_000)),
        mark_t=Millis(T0 - min(now - f.mark_t, 6_000)),
        late=0 if f.kind == "raise" else late,
        last_stop=ago(f.last_stop, now, 6_000),
    )


def _shows(b: Belt, speed: int) -> Taken[Belt]:
    now = Millis(T0 + 1_000)
    f, sees = follow.sampled(b.follow, now, speed, 10, judge=True)
    fell = speed <= b.low - follow.PROGRESS
    flat, low, due = 0 if fell else b.flat + 1, min(b.low, speed), max(0, b.due - 1_000)
    young = f.last_stop is not None and now - f.last_stop < follow.AFTER_STOP_MS
    if f.kind == "stop" and young and speed > b.low:
        # Some machines begin to show the motor then: the stop is judged from that speed.
        low, due = speed, max(due, speed * 40 + 5_000)
    if sees is follow.Sees.CONFIRMED:
        near = speed - f.target
        assert near <= follow.NEAR or f.kind == "raise", "confirmed only where it is"
        assert near >= -follow.NEAR or f.kind == "lower", "confirmed only where it is"
        assert b.follow.pending, "nothing to confirm"
    if sees is follow.Sees.WRONG_WAY:
        assert speed > f.target + 10, "the wrong way is above what was told"
        assert b.follow.wrong == 1, "and takes two samples"
    seen = follow.elapsed(f, now, Measured(speed=speed, t=now))
    stopping = f.kind == "stop" and speed > 5
    if f.kind == "stop" and not stopping:
        assert seen is follow.Sees.NOTHING, "a belt at zero climbs nothing"
    if stopping and f.last_stop is not None and f.stops == 1:
        if due == 0 or flat >= 5:
            assert seen is follow.Sees.CLIMB, "late, and no climb"
        if fell and due > 0:
            assert seen is follow.Sees.NOTHING, "it falls in time, and yet a climb"
    if sees is follow.Sees.WRONG_WAY or seen in (follow.Sees.CLIMB, follow.Sees.LOST_RAISE):
        said = f"{sees.value}, {seen.value}"
        return Taken(_idle(speed), said, said)
    after = Belt(_follow_normal(f, now), speed, low, min(flat, 6), due)
    return Taken(after if f.kind != "none" else _idle(speed), sees.value, sees.value)


def _idle(shown: int) -> Belt:
    return Belt(follow.Follow(), shown)


def _told(b: Belt, value: int) -> Taken[Belt]:
    f = follow.wrote_speed(b.follow, 1, T0, value, b.shown, up=value > b.shown)
    return Taken(Belt(_follow_normal(f, T0), b.shown, b.shown), "", "")


def _stopped(b: Belt) -> Taken[Belt]:
    f = follow.wrote_stop(b.follow, 1, T0, b.shown)
    assert f.late == T0 + b.shown * 40 + 5_000, "v / 0.25 + 5 s"
    assert f.stops == (b.follow.stops if b.follow.kind == "stop" else 0) + 1, "each is counted"
    return Taken(Belt(_follow_normal(f, T0), b.shown, b.shown, due=b.shown * 40 + 5_000), "", "")


def _belt(b: Belt) -> Iterable[tuple[str, Callable[[], Taken[Belt]]]]:
    for v in SPEEDS:
        yield f"shows {v}", partial(_shows, b, v)
    if b.follow.kind == "none":
        for v in SPEEDS[1:]:
            if v != b.shown:
                yield f"told {v}", partial(_told, b, v)
        yield "stop", lambda: _stopped(b)


# ---------------------------------------------------------------- console


def _judged(c: console.Console, speed: int, *, steady: bool) -> Taken[console.Console]:
    now = Millis(T0 + 1_000)
    after, says = console.judged(c, now, speed, 100, steady=steady)
    assert after.corrections <= 1, "corrected once"
    if says is console.Says.CORRECT:
        assert c.corrections == 0, "and not fought over"
        assert speed > 100, "only above what is allowed"
    if says is console.Says.STOP:
        assert c.corrections == 1, "only the second stops"
        assert not c.correcting(now), "a second change counts once the first is done"
    if says is console.Says.ACCEPT:
        assert speed <= 100, "nothing above the limit becomes wanted"
        assert steady, "once it is steady"
    corrected = ago(after.corrected, now, 6_000)
    since = Millis(T0 - min(now - after.since, 1_000))
    return Taken(replace(after, since=since, corrected=corrected), says.value, says.value)


def _hand(c: console.Console, *, up: bool) -> Taken[console.Console]:
    after = console.drives(c, T0, up=up)
    assert after.driving, "a hand at work"
    assert after.up or not (up or (c.driving and c.up)), "a hand that went up did so"
    return Taken(after, "", "")


def _console(c: console.Console) -> Iterable[tuple[str, Callable[[], Taken[console.Console]]]]:
    for speed in (50, 100, 150):
        for steady in (True, False):
            name = f"shows {speed}{' steady' if steady else ''}"
            yield name, partial(_judged, c, speed, steady=steady)
    for up in (True, False):
        yield (
            f"hand {'up' if up else 'down'}",
            partial(_hand, c, up=up),
        )
    if c.corrected is not None:
        yield "confirmed", lambda: Taken(replace(c, confirmed=True), "", "")


# ---------------------------------------------------------------- ramp


def _written(a: ramp.Axis, allowed: int, measured: int) -> Taken[ramp.Axis]:
    now = Millis(T0 + 1_000)
    target = ramp.target_of(a, allowed)
    assert target is not None, "a known axis has a target"
    point = a.setpoint or 0
    assert target <= allowed or target == point, "the command is never above what is allowed"
    if a.grant is None:
        assert target <= point, "without leave nothing goes up"
    value: int | None = None
    after = a
    if target != point:
        after = ramp.heading(a, now, target, measured)
        after, value = ramp.due(after, now, 25, 50, BELT.speed_step, BELT.speed_floor)
    if value is not None:
        assert value <= point or (a.grant is not None and value <= a.grant), "leave bounds a raise"
        assert value - point <= 50, "two seconds' worth at most"
        assert a.wrote is None or now - a.wrote >= 1_000, "each second"
        assert value == BELT.speed_floor(value), "on the machine's grid"
        after = ramp.wrote(after, now, value)
    began = None if after.ramp_to is None else after.ramp_t
    wrote = after.wrote
    after = replace(
        after,
        ramp_t=Millis(0) if began is None else Millis(T0 - min(now - began, 20_000)),
        ramp_from=0 if began is None else after.ramp_from,
        wrote=None if wrote is None else Millis(T0 - min(now - wrote, 22_000)),
    )
    said = "waits" if value is None else f"writes {value}"
    return Taken(after, said, said)


def _ramp(a: ramp.Axis) -> Iterable[tuple[str, Callable[[], Taken[ramp.Axis]]]]:
    for allowed in (100, 200):
        for measured in (100, 200):
            name = f"allowed {allowed}, shows {measured}"
            yield name, partial(_written, a, allowed, measured)
    yield "leave for 200", lambda: Taken(replace(a, wanted=200, grant=200, ramp_to=None), "", "")
    yield "asks 100", lambda: Taken(replace(a.settled(), wanted=100), "", "")
    yield "held to 150", lambda: Taken(a.settled().ratcheted(150), "", "")
    yield "adopts 200", lambda: Taken(a.adopted(200), "", "")


# ---------------------------------------------------------------- incline


@dataclass(frozen=True)
class Deck:
    """The grade watch, and the seconds since its last write."""

    watch: incline.GradeWatch | None
    age: int = 0


def _deck_told(d: Deck, value: int, grade: int) -> Taken[Deck]:
    w = incline.wrote_grade(d.watch, 1, T0, value, grade)
    return Taken(Deck(replace(w, pending=(1,))), "", "")


def _deck_shows(d: Deck, grade: int) -> Taken[Deck]:
    assert d.watch is not None
    w = replace(d.watch, t=Millis(d.watch.t - 1_000), high=max(d.watch.high, grade))
    age = d.age + 1
    late = age * 1_000 >= 5_000 + abs(w.target - w.start) * 1_000 // 3
    assert w.overdue(T0) == late, "5 s, and 0.3 % each second"
    if w.arrived(grade, 5):
        lowers = w.target < w.start
        assert (grade < w.target + 5) if lowers else (grade > w.target - 5), "within a step"
        return Taken(Deck(None), "arrived", "arrived")
    if w.falls_back(grade, 5):
        assert w.target > w.start, "only a raise falls back"
        return Taken(Deck(None), "falls back", "falls back")
    return Taken(Deck(None) if late else Deck(w, age), "late" if late else "", "")


def _deck(d: Deck) -> Iterable[tuple[str, Callable[[], Taken[Deck]]]]:
    for value, grade in ((0, 20), (20, 0), (10, 20)):
        if d.watch is None or not d.watch.turns(value):
            yield f"told {value} at {grade}", partial(_deck_told, d, value, grade)
    if d.watch is not None:
        for grade in (0, 10, 20):
            yield f"shows {grade}", partial(_deck_shows, d, grade)


# ---------------------------------------------------------------- back-off arithmetic

BELTS = (Machine(), Machine(50, None, 50, grade_step=10), Machine(80, None, 1, grade_step=1))


def _exact(load: Load, k: int, belt: Machine) -> tuple[int, int | None]:
    """DESIGN section 4 in exact fractions: what the integers must come to."""
    v, g = load.speed, load.grade
    share = Fraction(k, 30)
    a, b = acsm(v)
    if g is not None and g > 0 and load.grade_can_move:
        grade = (share * (a + b * g) - a) / b
        if grade >= 0:
            steps = int(grade // belt.grade_step) * belt.grade_step
            return v, min(steps, max(0, (g - 1) // belt.grade_step * belt.grade_step))
        speed, g = min(Fraction(v), v * share * (a + b * g) / a), 0
        if speed >= v:
            return v, 0
    else:
        speed = v * share
    steps = belt.speed_min + int((speed - belt.speed_min) // belt.speed_step) * belt.speed_step
    below = belt.speed_min + (v - 1 - belt.speed_min) // belt.speed_step * belt.speed_step
    return min(steps, below), g


def arithmetic() -> int:
    """Compare every load of the grid; how many there were."""
    n = 0
    for belt in BELTS:
        for k in range(24, 29):
            for speed in (*range(10, 2_001, 30), 799, 800, 801):
                for grade in (None, -10, 0, 5, 6, 10, 40, 80, 150):
                    for moves in (True, False):
                        load = Load(speed, grade, moves)
                        got = reduced(load, k, belt)
                        assert got == _exact(load, k, belt), (load, k, belt, got)
                        less = reduced(load, k - 1, belt)
                        assert less[0] <= got[0], "more pain, no more speed"
                        assert got[0] <= speed, "never above what went in"
                        n += 1
    return n


RULES: dict[str, Callable[[], Found[Any]]] = {
    "follower": lambda: search("rule: follower", (_idle(100), _idle(0)), _belt),
    "console": lambda: search("rule: console", (console.Console(),), _console),
    "ramp": lambda: search("rule: ramp", (ramp.Axis(wanted=100, setpoint=100),), _ramp),
    "incline": lambda: search("rule: incline", (Deck(None),), _deck),
}
"""Each of these machines, to be searched to the end."""
