"""What a screen shows of the state: measured speed and its age, who holds the belt, the way out.

A reading, never a decision. Speeds in km/h and grades in %, as people read them; None is unknown.
The rule to keep: a speed is shown only as what was measured, never as what was commanded, and a
belt out of sight is unknown, never 0.
"""

from __future__ import annotations

from typing import Final

from treadguard.guard import order, outlook
from treadguard.guard.limits import Demand
from treadguard.guard.order import backoffs
from treadguard.guard.rules import breaks
from treadguard.guard.state import State
from treadguard.units import Millis

_RELEASE: Final = {
    "cap": "the cap of your policy",
    "profile": "the cap of your profile",
    "ceiling": "this session's ceiling stays",
    "link": "a connection to the treadmill",
    "telemetry": "fresh telemetry from the treadmill",
    "leaping speed": "a speed that stays steady for 3 s",
    "break soon": "the short break",
    "held up": "a new speed from the treadmill",
    "no rating": "rate your pain",
    "control": "the treadmill gives control back",
    "wrong way": "a new session, after the machine was checked",
    "end": "the session is ending",
    "not cleared": "a professional's word, and then 'treadguard setup'",
    "lock": "'treadguard unlock', once a professional was seen",
    "pain before the start": "a lower pain rating",
}


def view(s: State, now: Millis) -> dict[str, object]:
    """The state as DESIGN.md section 6.4 names it, ready for JSON."""
    limit, why = s.limit, _binding(s, now)
    return {
        "phase": s.phase,
        "mode": "shadow" if s.shadow else "guard",
        "speed_kmh": None if s.measured.speed is None else s.measured.speed / 100,
        "incline_pct": None if s.measured.grade is None else s.measured.grade / 10,
        "age_ms": s.measured.age(now),
        "wanted": _pair(s.speed.wanted, s.grade.wanted),
        "allowed": None if limit is None else _pair(limit.speed, limit.incline),
        "command": _pair(s.speed.setpoint, s.grade.setpoint),
        "may_raise": limit is not None and limit.may_raise,
        "capped": _capped(s, now),
        "slowest_kmh": s.machine.speed_min / 100,
        "why": why,
        "since_ms": {reason: now - _began(s, reason, t) for reason, t in s.since if reason in why},
        "release": [f"{reason}: {_release(s, reason, now)}" for reason in why],
        "consent_needed": _consent(s),
        "break": _break(s, now),
        "link": "up" if s.link else "down",
        "pain": {
            "last": s.pain.last,
            "asked": s.ratings.open_since is not None,
        },
        "triggers": s.breaks.triggers,
        "programme": _programme(s, now),
        "reminders": not s.reminders.quiet,
        "locks": list(s.locks),
    }


def _capped(s: State, now: Millis) -> list[str]:
    """What keeps the allowed speed where it is, and until when."""
    return [f"{why}: {_release(s, why, now)}" for why in sorted(order.limit_of(s, now).speed_why)]


def _began(s: State, why: str, t: Millis) -> Millis:
    """The stages are announced with the break; they begin to count at the first motion."""
    if why == "stage" and s.breaks.stage_from is not None:
        return s.breaks.stage_from
    return t


def _pair(speed: int | None, grade: int | None) -> dict[str, float | None]:
    return {
        "speed_kmh": None if speed is None else speed / 100,
        "incline_pct": None if grade is None else grade / 10,
    }


def _consent(s: State) -> str | None:
    if s.ended is not None or s.fault is not None or s.shadow:
        return None
    if s.phase in ("PAUSED", "BREAK"):
        return "resume"
    if s.phase == "READY":
        return "start"
    return "raise" if s.phase == "RUNNING" else None


def _binding(s: State, now: Millis) -> list[str]:
    """The rules that hold the belt now: what stops it hides the rest, an idle cap holds nothing."""
    limit = order.limit_of(s, now)
    if limit.belt is not Demand.RUN:
        return sorted(limit.belt_why)
    why = limit.raise_why
    if s.speed.wanted is not None and limit.speed_max <= s.speed.wanted:
        why |= limit.speed_why
    if s.grade.wanted is not None and limit.incline_max <= s.grade.wanted:
        why |= limit.incline_why
    return sorted(why)


def _release(s: State, why: str, now: Millis) -> str:
    if why == "lock" and not s.locks:
        return "unlocked: end this session and start a new one"
    if why in _RELEASE:
        return _RELEASE[why]
    for b in backoffs(s):
        if b.why == why:
            if b.until is None:
                return "a lower pain rating"
            left = f"over in {_seconds(b.until - now)} s"
            return f"{left}, or at a lower pain rating" if why == "pain" else left
    if why == "stage" and s.breaks.stage_from is not None:
        higher = s.breaks.stage_from + s.policy.breaks.stage1_ms
        over = higher + s.policy.breaks.stage2_ms
        if now < higher:
            return f"higher in {_seconds(higher - now)} s"
        return f"over in {_seconds(over - now)} s"
    if why == "break":
        owed = breaks.still_owed(s.breaks, now, s.policy.breaks)
        return owed or "resume, when you are on the belt with the key clipped"
    if s.ended is not None or s.fault is not None:
        return "nothing in this session"
    return "resume, when you are on the belt with the key clipped"


def _programme(s: State, now: Millis) -> dict[str, object] | None:
    """The plan under way, or the one that may be begun: where it is, and what comes next."""
    c, plan = s.course, s.plan
    if c is not None:
        plan = c.plan
    if plan is None:
        return None
    gone = 0 if c is None else c.gone(now)
    leg = None if c is None else plan.leg_at(gone)
    following: dict[str, object] = {"next": None, "held": "", "next_s": None}
    if c is not None and leg is not None:
        left = plan.begins(leg + 1) - gone
        following["next_s"] = _seconds(left)
        if leg + 1 < len(plan.legs):
            speed, grade, held = outlook.coming(s, c, leg + 1, order.limit_of(s, now), left)
            following |= {"next": _pair(speed, grade), "held": held}
    return {
        "kind": "programme" if c is None else c.kind,
        "begun": c is not None,
        "goes_up": c is not None and c.leave,
        "gone_s": gone // 1000,
        "lasts_s": plan.lasts // 1000,
        "leg": leg,
        "legs": len(plan.legs),
        **following,
        "offer": _offer(s, now),
    }


def _offer(s: State, now: Millis) -> dict[str, object] | None:
    """What a consent to the programme covers, None where there is none to begin."""
    covers = outlook.offered(s, now)
    if covers is None:
        return None
    lasts, speed, grade, raises = covers
    return {"lasts_s": _seconds(lasts), "raises": raises, **_pair(speed, grade)}


def _break(s: State, now: Millis) -> dict[str, object] | None:
    b = s.breaks
    if not b.active:
        return None
    end = breaks.ends_at(b, s.policy.breaks)
    last = None if b.zero is None else b.zero + s.policy.breaks.max_ms
    counts = b.level is not None
    return {
        "level": b.level,
        "left_s": None if end is None else _seconds(end - now),
        "max_left_s": None if last is None or not counts else _seconds(last - now),
        "rated": b.rated,
        "owed": breaks.still_owed(b, now, s.policy.breaks),
    }


def _seconds(ms: int) -> int:
    return max(0, -(-ms // 1000))
