"""The equipment check of `treadguard inspect`: where its facts come from, and how it is said.

Here: machine, profile and answers put together, and the lines. Not here: the verdicts
(report/equipment.py) and the questions (questions.py). The rule to keep: what a machine says of
itself counts before what its owner says, except where it has shown that it isn't true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from msgspec import structs

from treadguard.cli.looking_back import now, read_diary
from treadguard.cli.questions import Untold
from treadguard.config import ConfigError, effective, user_policy, user_profile
from treadguard.ftms.characteristics import Characteristic
from treadguard.report import index
from treadguard.report.equipment import Facts, Shoes, Verdict
from treadguard.report.equipment_file import QUANTITIES, Answers, runner_facts
from treadguard.report.outlook import counted, worn
from treadguard.report.quantities import quantity
from treadguard.treadmill.offer import Offer
from treadguard.treadmill.readings import ranges
from treadguard.units import Grade, Speed

_WRITES: Final = frozenset({"write", "write-without-response"})


def told(offer: Offer) -> Facts:
    """What the machine itself says, and the runner's own files. A range that isn't true is none."""
    usable = ranges(
        offer.values.get(Characteristic.SPEED_RANGE.short),
        offer.values.get(Characteristic.INCLINE_RANGE.short),
    )
    heard = offer.heard.speed
    speed_max = usable.speed_max
    if speed_max is not None and heard is not None and heard[1] > speed_max:
        speed_max = None  # perhaps in miles
    inclines = usable.incline_min != usable.incline_max
    properties = offer.properties.get(Characteristic.CONTROL_POINT.short, ())
    height_cm, runs_a_week = runner_facts(user_profile())
    speed_cap, grade_cap = caps()
    return Facts(
        height_cm=height_cm,
        runs_a_week=runs_a_week,
        speed_cap=speed_cap,
        grade_cap=grade_cap,
        takes_stop=bool(_WRITES & set(properties)),
        incline_min=usable.incline_min if inclines else None,
        incline_max=usable.incline_max if inclines else None,
        speed_max=speed_max,
    )


def caps() -> tuple[Speed | None, Grade | None]:
    """The guard's own, of policy and profile; None where these can't be used (`config check`)."""
    try:
        own = effective(user_policy(), user_profile())
    except ConfigError:
        return None, None
    speed, grade = own.policy.caps.speed, own.policy.caps.grade
    return (
        speed if own.profile.speed_max is None else min(speed, own.profile.speed_max),
        grade if own.profile.grade_max is None else min(grade, own.profile.grade_max),
    )


def shoe_hours() -> float | None:
    """What the present shoes have done on treadguard's sessions; None where none are named."""
    found = index.sessions(index.sessions_folder(), index.index_file())
    own, _ = read_diary()
    shoes = worn(counted(found.rows, now()), own, now())
    return None if shoes is None else shoes.hours


def untold(facts: Facts) -> Untold:
    """What the owner must be asked because neither machine nor profile says it."""
    return Untold(
        incline=facts.incline_max is None,
        top_speed=facts.speed_max is None,
        height=facts.height_cm is None,
        runs_a_week=facts.runs_a_week is None,
    )


def completed(facts: Facts, answers: Answers, shoe_hours: float | None = None) -> Facts:
    """With the owner's answers where nothing else is known, and the hours in these shoes."""
    treadmill, runner = answers.treadmill, answers.runner
    sizes = {
        key: quantity(text, QUANTITIES[key])
        for key, text in {**structs.asdict(treadmill), **structs.asdict(runner)}.items()
        if key in QUANTITIES and text is not None
    }
    if facts.incline_max is None and "incline" in sizes:
        facts = replace(facts, incline_max=Grade(sizes["incline"]))
    if facts.speed_max is None and "top_speed" in sizes:
        facts = replace(facts, speed_max=Speed(sizes["top_speed"]))
    if facts.height_cm is None:
        facts = replace(facts, height_cm=sizes.get("height"))
    if facts.runs_a_week is None:
        facts = replace(facts, runs_a_week=runner.runs_a_week)
    said = structs.asdict(answers.shoes)
    said.pop("answered")
    return replace(
        facts,
        key=treadmill.key,
        power_w=sizes.get("power"),
        belt_length_cm=sizes.get("belt_length"),
        belt_width_cm=sizes.get("belt_width"),
        panel=treadmill.panel,
        cushioning=treadmill.cushioning,
        stable=treadmill.stable,
        shoes=Shoes(**said),
        shoe_hours=shoe_hours,
    )


def lines(verdicts: Sequence[Verdict], answers: Answers) -> list[str]:
    """The check as it is shown, a line each."""
    out = [
        "",
        "How good it is for you, by the article's rows (docs/article.md): advice, not a test",
    ]
    for one in verdicts:
        mark = one.mark.upper() if one.safety and one.mark != "good" else one.mark
        text = f"{one.why} {one.do}".rstrip()
        out.append(f"  {mark:<7}  {one.what} ({one.row}): {text}")
    told, skipped = [], False
    for what in ("treadmill", "shoes", "runner"):
        said = structs.asdict(getattr(answers, what))
        day, _ = said.pop("answered"), said.pop("name", None)
        if day is not None and any(value is not None for value in said.values()):
            told.append(f"{what} {day:%F}")
        skipped |= day is not None
    if told:
        asked = f"Your answers: {', '.join(told)}"
    else:
        asked = "You skipped every question" if skipped else "You were asked nothing yet"
    return [*out, "", f"{asked}. On a terminal, --ask asks anew."]
