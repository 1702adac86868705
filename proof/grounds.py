"""What the recorded inputs of a session give a guard to intervene for, by kind and time.

Reports are what somebody or the machine said; states are what telemetry shows, or has stopped
showing. The rule to keep: everything is judged from inputs, by numbers of the article and of the
table of hazards. Of the guard's own doing only what it wrote counts, to tell an echo from a hand:
a machine that repeats our Start, our Stop or our target has given no ground for anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from proof.grounds_plans import KINDS, PlanGrounds

Line = Mapping[str, Any]

REPORT_MS: Final = 30_000
STATE_MS: Final = 10_000
ASKED_MS: Final = 90_000
"""From 1 km/h to the hard limit of 20 a ramp takes less."""

RAMPS: Final = frozenset({"asked to speed", "asked to incline", "asked to end"})
STATES: Final = frozenset(
    {"silence", "no link", "not following", "nobody's motion", "faster", "steeper", "leaping"}
    | {"unrated", "no motion", "long break"}
    | KINDS
)
STOPS_BELT: Final = frozenset(
    {"pain above 4", "symptom", "old message", "asked to stop", "asked to break", "asked to end"}
    | {"leaning", "far over", "unrated", "lost time", "leaves", "key", "not following"}
)
"""What a Stop that couldn't go out may be owed to."""

STOPPED: Final = 5
NEAR: Final = 15
STEP: Final = 5
ECHO_MS: Final = 5_000
START_MS: Final = 10_000
STOP_ECHO_MS: Final = 10_000
FALLS_MS: Final = 3_000
LINK_GONE_MS: Final = 30_000
SLEPT_MS: Final = 1_000
LEAP: Final = 50
LEAP_PER_S: Final = 300
LEAPS_WITHIN_MS: Final = 10_000
LEAPS: Final = 3
FOUR_AGAIN_MS: Final = 300_000

RESET, STOPPED_BY_USER, KEY, STARTED, SPEED_SET, GRADE_SET, CONTROL_LOST = 1, 2, 3, 4, 5, 6, 255
COUNTDOWN: Final = 14
WINDS_DOWN: Final = (15, 16)


