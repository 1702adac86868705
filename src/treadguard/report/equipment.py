"""Treadmill and shoes against what the article asks for (A23 to A27), for one runner.

Here: facts in, verdicts out, pure. Not here: where the facts come from (cli/equipment.py), and what
the owner said of them (equipment_file.py). The rules to keep: what nobody said is unknown, and so
is a verdict that hangs on it; it is advice, and nothing fails; a better machine is never worse off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from treadguard.report.quantities import HP_W, LENGTH, POWER, SPEED, WIDTH, quantity
from treadguard.units import RUNNING_FROM, Grade, Speed, kmh, pct

Mark = Literal["good", "weak", "missing", "unknown"]
"""weak: it is there, and less than the article asks for. missing: it isn't there."""

Key = Literal["clipped", "loose", "none"]

LEAST_W: Final = quantity("1.5 hp", POWER)
"""Continuous (A23)."""

FREQUENT_W: Final = quantity("2.5 hp", POWER)
"""For frequent runners the article names 2.5 to 3.0 (A23)."""

FREQUENT_RUNS: Final = 3
"""A week. The article says "frequent" and no number; this one is a convention."""

LENGTH_CM: Final = quantity("48 in", LENGTH)
TALL_LENGTH_CM: Final = quantity("54 in", LENGTH)
TALL_CM: Final = 183
"""Above this, 6 ft, a runner needs the longer belt (A24)."""

WIDTH_CM: Final = quantity("18 in", WIDTH)
INCLINE: Final = Grade(100)
"""10 % (A25)."""

RUNNING: Final = Speed(quantity("10 mph", SPEED))
"""A25; shown as 16.1 km/h."""

SHOE_HOURS: Final = 60
"""A convention, not the article's: 500 km, the low end of what is said of running shoes, at an
easy 8 km/h."""


@dataclass(frozen=True, slots=True)
class Shoes:
    """The owner's yes or no to each point of A27; None is unsaid."""

    foot_type: bool | None = None
    gait: bool | None = None
    routine: bool | None = None
    fitted: bool | None = None
    upper: bool | None = None
    collar: bool | None = None
    toe_box: bool | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of runner, machine and shoes; None is unknown.

    Speeds 0.01 km/h, grades 0.1 %. `runs_a_week` 0: they only walk. `speed_cap` and `grade_cap` are
    the guard's own. `takes_stop`: it has a control point that takes writes.
    """

    height_cm: float | None = None
    runs_a_week: float | None = None
    speed_cap: Speed | None = None
    grade_cap: Grade | None = None
    takes_stop: bool | None = None
    key: Key | None = None
    power_w: int | None = None
    belt_length_cm: int | None = None
    belt_width_cm: int | None = None
    incline_min: Grade | None = None
    incline_max: Grade | None = None
    speed_max: Speed | None = None
    panel: bool | None = None
    cushioning: bool | None = None
    stable: bool | None = None
    shoes: Shoes = Shoes()
    shoe_hours: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the check. `row`: of docs/article.md or, H…, of docs/safety/hazards.toml.

    `why` and `do` are a sentence each, `do` may be empty. `safety`: it is about staying unhurt when
    all else fails, and is said first and firmly.
    """

    what: str
    row: str
    mark: Mark
    why: str
    do: str = ""
    safety: bool = False


def graded(facts: Facts) -> tuple[Verdict, ...]:
    """Every verdict, what is about safety first."""
    return (
        _key(facts),
        _stop(facts),
        _stable(facts),
        _power(facts),
        _length(facts),
        _width(facts),
        _incline(facts),
        _speed(facts),
        _panel(facts),
        _cushioning(facts),
        _chosen(facts.shoes),
        _sit(facts.shoes),
        _worn(facts),
    )


# ---------------------------------------------------------------- what stops the belt


def _key(facts: Facts) -> Verdict:
    mark: dict[Key | None, Mark] = {"clipped": "good", "loose": "weak", "none": "missing"}
    why, do = {
        "clipped": ("You clip it on.", "Go on doing so, each time, before the belt moves."),
        "loose": (
            "A key that isn't clipped on stops nothing when you fall.",
            "Clip it on before the belt moves, each time.",
        ),
        "none": (
            "Without a key nothing stops the belt when you fall; treadguard is no stand-in for it.",
            "Don't use this treadmill before it has one; ask its maker for it.",
        ),
        None: (
            "Nobody has said whether it has one.",
            "Look for it before the belt moves, and clip it on: no software replaces it.",
        ),
    }[facts.key]
    return Verdict("safety key", "H50", mark.get(facts.key, "unknown"), why, do, safety=True)


