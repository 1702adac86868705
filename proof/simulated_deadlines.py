"""The deadlines of HAZARDS.md, in virtual time: Stop frames, alarms, and a belt at rest.

Here: how late each was, and whether that is too late. Not here: what may rise
(simulated_checks.py).
The rule to keep: a deadline runs from what truly happened, and is only ever made longer by a loop
that stood still, or by air that carried nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from proof.simulated_checks import (
    ALARM_WITHIN_MS,
    FRESH_MS,
    LOST_MS,
    OWED_MS,
    STOP_WITHIN_MS,
    TICK_MS,
    Figures,
    Finding,
)
from proof.simulated_film import Hand
from proof.simulated_view import LOCAL, START_OP, STARTS, STOP_OP, View
from treadguard.units import STOPPED_MAX

FIRST_STOP_MS: Final = 16_500
"""An orphan is counted down for 15 s from the first sample; a record and a tick more."""

AGAIN_MS: Final = 1_000
"""A Stop goes out once a second at most."""

MOVING: Final = ("RUNNING", "STARTING", "STOPPING", "LOST")


def stops(view: View, figures: Figures) -> Iterator[Finding]:
    """Pain above 4, the button, a symptom, stop and break: a Stop frame at once (I4, H24, H59)."""
    for hand in view.presses:
        if _demands_rest(hand):
            yield from _stop(view, hand, figures)


def _demands_rest(hand: Hand) -> bool:
    act = hand.act
    if act.do in ("button", "symptom", "break", "stop"):
        return True
    return act.do == "pain" and not act.retained and (act.value or 0) > 4


def _stop(view: View, hand: Hand, figures: Figures) -> Iterator[Finding]:
    film, t = view.film, hand.t
    leg = film.leg(t)
    late = film.due(t, STOP_WITHIN_MS)
    if not film.moves(t) or leg.state == "stopping" or not view.alive(t, late + LOST_MS):
        return
    if _under_way(view, t):
        figures.seen["press on a Stop under way"] += 1
        return
    if view.plan.mode == "shadow":
        yield from _in_shadow(view, hand, late, figures)
        return
    if _looks_still(view, t):
        figures.seen["press on a belt that looks still"] += 1
        return
    out = view.stops_in(t, late)
    what = f"{hand.act.do} {hand.act.value} by {hand.act.role} at {film.speed(t)}"
    if view.linked(t):
        worked = not view.broken(t, late, "link")
        if not out:
            yield Finding("I4 Stop within 500 ms", t, f"{what}, phase {view.was(t)}: no Stop frame")
        elif worked:
            figures.measure("pain to Stop frame", out[0].t - t)
        return
    if view.was(t) not in MOVING:
        # Somebody started it at its console while there was no link: nobody can know.
        figures.seen["press on a belt started out of sight"] += 1
        return
    alarm = view.alarmed(t, film.due(t, ALARM_WITHIN_MS))
    if alarm is None:
        yield Finding("A1 alarm for a Stop that can't go", t, what)
    else:
        figures.measure("alarm for a Stop that can't go", alarm - t)
    yield from _owed(view, hand, figures)


def _under_way(view: View, t: int) -> bool:
    """A Stop is the last word already, and the ladder watches over it; or it is a second young."""
    before = [w for w in view.motion if w.t < t]
    if not before or before[-1].op != STOP_OP:
        return False
    if t - before[-1].t < AGAIN_MS:
        return True
    console = [h for h in view.pressed(before[-1].t, t) if h.act.do.startswith("console")]
    return view.was(t) in ("STOPPING", "FAULT", "LOST", "ENDED", "BREAK") and not console


def _looks_still(view: View, t: int) -> bool:
    """All that came in says that it stands: a record's time late, or the machine lies."""
    seen = view.last_samples(t)
    return bool(seen) and seen[-1][1] <= 5


def _in_shadow(view: View, hand: Hand, late: int, figures: Figures) -> Iterator[Finding]:
    t = hand.t
    if hand.act.do == "break":
        return
    if hand.act.do == "stop":
        # One of the last second is the same Stop.
        sent = view.stops_in(t - AGAIN_MS, late)
        if hand.act.role in LOCAL and view.linked(t) and not sent:
            yield Finding("shadow sends the runner's own Stop", t, f"phase {view.was(t)}")
        return
    alarm = view.alarmed(t, t + ALARM_WITHIN_MS)
    already = [h for h in view.pressed(t - 600_000, t - 1) if _demands_rest(h)]
    if alarm is None and not already:
        yield Finding("A1 alarm in shadow", t, f"{hand.act.do} {hand.act.value}")
    elif alarm is not None:
        figures.measure("alarm in shadow", alarm - t)


def _owed(view: View, hand: Hand, figures: Figures) -> Iterator[Finding]:
    """A Stop that couldn't go out goes out after the reconnect, unless the belt stands by then."""
    film, t = view.film, hand.t
    up = next((at for at, is_up in view.links if at > t and is_up), None)
    if up is None:
        return
    late = film.due(up, OWED_MS + TICK_MS)
    again = next((at for at, is_up in view.links if at > up and not is_up), None)
    if (again is not None and again <= late) or not view.alive(t, late):
        return
    out = view.stops_in(up, late)
    if out:
        figures.measure("reconnect to owed Stop", out[0].t - up)
    elif film.moves(late) and film.leg(late).state == "running" and not _looks_still(view, late):
        taken = any(h.act.do in STARTS for h in view.pressed(t, late))
        if not taken:
            yield Finding(
                "H01 the owed Stop goes out", up, f"pressed {t}, phase {view.phase(late)}"
            )


