"""States and lines as a service gives them, one moment each."""

from __future__ import annotations

from typing import Any

Map = dict[str, Any]

HEADER: Map = {
    "kind": "header",
    "journal": 1,
    "session": "f835a0c7",
    "mode": "guard",
    "treadmill": {"name": "the simulated treadmill (ideal)", "is_real": False, "ranges": None},
    "policy": {
        "break": {"stage1_pct": 60, "stage1_s": 60.0, "stage2_pct": 80, "stage2_s": 60.0},
        "posture": {
            "trunk_cue_deg": 15.0,
            "trunk_backoff_deg": 20.0,
            "trunk_stop_deg": 45.0,
            "neck_deg": 25.0,
        },
    },
    "profile": {"trunk_baseline_deg": 2.0, "neck_baseline_deg": 0.0},
}


def pair(speed: float | None, incline: float | None) -> Map:
    return {"speed_kmh": speed, "incline_pct": incline}


OFFER: Map = {"lasts_s": 2100, "raises": 7, **pair(7.5, 0.0)}
BEGUN: Map = {
    "kind": "programme", "begun": True, "goes_up": True, "gone_s": 60, "lasts_s": 2100, "leg": 0,
    "legs": 9, "next": pair(3.5, 0.0), "held": "", "next_s": 80, "offer": OFFER,
}  # fmt: skip


def state(**changes: Any) -> Map:
    """A belt that runs at 5.0 km/h and may go up to 12."""
    return {
        "phase": "RUNNING",
        "mode": "guard",
        "speed_kmh": 5.0,
        "incline_pct": 1.0,
        "age_ms": 400,
        "wanted": pair(5.0, 1.0),
        "allowed": pair(12.0, 10.0),
        "command": pair(5.0, 1.0),
        "may_raise": True,
        "why": [],
        "since_ms": {},
        "release": [],
        "consent_needed": "raise",
        "break": None,
        "link": "up",
        "pain": {"last": None, "asked": False},
        "triggers": 0,
        "locks": [],
        "seq": 100,
        **changes,
    }


def held(why: str, release: str, since_ms: int = 12_000, **changes: Any) -> Map:
    """The same belt, held by one rule."""
    return state(
        why=[why],
        since_ms={why: since_ms},
        release=[f"{why}: {release}"],
        may_raise=False,
        **changes,
    )


def standing(phase: str, **changes: Any) -> Map:
    """A belt at zero."""
    return state(
        **{
            "phase": phase,
            "speed_kmh": 0.0,
            "incline_pct": 0.0,
            "wanted": pair(0.0, None),
            "command": pair(0.0, None),
            "consent_needed": None,
            **changes,
        }
    )


EASING = held(
    "pain",
    "over in 108 s, or at a lower pain rating",
    speed_kmh=4.4,
    wanted=pair(4.2, 0.0),
    allowed=pair(4.2, 0.0),
    command=pair(4.2, 0.0),
    pain={"last": 3, "asked": False},
)
STOPPING = held("break", "the belt must stand first", 900, phase="STOPPING", speed_kmh=2.8)
BREAK = standing(
    "BREAK",
    may_raise=False,
    why=["break"],
    since_ms={"break": 19_000},
    release=["break: the break lasts 102 s more"],
    consent_needed="resume",
    pain={"last": 6, "asked": False},
    **{
        "break": {
            "level": 6,
            "left_s": 102,
            "max_left_s": 582,
            "rated": None,
            "owed": "the break lasts 102 s more",
        }
    },
)
READY = standing("READY", consent_needed="start")
LOST = state(phase="LOST", age_ms=9_000)


def line(seq: int, t: int, kind: str, **fields: Any) -> Map:
    return {"seq": seq, "t": t, "kind": kind, **fields}


def command(seq: int, t: int, op: str, value: int | None, *why: str, **more: Any) -> Map:
    return line(seq, t, "command", op=op, value=value, cause=seq - 1, why=list(why), **more)


def run_of_a_minute() -> list[Map]:
    """Up to 5 km/h, pain 3 after 40 s and what follows from it."""
    speeds = [100 + 20 * s for s in range(20)] + [500] * 20 + [470, 440] + [420] * 18
    lines = [
        line(10 * s + 10, 1_000 * s + 1_000, "telemetry", speed=speed, incline=10)
        for s, speed in enumerate(speeds)
    ]
    return [
        line(1, 100, "link", state="up", generation=1),
        line(2, 200, "phase", **{"from": "OFF", "to": "RUNNING"}),
        *lines[:40],
        line(401, 40_100, "pain", level=3, source="api", role="local", retained=False, id=None),
        line(402, 40_100, "cue", say="Easing to 4.2 km/h."),
        command(403, 40_100, "set_speed", 470, "pain"),
        *lines[40:],
    ]
