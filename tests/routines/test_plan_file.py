"""A therapist's routines.toml: used as written, or refused whole with one sentence."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard.config import ConfigError
from treadguard.routines.choosing import choose
from treadguard.routines.library import library, own_plan
from treadguard.routines.plan_file import Plan, _File, load_plan, plan_from_dict

EXAMPLE = Path(__file__).parents[2] / "configs" / "routines.toml"
OWN = """
[exercise.nod]
name = "Nod"
what_for = "a test"
source = "made up"
{more}
[[exercise.nod.repetition]]
say = "{say}"
big = "{big}"
seconds = {seconds}
"""
FINE = {"say": "Now do it.", "big": "now", "seconds": "3", "more": ""}


def read(text: str) -> Plan:
    return plan_from_dict(tomllib.loads(text), library(), "mine.toml")


def own(**changes: str) -> str:
    return OWN.format(**{**FINE, **changes})


def test_the_example_is_fine_and_does_what_it_says() -> None:
    plan = load_plan(EXAMPLE, library())
    routine = choose("before", plan, own_plan(), library(), conditions=frozenset({"sacroiliac"}))
    assert [s.key for s in routine.stations][-2:] == ["cobra", "towel-slide"]
    cobra = routine.stations[2].exercise
    assert (cobra.dose.repetitions, cobra.dose.hold_s) == (6, 3)
    after = choose("after", plan, own_plan(), library(), conditions=frozenset({"sacroiliac"}))
    assert "hip-flexor" in [s.key for s in after.stations]
    assert "Side-to-side hips" in [one.name for one in after.left_out]


def test_an_empty_file_changes_nothing() -> None:
    assert read("") == Plan()


def test_an_exercise_of_ones_own_can_be_ordered() -> None:
    plan = read('[after]\norder = ["nod", "squat"]\n' + own())
    assert plan.exercise["nod"].name == "Nod"
    assert plan.orders["after"].order == ("nod", "squat")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("befor = 1", 'befor: there is no key "befor" here; did you mean "before"?'),
        ("[before]", 'before: the key "order" is missing.'),
        ("[before]\norder = []", "before.order must be"),
        ('[before]\norder = ["cobar"]', 'before.order: there is no exercise "cobar"; did you mean'),
        ('leave_out = ["plnk"]', 'leave_out: there is no exercise "plnk"'),
        ('allow = ["plnk"]', 'allow: there is no exercise "plnk"'),
        ("[dose.plnk]\nsets = 1", 'dose: there is no exercise "plnk"'),
        ("[dose.plank]\nsets = 0", "dose.plank.sets must be a whole number from 1 to 6, not 0."),
        ("[dose.plank]\nsets = 2.5", "dose.plank.sets must be"),
        ("[dose.plank]\nhold_s = 121", "dose.plank.hold_s must be a whole number from 2 to 120"),
        ("[dose.plank]\nreps = 3", 'there is no key "reps" here'),
        ("[dose.plank]\nhold_s = 2\n[dose.calf-stretch]\nhold_s = 1", "dose.calf-stretch.hold_s"),
        ('[before]\norder = ["cobra"]\n[before.first_for]\n"sore" = ["plank"]', "first_for"),
        (
            '[before]\norder = ["cobra"]\n[before.first_for]\nfacet = ["plnk"]',
            'before.first_for."facet": there is no exercise "plnk"',
        ),
        (own(seconds="1"), "exercise.nod.repetition[0]"),
        (own(seconds='"long"'), "exercise.nod.repetition[0]"),
        (own(big="3 times"), 'big = "3 times" must be letters and spaces'),
        (own(big="extraordinarily"), 'big = "extraordinarily" must be letters'),
        (own(big="one and two and three and four"), "fit on two lines of 12"),
        (own(say="a b c d e f g h i j"), "can't be spoken in 3 s"),
        (own(say="a\\u001b[2Jb"), "must be plain text, on one line"),
        (own(more='direction = "sideways"'), 'exercise.nod.direction must be one of "extension"'),
        (own(more="[[exercise.nod.frame]]\nname = 'x'"), 'the key "head" is missing'),
        (own().replace("nod", "Nod_1"), 'a name must be small letters and "-"'),
        (own().replace("nod", "cobra"), 'there is a "cobra" already'),
        (
            own(more='[[exercise.nod.leave_out]]\ncondition = "facet"\nwhy = "x"\ninstead = "y"'),
            'exercise.nod.leave_out: there is no exercise "y"',
        ),
    ],
)
def test_a_mistake_is_refused_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(text)
    assert str(refused.value).startswith("mine.toml: ")
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_dose_too_short_for_its_cue_is_refused() -> None:
    with pytest.raises(ConfigError, match="can't be spoken in 2 s: use fewer words"):
        read(own(seconds='"hold"', say="a b c d e f g", more="dose = { hold_s = 2 }"))
    longer = own(seconds='"hold"', say="a b c d e f g", more="dose = { hold_s = 4 }")
    assert read(longer).exercise
    with pytest.raises(ConfigError, match=r"in \[dose.nod\], .*can't be spoken in 2 s"):
        read(longer + "[dose.nod]\nhold_s = 2\n")


def test_a_frame_that_isnt_there_is_refused() -> None:
    frame = """
[[exercise.nod.frame]]
name = "sits"
head = [50, 94]
spine = [[50, 53], [50, 68], [50, 83]]
arm = [[50, 67], [50, 50]]
leg = [[50, 28], [50, 3], [60, 3]]
"""
    assert read(own() + "frame = 0\n" + frame).exercise["nod"].frame
    with pytest.raises(ConfigError, match="frame = 1 of 'now' isn't there"):
        read(own() + "frame = 1\n" + frame)


VALUES = st.recursive(
    st.one_of(
        st.booleans(), st.integers(), st.floats(), st.text(), st.sampled_from(list(library()))
    ),
    lambda below: st.one_of(
        st.lists(below, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    *_File.__struct_encode_fields__,
                    "order",
                    "first_for",
                    "sets",
                    "cobra",
                    "name",
                    "x",
                ]
            ),
            below,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*_File.__struct_encode_fields__, "x"]), VALUES, max_size=4))
def test_whatever_a_file_holds_it_is_a_plan_or_one_sentence(data: dict[str, Any]) -> None:
    try:
        plan = plan_from_dict(data, library(), "mine.toml")
    except ConfigError as refused:
        assert str(refused).startswith("mine.toml: ")
        assert str(refused).isprintable()
    else:
        assert isinstance(plan, Plan)