def losses(view: View, figures: Figures) -> Iterator[Finding]:
    """A belt out of sight is an alarm within a second of its being known (H01, H02, H03, A1)."""
    yield from _dropped(view, figures)
    yield from _silent(view, figures)


def _dropped(view: View, figures: Figures) -> Iterator[Finding]:
    for t, up in view.links:
        if up or not view.alive(t, t + ALARM_WITHIN_MS):
            continue
        if view.was(t) not in ("RUNNING", "STARTING", "STOPPING") or not view.film.moves(t):
            continue
        late = view.film.due(t, ALARM_WITHIN_MS)
        alarm = view.alarmed(t, late)
        if alarm is None:
            yield Finding("A1 alarm when the link drops", t, f"phase {view.was(t)}")
        else:
            figures.measure("link loss to alarm", alarm - t)


def _silent(view: View, figures: Figures) -> Iterator[Finding]:
    """Seen from each sample that showed motion and had none after it for 5 s."""
    # Without a sample there is an end too many, and nothing to judge.
    ends = [*(t for t, _ in view.samples[1:]), view.film.over_at]
    for (t, speed), after in zip(view.samples, ends, strict=False):
        lost = t + LOST_MS
        late = view.film.due(t, LOST_MS + TICK_MS + ALARM_WITHIN_MS)
        if speed <= 5 or after <= late or not view.film.moves(lost) or not view.alive(t, late):
            continue
        if view.was(t) in ("LOST", "ENDED", "FAULT") or not view.linked(t):
            continue
        alarm = view.alarmed(t, late)
        if alarm is None:
            yield Finding("A1 alarm when telemetry ends", lost, f"phase {view.was(lost)}")
        elif alarm >= lost and not any(a < alarm and b > t for a, b in view.film.stalls):
            figures.measure("silence past 5 s to alarm", alarm - lost)


def rest(view: View, figures: Figures) -> Iterator[Finding]:
    """A Stop ends in a belt at rest within v/0.25 + 5 s, or in an alarm (D3, H05, H08, I17)."""
    film = view.film
    for n, frame in enumerate(view.motion):
        follows = n and view.motion[n - 1].op == STOP_OP
        if frame.op != STOP_OP or follows or frame.state == "standing":
            continue
        t, shown = frame.t, view.last_samples(frame.t, 1)
        speed = max(film.speed(t), frame.target, shown[0][1] if shown else 0)
        bound = speed * 1_000 // 25 + LOST_MS
        late = film.due(t, bound + ALARM_WITHIN_MS + TICK_MS)
        if not view.alive(t, late) or late > film.over_at:
            continue
        zero = _zero_after(view, t)
        human = any(
            h.act.do.startswith("console") or h.act.do in STARTS
            for h in view.pressed(t - FRESH_MS, late)
        )
        starts = any(w.op == START_OP for w in view.motion if t < w.t <= late)
        if zero is not None and zero <= t + bound:
            figures.measure("Stop to rest", zero - t)
            figures.measure("Stop to rest, % of its bound", (zero - t) * 100 // bound)
        elif view.alarmed(t, late) is not None:
            figures.seen["Stop without rest, alarmed"] += 1
        elif not human and not starts:
            yield Finding(
                "D3 at rest, or an alarm", t, f"from {speed}, bound {bound} ms, zero {zero}"
            )


def _zero_after(view: View, t: int) -> int | None:
    for n, leg in enumerate(view.film.legs):
        after = view.film.legs[n + 1].t if n + 1 < len(view.film.legs) else None
        if leg.ramp.target != 0 or (after is not None and after < t):
            continue
        # What the machine shows of it is a belt that stands: the last 0.05 km/h are nobody's alarm.
        ramp = replace(leg.ramp, start=max(0, leg.ramp.start - STOPPED_MAX))
        arrives = ramp.arrives()
        if arrives is not None and (after is None or arrives <= after):
            return max(t, int(arrives))
    return None


def orphans(view: View, figures: Figures) -> Iterator[Finding]:
    """A belt found moving after a restart: alarm at once, a Stop after 15 s at most (H63, I14)."""
    for n, (begin, _) in enumerate(view.film.lives):
        if n == 0 or view.plan.mode == "shadow":
            continue
        sample = next(((t, v) for t, v in view.samples if t >= begin and v > 5), None)
        first = next((t for t, _ in view.samples if t >= begin), None)
        if sample is None or first is None or sample[0] != first:
            continue
        t = sample[0]
        if not view.film.moves(t) or not view.alive(begin, t + FIRST_STOP_MS):
            continue
        figures.seen["orphans"] += 1
        alarm = view.alarmed(begin, t + ALARM_WITHIN_MS)
        if view.stops_in(begin, t + STOP_WITHIN_MS):
            # In a break, or with a Stop owed, there is nothing to count down.
            figures.seen["orphans stopped at once"] += 1
        elif alarm is None:
            yield Finding("H63 an orphan is an alarm", t, f"restart at {begin}")
        else:
            figures.measure("orphan seen to alarm", max(0, alarm - t))
        end = view.film.due(t, FIRST_STOP_MS)
        human = any(
            h.act.do.startswith("console") or h.act.do in (*STARTS, "safety_key")
            for h in view.pressed(begin, end)
        )
        broken = view.broken(begin, end, "link", "telemetry")
        if not view.stops_in(begin, end) and not human and not broken and view.film.moves(end):
            yield Finding(
                "H63 an orphan is stopped", t, f"restart at {begin}, phase {view.phase(end)}"
            )