class Grounds:
    """Folds a session's lines in order; `lately` says whether there is ground of some kind."""

    def __init__(self, header: Line) -> None:
        policy, self._profile = header["policy"], header["profile"]
        prompts = policy["prompts"]
        self._lost_ms = round(policy["telemetry"]["lost_s"] * 1000)
        twice = policy["pain"]["rerate_s"] + prompts["early_every_s"] + prompts["open_s"]
        self._unrated_ms = round(twice * 1000)
        self._break_ms = round(policy["break"]["max_s"] * 1000)
        self._last: dict[str, int] = {}
        self._link = False
        self._link_t = 0
        self._speeds: list[tuple[int, int]] = []
        self._grades: list[tuple[int, int]] = []
        self._leaps: list[int] = []
        self._told: int | None = None
        self._told_grade: int | None = None
        self._low = self._low_grade = 0
        self._wrote: dict[str, int] = {}
        self._slows: int | None = None
        self._expected = False
        self._moves_since: int | None = None
        self._moved: int | None = None
        self._rated = 0
        self._four: int | None = None
        self._least = 100
        self._plans = PlanGrounds(header)
        self._restored(header["initial_state"], 0)

    def ever(self, kind: str) -> bool:
        """Whether there was ground of this kind at all."""
        return kind in self._last

    def lately(self, kind: str, t: int) -> bool:
        """Whether there was ground of this kind a moment ago, by the kind's own measure."""
        within = STATE_MS if kind in STATES else REPORT_MS
        if kind in RAMPS:
            within = ASKED_MS
        return kind in self._last and t - self._last[kind] <= within

    def fold(self, line: Line) -> None:
        """Take in one line, an input or what was written."""
        t = line["t"]
        match line["kind"]:
            case "command" if not line.get("shadow"):
                self._written(line, t)
            case "pain" | "symptom" if line["retained"]:
                self._heard("old message", t)
            case "pain":
                self._pain(line, t)
            case "symptom":
                self._heard("symptom", t)
            case "posture":
                self._posture(line, t)
            case "operator":
                slows_to_0 = line["do"] == "speed" and line["value"] is not None
                stops = slows_to_0 and line["value"] <= 0
                self._heard("asked to stop" if stops else f"asked to {line['do']}", t)
            case "link":
                self._linked(line, t)
            case "telemetry":
                self._measured(line, t)
            case "machine":
                self._said(line, t)
            case "answer" if line["result"] != 1:
                self._heard("refused", t)
                self._heard(f"{line['op']} refused", t)
            case "clock":
                self._heard("lost time", t)
                if line["slept"] and line["lost"] > SLEPT_MS:
                    self._heard("slept", t)
            case "host":
                self._heard("leaves", t)
            case "restart":
                self._restored(line["initial_state"], t)
        self._passes(t)

    def _heard(self, kind: str, t: int) -> None:
        self._last[kind] = t
        self._plans.heard(kind)

    def _restored(self, kept: Line, t: int) -> None:
        if kept["moving"] or kept["in_session"]:
            self._heard("restart", t)
        if kept["owed_stop"]:
            self._heard("owed", t)

    # ------------------------------------------------------------ people

    def _pain(self, line: Line, t: int) -> None:
        level = 5 if line["level"] is None else line["level"]
        if line["role"] == "local":
            self._rated = t
        if level > 0:
            self._heard("pain", t)
        again = level == 4 and self._four is not None and t - self._four <= FOUR_AGAIN_MS
        if level > 4 or again:
            self._heard("pain above 4", t)
        if level >= 7:
            self._heard("pain from 7", t)
        if level == 4:
            self._four = t

    def _posture(self, line: Line, t: int) -> None:
        trunk = line.get("trunk_deg", 0) - self._profile["trunk_baseline_deg"]
        neck = line.get("neck_deg", 0) - self._profile["neck_baseline_deg"]
        if trunk > 20 or neck > 25:
            self._heard("bent", t)
        if trunk > 20:
            self._heard("leaning", t)
        if trunk > 45:
            self._heard("far over", t)

    # ------------------------------------------------------------ the machine

    def _linked(self, line: Line, t: int) -> None:
        up = line["state"] == "up"
        if up:
            self._heard("link up", t)
            if self.ever("link down"):
                self._back(t)
        else:
            self._heard("link down", t)
        self._link, self._link_t = up, t
        self._speeds, self._grades = [], []

    def _back(self, t: int) -> None:
        self._heard("link back", t)
        if max(self._last.get(kind, -1) for kind in STOPS_BELT) >= self._link_t - STOP_ECHO_MS:
            self._heard("owed", t)
        if t - self._link_t > LINK_GONE_MS:
            self._heard("link gone", t)

    def _since(self, op: str, t: int) -> int:
        return t - self._wrote[op] if op in self._wrote else t + STOP_ECHO_MS + 1

    def _said(self, line: Line, t: int) -> None:
        ranges = line.get("ranges")
        if ranges is not None and ranges["speed_min"]:
            self._least = ranges["speed_min"]
        status, training, value = line.get("status"), line.get("training"), line.get("value")
        if status == KEY:
            self._heard("key", t)
        elif status == CONTROL_LOST:
            self._heard("control lost", t)
        elif status in (RESET, STOPPED_BY_USER) or training in WINDS_DOWN:
            if self._since("stop", t) > STOP_ECHO_MS:
                self._heard("stopped at the console", t)
        elif status == STARTED or training == COUNTDOWN:
            if self._since("start", t) > START_MS:
                self._heard("started", t)
        elif status == SPEED_SET and value is not None:
            if not self._echo(value, self._told, self._speeds, self._since("set_speed", t)):
                self._heard("speed set", t)
        elif status == GRADE_SET and value is not None:
            ours = self._since("set_incline", t)
            if not self._echo(value, self._told_grade, self._grades, ours):
                self._heard("incline set", t)

    def _echo(self, value: int, told: int | None, seen: list[tuple[int, int]], since: int) -> bool:
        """Our own target repeated, or a step on the belt's way to it."""
        if told is None:
            return False
        if value == told:
            return True
        now = seen[-1][1] if seen else told
        return since <= ECHO_MS and min(now, told) - NEAR <= value <= max(now, told) + NEAR

    def _measured(self, line: Line, t: int) -> None:
        grade, speed = line.get("incline"), line.get("speed")
        if grade is not None:
            self._grades = [*self._grades[-20:], (t, grade)]
            self._low_grade = min(self._low_grade, grade) if len(self._grades) > 1 else grade
            told = self._low_grade if self._told_grade is None else self._told_grade
            if grade >= max(told, self._low_grade) + STEP:
                self._heard("steeper", t)
        if speed is None:
            return
        before = self._speeds[-1] if self._speeds else None
        self._speeds = [*self._speeds[-40:], (t, speed)]
        if speed <= STOPPED:
            self._low = 0
            self._stands(t)
            return
        self._moved = t
        self._moves_since = t if self._moves_since is None else self._moves_since
        self._low = speed if before is None else min(self._low, speed)
        if before is not None and before[1] > STOPPED:
            self._plans.moves(t - before[0])
            self._moves(t, speed, before)
        if before is not None and speed - before[1] > LEAP + LEAP_PER_S * (t - before[0]) // 1000:
            self._leaps = [leap for leap in self._leaps if t - leap < LEAPS_WITHIN_MS] + [t]
            if len(self._leaps) >= LEAPS:
                self._heard("leaping", t)

    def _stands(self, t: int) -> None:
        self._plans.stands()
        self._moves_since = None
        twice = len(self._speeds) > 1 and self._speeds[-2][1] <= STOPPED
        if twice and self._since("start", t) > START_MS:
            self._expected = False
            self._told = self._told_grade = None

    def _moves(self, t: int, speed: int, before: tuple[int, int]) -> None:
        began = t if self._moves_since is None else self._moves_since
        if not self._expected and t - began <= STATE_MS:
            self._heard("nobody's motion", t)
        if self._told is not None and min(speed, before[1]) > max(self._told, self._low) + NEAR:
            self._heard("faster", t)

    # ------------------------------------------------------------ what was written, and time

    def _written(self, line: Line, t: int) -> None:
        op, value = line["op"], line["value"]
        self._wrote[op] = t
        now = self._speeds[-1][1] if self._speeds else 0
        if op == "start":
            self._expected, self._told, self._low, self._slows = True, self._least, 0, None
        elif op == "stop":
            self._slows = t if self._slows is None else self._slows
            self._told, self._low = 0, now
        elif op == "set_speed":
            falls = value < now or (self._told is not None and value < self._told)
            self._slows = (self._slows or t) if falls else None
            self._told, self._low = value, now
        elif op == "set_incline":
            self._told_grade = value
            self._low_grade = self._grades[-1][1] if self._grades else value

    def _passes(self, t: int) -> None:
        """What is so only because time has passed."""
        for kind in self._plans.now():
            self._last[kind] = t
        seen = self._speeds[-1][0] if self._speeds else self._link_t
        if self._link and t - seen >= self._lost_ms:
            self._heard("silence", t)
        if not self._link:
            self._heard("no link", t)
        if self._doesnt_follow(t):
            self._heard("not following", t)
        if self._moved is None:
            return
        if t - self._rated >= self._unrated_ms and self.ever("pain"):
            self._heard("unrated", t)
        if t - self._moved >= self._break_ms:
            self._heard("long break", t)

    def _doesnt_follow(self, t: int) -> bool:
        """The belt was told to slow or stop, and for 3 s it hasn't."""
        if "start" in self._wrote and self._moves_since is None:
            waited = self._since("start", t)
            if waited >= START_MS and (self._moved is None or self._moved < self._wrote["start"]):
                self._heard("no motion", t)
        if self._slows is None or t - self._slows < FALLS_MS or not self._speeds:
            return False
        now = self._speeds[-1][1]
        if now <= max(self._told or 0, STOPPED) + NEAR and self._told != 0:
            return False
        old = [speed for at, speed in self._speeds if at <= t - FALLS_MS]
        return now > STOPPED and bool(old) and old[-1] - now < STEP