def _stop(facts: Facts) -> Verdict:
    if facts.takes_stop is None:
        mark: Mark = "unknown"
        why = "What it offers wasn't seen, so whether treadguard can stop it isn't known."
        do = "Rely on its console and its key alone."
    elif facts.takes_stop:
        mark = "good"
        why = "It takes a Stop from treadguard; whether it follows, only its speed shows."
        do = "Its own Stop button and key come first."
    else:
        mark = "missing"
        why = (
            "This belt can't be stopped by treadguard, however much it hurts: no Stop can be sent."
        )
        do = "Stop it yourself, by its console or its key, the moment it hurts."
    return Verdict("a Stop from treadguard", "A1", mark, why, do, safety=True)


def _stable(facts: Facts) -> Verdict:
    mark, why, do = _answered(
        facts.stable,
        "It stands firm.",
        "It rocks or wanders, and that can throw you.",
        "Don't run on it before it stands level and firm: its feet can be adjusted.",
        "Push it from the side, and walk fast on it: nothing should rock.",
    )
    return Verdict("stability", "A26", mark, why, do, safety=True)


# ---------------------------------------------------------------- the machine


def _power(facts: Facts) -> Verdict:
    asks = "the article asks for 1.5 hp, and for 2.5 to 3.0 from about three runs a week."
    power, runs = facts.power_w, facts.runs_a_week
    do = ""
    if power is None:
        mark: Mark = "unknown"
        why = f"Nobody has said how strong it is; {asks}"
        do = "Its plate or manual says it: continuous power (CHP), not peak."
    else:
        why = f"{_hp(power)} continuous; {asks}"
        if power >= FREQUENT_W or (power >= LEAST_W and runs is not None and runs < FREQUENT_RUNS):
            mark = "good"
        elif power >= LEAST_W and runs is None:
            mark, do = "unknown", "Say how often you run, and it can be told."
        else:
            mark = "weak"
            do = "Walk rather than run on it, and stop where the belt falters as you land."
    return Verdict("motor", "A23", mark, why, do)


def _length(facts: Facts) -> Verdict:
    asks = "the article asks for 122 cm (48 in), and for 137 cm (54 in) above 183 cm (6 ft)."
    length, height = facts.belt_length_cm, facts.height_cm
    do = ""
    if length is None:
        mark: Mark = "unknown"
        why, do = f"Nobody has said how long it is; {asks}", "Measure what you can stand on."
    else:
        why = f"{length} cm; {asks}"
        if length >= TALL_LENGTH_CM or (
            length >= LENGTH_CM and height is not None and height <= TALL_CM
        ):
            mark = "good"
        elif length >= LENGTH_CM and height is None:
            mark, do = "unknown", "Say how tall you are, and it can be told."
        else:
            mark, do = "weak", "Keep the stride short, and walk rather than run on it."
    return Verdict("belt length", "A24", mark, why, do)


def _width(facts: Facts) -> Verdict:
    asks, width = "the article asks for 46 cm (18 in).", facts.belt_width_cm
    if width is None:
        why, do = f"Nobody has said how wide it is; {asks}", "Measure the belt between its rails."
        return Verdict("belt width", "A24", "unknown", why, do)
    if width >= WIDTH_CM:
        return Verdict("belt width", "A24", "good", f"{width} cm; {asks}")
    do = "Keep to its middle, and walk rather than run on it."
    return Verdict("belt width", "A24", "weak", f"{width} cm; {asks}", do)


def _incline(facts: Facts) -> Verdict:
    top, cap = facts.incline_max, facts.grade_cap
    asks = "the article asks for 10 %."
    flat = "Nothing, for a sore back: flat is kinder to it than uphill (A9, A10)."
    if top is None:
        do = "Its manual says it; a sore back needs none (A9, A10)."
        return Verdict("incline", "A25", "unknown", f"It doesn't say how steep it gets; {asks}", do)
    if top <= 0:
        return Verdict("incline", "A25", "missing", f"It doesn't go uphill; {asks}", flat)
    why = f"Up to {pct(top):g} %; {asks}"
    if facts.incline_min is not None and facts.incline_min < 0:
        why += f" It goes down to {pct(facts.incline_min):g} % too, which is a plus."
    if cap is not None and cap < top:
        why += f" treadguard itself goes no higher than your cap of {pct(cap):g} %."
    if top >= INCLINE:
        return Verdict("incline", "A25", "good", why)
    return Verdict("incline", "A25", "weak", why, flat)


