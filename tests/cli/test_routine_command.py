"""`treadguard routine`: as text without a terminal, guided with one; the profile and the plan."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from treadguard.cli import dash, routine
from treadguard.dashboard.guide import Guide
from treadguard.routines.outcome import Outcome
from treadguard.routines.red_flags import red_flag_questions

SUBS = ["before", "after", "strength", "break", "do", "list", "show", "check"]


def configured(tmp_path: Path, **files: str) -> Path:
    own = tmp_path / "config" / "treadguard"
    own.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (own / f"{name}.toml").write_text(text)
    return own


@pytest.mark.parametrize("sub", SUBS)
def test_each_has_help_with_an_example(run: Run, sub: str) -> None:
    ended = run("routine", sub, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert f"Example: treadguard routine {sub}" in ended.out


@pytest.mark.parametrize("sub", ["before", "after", "strength", "break"])
def test_without_a_terminal_the_routine_is_printed(run: Run, sub: str) -> None:
    ended = run("routine", sub)
    assert (ended.code, ended.err) == (0, "")
    assert "\n1. " in ended.out
    assert ("Then don't begin" in ended.out) == (sub == "before")


def test_conditions_and_direction_are_options(run: Run) -> None:
    out = run("routine", "before", "--conditions", "Weak-Core, facet", "--mdt", "flexion").out
    assert "- Cobra (your therapist has pinned flexion" in out
    assert "Plank on the knees" in run("routine", "strength", "--conditions", "weak core").out


def test_the_profile_says_them_and_the_options_say_otherwise(run: Run, tmp_path: Path) -> None:
    configured(
        tmp_path,
        profile='speed_max_kmh = 6\n[runner]\nage = 40\nconditions = ["sciatica"]\n'
        '[therapist]\nmdt = "flexion"\n',
    )
    out = run("routine", "before").out
    assert "- Cobra (your therapist has pinned flexion" in out
    assert "- Side-to-side hips (sciatica" in out
    assert "Left out" not in run("routine", "before", "--conditions=none", "--mdt=none").out
    assert (
        "- Side-to-side hips (sacroiliac" in run("routine", "after", "--conditions=sacroiliac").out
    )


def test_a_spinal_injury_needs_a_clearance(run: Run, tmp_path: Path) -> None:
    ended = run("routine", "before", "--conditions", "vertebral")
    assert (ended.code, ended.out) == (1, "")
    assert "before a professional has cleared it" in ended.err
    assert run("routine", "do", "squat", "--conditions", "vertebral").code == 1
    assert run("routine", "before", "--conditions", "vertebral", "--cleared").code == 0
    configured(tmp_path, profile='[runner]\nconditions = ["vertebral"]\ncleared = true\n')
    assert run("routine", "break").code == 0
    configured(tmp_path, profile='[runner]\nconditions = ["vertebral"]\n')
    assert run("routine", "break").code == 1


def test_exercises_by_name_are_done_unless_a_condition_leaves_them_out(run: Run) -> None:
    out = run("routine", "do", "wall-test", "squat").out
    assert out.index("1. Wall test") < out.index("2. Squat")
    ended = run("routine", "do", "wall-test", "cobra", "--conditions", "facet")
    assert (ended.code, ended.out) == (1, "")
    assert "'cobra' is left out for you (facet: " in ended.err


def test_the_therapists_plan_is_used_and_checked(run: Run, tmp_path: Path) -> None:
    own = configured(tmp_path, routines='[after]\norder = ["squat"]\n[dose.squat]\nsets = 1\n')
    assert "1. Squat: 10 times" in run("routine", "after").out
    assert "squat              1:01  Squat: 10 times\n" in run("routine", "list").out
    assert run("routine", "check", str(own / "routines.toml")).out.endswith(": fine\n")
    configured(tmp_path, routines='[after]\norder = ["sqat"]\n')
    for args in (
        ("after",),
        ("list",),
        ("show", "squat"),
        ("do", "squat"),
        ("check", str(own / "routines.toml")),
    ):
        ended = run("routine", *args)
        assert (ended.code, ended.out) == (2, "")
        assert 'after.order: there is no exercise "sqat"; did you mean "squat"?' in ended.err
        assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("nonsense",), "No such command"),
        (("before", "--conditions", "facett"), 'there is no condition "facett"; did you mean'),
        (("before", "--conditions", ""), '--conditions: there is no condition ""'),
        (("before", "--mdt", "sideways"), '--mdt: mdt must be "extension" or "flexion"'),
        (("before", "now"), "unexpected extra argument"),
        (("show",), "Missing argument"),
        (("show", "cobar"), 'there is no exercise "cobar"; did you mean "cobra"?'),
        (("do",), "Missing argument"),
        (("do", "cobar"), 'there is no exercise "cobar"'),
        (("check", "nowhere.toml"), "nowhere.toml: can't be read"),
        (("show", "cobra", "--svg", "/nowhere/cobra.svg"), "/nowhere/cobra.svg"),
    ],
)
def test_what_is_wrong_is_one_sentence(run: Run, args: tuple[str, ...], sentence: str) -> None:
    ended = run("routine", *args)
    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    "profile",
    [
        '[runner]\nconditions = ["sore"]\n',
        "[runner]\nconditions = 3\n",
        '[therapist]\nmdt = "up"\n',
        "x = [",
    ],
)
def test_a_profile_that_cant_be_read_is_named(run: Run, tmp_path: Path, profile: str) -> None:
    own = configured(tmp_path, profile=profile)
    ended = run("routine", "before")
    assert (ended.code, ended.out) == (2, "")
    assert str(own / "profile.toml") in ended.err
    assert ended.err.count("\n") == 1


def test_the_terminal_is_stdout_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dash, "is_terminal", lambda: True)
    assert not routine.is_terminal()
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert routine.is_terminal()


def test_show_draws_the_exercise_and_writes_its_svg(run: Run, tmp_path: Path) -> None:
    out = run("routine", "show", "cobra").out
    assert "█" in out
    assert "[up]" in out
    file = tmp_path / "cobra.svg"
    assert run("routine", "show", "cobra", "--svg", str(file)).code == 0
    assert file.read_text().startswith("<svg ")


def test_an_exercise_without_a_picture_has_no_svg(run: Run, tmp_path: Path) -> None:
    configured(
        tmp_path,
        routines='[exercise.nod]\nname = "Nod"\nwhat_for = "a test"\nsource = "me"\n'
        '[[exercise.nod.repetition]]\nsay = "Nod."\nbig = "nod"\nseconds = 3\n',
    )
    assert "Nod\n" in run("routine", "show", "nod").out
    ended = run("routine", "show", "nod", "--svg", str(tmp_path / "nod.svg"))
    assert ended.code == 2
    assert "'nod' has no picture" in ended.err
    assert not (tmp_path / "nod.svg").exists()


@pytest.fixture
def guided(monkeypatch: pytest.MonkeyPatch) -> list[Outcome | None]:
    """A terminal, and what the screen returns, one after the other; nothing is drawn."""
    returns: list[Outcome | None] = []
    monkeypatch.setattr(routine, "is_terminal", lambda: True)
    monkeypatch.setattr(Guide, "run", lambda _, **__: returns.pop(0))
    return returns


def test_on_a_terminal_it_guides_and_prints_the_summary(
    run: Run, guided: list[Outcome | None]
) -> None:
    guided.append(Outcome(("Squat",), (), ("Plank",)))
    ended = run("routine", "strength")
    assert ended.code == 0
    assert ended.out.startswith("Done: 1 of 2: Squat\nIt hurt: Plank\n")
    assert guided == []


def test_a_red_flag_is_said_and_is_exit_one(run: Run, guided: list[Outcome | None]) -> None:
    flag = red_flag_questions()[0]
    guided.append(Outcome(red_flag=flag))
    ended = run("routine", "before")
    assert (ended.code, ended.out) == (1, "")
    assert flag.then in ended.err


def test_a_screen_that_fails_is_one_sentence(run: Run, guided: list[Outcome | None]) -> None:
    guided.append(None)
    ended = run("routine", "after")
    assert ended.code == 1
    assert "'| cat' after it prints the routine" in ended.err


def test_only_before_asks_about_red_flags(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(routine, "is_terminal", lambda: True)

    def shown(guide: Guide, *, mouse: bool) -> Outcome:
        assert not mouse
        asked.append(len(guide._questions))
        return Outcome()

    monkeypatch.setattr(Guide, "run", shown)
    for name in ("before", "after", "strength", "break"):
        run("routine", name)
    assert asked == [len(red_flag_questions()), 0, 0, 0]