def _speed(facts: Facts) -> Verdict:
    top, cap, runs = facts.speed_max, facts.speed_cap, facts.runs_a_week
    asks = "for running the article asks for 16.1 km/h (10 mph); walking ends at about 8."
    do = ""
    if top is None:
        mark: Mark = "unknown"
        why, do = f"It doesn't say truly how fast it gets; {asks}", "Its manual says it."
        return Verdict("top speed", "A25", mark, why, do)
    why = f"Up to {kmh(top):g} km/h; {asks}"
    if cap is not None and cap < top:
        why += f" treadguard itself goes no faster than your cap of {kmh(cap):g} km/h."
    if top >= RUNNING or (top >= RUNNING_FROM and runs == 0):
        mark = "good"
    elif top >= RUNNING_FROM and runs is None:
        mark, do = "unknown", "It is enough for walking; say whether you run, and it can be told."
    elif top >= RUNNING_FROM:
        mark, do = "weak", "It is enough for walking and an easy run; don't run at its limit."
    else:
        mark, do = "weak", "Walk on it, and don't run."
    return Verdict("top speed", "A25", mark, why, do)


def _panel(facts: Facts) -> Verdict:
    mark, why, do = _answered(
        facts.panel,
        "It is simple, and in easy reach.",
        "What you must search or lean for bends the back as you walk.",
        "Set it up before you start, and know where its Stop is without looking.",
        "Stand on the belt: can you reach speed and Stop without leaning?",
    )
    return Verdict("control panel", "A26", mark, why, do)


def _cushioning(facts: Facts) -> Verdict:
    mark, why, do = _answered(
        facts.cushioning,
        "The deck gives a little.",
        "A hard deck passes each step on to the back.",
        "Cushioned shoes, shorter runs, and walking in between make up for some of it.",
        "Its manual says whether the deck is cushioned; a hand pressed on it feels it.",
        no="missing",
    )
    return Verdict("cushioning", "A26", mark, why, do)


# ---------------------------------------------------------------- the shoes


_CHOSEN: Final = {
    "foot_type": "your foot type is known",
    "gait": "how your foot rolls is known",
    "routine": "they are made for what you do in them",
    "fitted": "a running shop fitted them",
}
_SIT: Final = {
    "upper": "the upper holds without pressing",
    "collar": "the collar holds the heel without rubbing",
    "toe_box": "the toes have room",
}


def _chosen(shoes: Shoes) -> Verdict:
    do = "A running shop looks at how you stand and run, and fits them to that."
    return _points("choice of shoes", shoes, _CHOSEN, do)


def _sit(shoes: Shoes) -> Verdict:
    do = "Try others in a running shop, late in the day and in your running socks."
    return _points("fit of shoes", shoes, _SIT, do)


def _worn(facts: Facts) -> Verdict:
    what, hours = "age of shoes", facts.shoe_hours
    usual = f"from about {SHOE_HOURS} h, a common convention, look at them more closely."
    if hours is None:
        why = f"It isn't known for how many hours they were worn; {usual}"
        return Verdict(
            what, "A27", "unknown", why, "Worn soles or a leaning heel: time for others."
        )
    why = f"Worn for {hours:.0f} h; {usual}"
    if hours < SHOE_HOURS:
        return Verdict(what, "A27", "good", why)
    return Verdict(what, "A27", "weak", why, "Worn soles or a leaning heel: time for others.")


def _points(what: str, shoes: Shoes, points: dict[str, str], do: str) -> Verdict:
    """Good where all hold, weak where one doesn't, whatever is unsaid."""
    said = {point: getattr(shoes, point) for point in points}
    no = [points[point] for point, yes in said.items() if yes is False]
    unsaid = [points[point] for point, yes in said.items() if yes is None]
    if no:
        return Verdict(what, "A27", "weak", f"Not so: {', '.join(no)}.", do)
    if unsaid:
        why = f"Nobody has said whether {', '.join(unsaid)}."
        return Verdict(what, "A27", "unknown", why, "Look at them before the next run.")
    return Verdict(what, "A27", "good", f"{', '.join(points.values()).capitalize()}.")


def _answered(
    yes: bool | None, good: str, bad: str, do: str, look: str, *, no: Mark = "weak"
) -> tuple[Mark, str, str]:
    if yes is None:
        return "unknown", "Nobody has said.", look
    return ("good", good, "") if yes else (no, bad, do)


def _hp(watts: int) -> str:
    return f"{round(watts / HP_W, 2):g} hp ({watts} W)"
