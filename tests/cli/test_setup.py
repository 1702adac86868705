"""`treadguard setup`: what is asked, what is written, and what a red flag does."""

from __future__ import annotations

import io
import os
import sys
import tomllib
from pathlib import Path

import pytest
from tests.cli.conftest import Ran, Run

from treadguard.cli import setup_questions as q
from treadguard.config.runner import Runner, Therapist
from treadguard.config.toml import Table
from treadguard.routines.red_flags import red_flag_questions


class Terminal(io.StringIO):
    """What somebody types."""

    def isatty(self) -> bool:
        return True


class Runs:
    """Setup with these lines typed; what it has written."""

    def __init__(self, run: Run, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
        self._run = run
        self._monkeypatch = monkeypatch
        self.path = path

    def typed(self, *lines: str) -> Ran:
        text = "".join(f"{line}\n" for line in lines)
        self._monkeypatch.setattr(sys, "stdin", Terminal(text))
        return self._run("setup")

    def from_file(self, text: str) -> Ran:
        answers = self.path.parents[2] / "answers.toml"
        answers.write_text(text)
        return self._run("setup", "--answers", str(answers))

    def has(self, text: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(text)

    @property
    def written(self) -> Table:
        return tomllib.loads(self.path.read_text(encoding="utf-8"))


@pytest.fixture
def runs(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Runs:
    return Runs(run, monkeypatch, tmp_path / "config" / "treadguard" / "profile.toml")


def answers(**said: str) -> list[str]:
    """A line for each question about the runner; Enter where nothing is said."""
    assert set(said) <= {question.key for question in q.RUNNER}
    return [said.get(question.key, "") for question in q.RUNNER]


def test_a_whole_round_writes_a_profile_and_says_what_is_tighter(runs: Runs) -> None:
    said = answers(
        hurts="low back",
        since="spring",
        age="45",
        height_cm="178,5",
        conditions="6, 1",
        sensitive_to="f",
        cleared="y",
    )
    ended = runs.typed("none", *said, "2026-03-31", "y", "6.5", "", "3", "20", "e", "slowly")
    assert (ended.code, ended.err) == (0, "")
    assert runs.written == {
        "runner": {
            "red_flag": False,
            "hurts": "low back",
            "since": "spring",
            "age": 45,
            "height_cm": 178.5,
            "conditions": ["weak core", "sciatica"],
            "sensitive_to": "flexion",
            "cleared": True,
            "cleared_on": tomllib.loads("d = 2026-03-31")["d"],
        },
        "therapist": {
            "speed_max_kmh": 6.5,
            "pain_stop_above": 3,
            "longest_min": 20,
            "mdt": "extension",
            "note": "slowly",
        },
    }
    lines = [" ".join(line.split()) for line in ended.out.splitlines()]
    assert "profile.grade_max_pct = 2 flexion-sensitive (A9)" in lines
    assert any(line.startswith("sciatica (A10): An incline can bring") for line in lines)
    assert any(line.startswith("warmup.min = 8 ") for line in lines)
    assert f"Written: {runs.path}" in lines
    assert runs.path.stat().st_mode & 0o777 == 0o600


def test_it_begins_with_the_key_and_the_red_flags(runs: Runs) -> None:
    out = runs.typed("none", *answers(), "").out
    assert out.index("safety key") < out.index("no medical device") < out.index("Is it numb")
    assert all(" ".join(f.question.split())[:30] in out for f in red_flag_questions())
    assert out.index("With the pain: a fever") < out.index(q.RUNNER[0].ask)


def test_every_question_may_be_skipped(runs: Runs) -> None:
    ended = runs.typed("none", *answers(), "")
    assert ended.code == 0
    assert runs.written == {"runner": {"red_flag": False}}
    assert "Nothing is tighter for you than the defaults." in ended.out


def test_again_it_shows_what_there_is_and_enter_keeps_it(runs: Runs) -> None:
    runs.has(
        "speed_max_kmh = 6.0\ntrunk_baseline_deg = 3.0\n[runner]\nage = 45\ncleared = true\n"
        "conditions = ['facet', 'weak core']\nsensitive_to = 'extension'\nred_flag = false\n"
        "[therapist]\nmdt = 'flexion'\n"
    )
    before = runs.written
    ended = runs.typed("none", *answers(), "", "", *[""] * len(q.THERAPIST))
    assert ended.code == 0
    for shown in ("old are you? [45]", "none)? [4, 1]", "[b]", "(y or n)? [y]", "flexion, e"):
        assert shown in ended.out
    assert runs.written == before
    assert f"Nothing new: {runs.path}" in ended.out


def test_a_minus_clears_and_caps_and_baselines_stay(runs: Runs) -> None:
    runs.has(
        "# mine\nspeed_max_kmh = 6.0\ntrunk_baseline_deg = 3.0\n"
        "[runner]\nage = 45\nhurts = 'back'\nconditions = ['facet']\n"
        "cleared = true\ncleared_on = 2026-03-31\n"
    )
    ended = runs.typed("none", *answers(age="-", conditions="none", cleared="n"), "")
    assert ended.code == 0
    assert runs.written == {
        "speed_max_kmh": 6.0,
        "trunk_baseline_deg": 3.0,
        "runner": {"hurts": "back", "conditions": [], "cleared": False, "red_flag": False},
    }
    assert "what stood there before: profile.toml.before" in ended.out
    assert runs.path.with_name("profile.toml.before").read_text().startswith("# mine\n")


@pytest.mark.parametrize(
    ("key", "wrong", "says"),
    [
        ("age", "9", "  runner.age must be a whole number from 10 to 110, not 9."),
        ("age", "4.5", "  runner.age must be a whole number from 10 to 110, not 4.5."),
        ("age", "old", "  a number, please, like 5 or 5.5."),
        ("age", "٤٥", "  a number, please, like 5 or 5.5."),
        ("age", "1" * 5000, "  a number, please, like 5 or 5.5."),
        ("height_cm", "١٧٨.5", "  a number, please, like 5 or 5.5."),
        ("height_cm", "nan", "  a number, please, like 5 or 5.5."),
        ("hurts", "x" * 301, "  runner.hurts must be text of at most 300 letters"),
        ("hurts", "a\x1b[2Jb", "  plain letters, please."),
        ("conditions", "8", "  numbers from 1 to 7, please, like 1, 3; or none."),
        ("conditions", "1 and 2", "  numbers from 1 to 7, please, like 1, 3; or none."),
        ("conditions", ",", "  numbers from 1 to 7, please, like 1, 3; or none."),
        ("sensitive_to", "up", "  f, b or u, please."),
        ("cleared", "perhaps", "  y or n, please."),
    ],
)
def test_what_won_t_do_is_said_and_asked_again(runs: Runs, key: str, wrong: str, says: str) -> None:
    said = answers(**{key: wrong})
    said.insert(said.index(wrong) + 1, "")
    ended = runs.typed("none", *said, "")
    assert (ended.code, ended.err) == (0, "")
    assert any(line.endswith(says) or says in line for line in ended.out.splitlines())
    assert runs.written == {"runner": {"red_flag": False}}


@pytest.mark.parametrize(
    ("day", "says"), [("2099-01-01", "that is still to come."), ("spring", "a date like")]
)
def test_a_day_of_clearance_is_one_that_was(runs: Runs, day: str, says: str) -> None:
    ended = runs.typed("none", *answers(cleared="y"), day, "", "")
    assert ended.code == 0
    assert says in ended.out
    assert "cleared_on" not in runs.written["runner"]


def test_every_key_of_the_runner_s_is_asked() -> None:
    asked = [*q.RUNNER, q.CLEARED_ON, *q.THERAPIST]
    assert {a.key for a in asked if a.table == "therapist"} == set(Therapist.__struct_fields__)
    keys = {a.key for a in asked if a.table == "runner"}
    assert keys | {"red_flag"} == set(Runner.__struct_fields__)


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("1", "Have it seen today"),
        ("5, 4", "call the emergency number now"),
        ("5", "See a doctor first"),
    ],
)
def test_a_red_flag_sends_to_a_doctor_and_sets_nothing_else_up(
    runs: Runs, typed: str, advice: str
) -> None:
    runs.has("speed_max_kmh = 6\n[runner]\nage = 45\n")
    ended = runs.typed(typed)
    assert ended.code == 1
    assert advice in ended.out
    assert q.RUNNER[0].ask not in ended.out
    assert "no session is started" in ended.err
    assert ended.err.count("\n") == 1
    assert runs.written == {"speed_max_kmh": 6, "runner": {"age": 45, "red_flag": True}}


@pytest.mark.parametrize("unclear", ["", "no", "7", "0", "-"])
def test_only_none_or_a_number_answers_the_red_flags(runs: Runs, unclear: str) -> None:
    ended = runs.typed(unclear)
    assert ended.code == 1
    assert "numbers from 1 to 5, please" in ended.out
    assert "nothing was written" in ended.err
    assert not runs.path.exists()


def test_a_red_flag_of_before_is_lifted_once_a_doctor_was_seen(runs: Runs) -> None:
    runs.has("runner.red_flag = true\n")
    ended = runs.typed("none", "", "n")
    assert ended.code == 1
    assert q.SEE_FIRST in ended.out
    assert runs.written == {"runner": {"red_flag": True}}
    assert runs.typed("none", "y", *answers(), "").code == 0
    assert runs.written == {"runner": {"red_flag": False}}


def test_an_injured_spine_without_clearance_is_said_at_the_end(runs: Runs) -> None:
    ended = runs.typed("none", *answers(conditions="7"), "")
    assert ended.code == 0
    assert "No session is started: your profile names a strained or injured spine" in ended.out
    assert "It holds from" not in ended.out


@pytest.mark.parametrize("lines", [(), ("none",), ("none", "low back", "spring")])
def test_breaking_it_off_writes_nothing(runs: Runs, lines: tuple[str, ...]) -> None:
    ended = runs.typed(*lines)
    assert ended.code == 1
    assert ended.err == "treadguard: setup was broken off, and nothing was written.\n"
    assert not runs.path.parent.exists()


def test_ctrl_c_writes_nothing(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupted)
    ended = runs.typed("none")
    assert (ended.code, ended.err.count("nothing was written")) == (1, 1)
    assert not runs.path.exists()


def test_without_a_terminal_it_needs_a_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("none\n"))
    ended = run("setup")
    assert ended.code == 2
    assert "--answers FILE.toml" in ended.err


def test_answers_from_a_file_lie_over_what_there_is(runs: Runs) -> None:
    runs.has(
        "speed_max_kmh = 6.0\n[runner]\nage = 45\nconditions = ['facet']\ncleared = true\n"
        "cleared_on = 2026-03-31\n"
    )
    ended = runs.from_file("[runner]\nred_flag = false\ncleared = false\nmass_kg = 70\n")
    assert (ended.code, ended.err) == (0, "")
    assert runs.written == {
        "speed_max_kmh": 6.0,
        "runner": {
            "age": 45,
            "conditions": ["facet"],
            "cleared": False,
            "red_flag": False,
            "mass_kg": 70,
        },
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("runner.age = 45", "runner.red_flag is missing"),
        ("", "runner.red_flag is missing"),
        ("runner.red_flag = false\nrunner.age = 5", "runner.age must be"),
        ("runner.red_flag = 'no'", "runner.red_flag must be true or false"),
        ("runner = 3", "runner must be a table"),
        ("[[", "this isn't valid TOML"),
    ],
)
def test_answers_that_won_t_do_change_nothing(runs: Runs, text: str, says: str) -> None:
    runs.has("runner.age = 45\n")
    ended = runs.from_file(text)
    assert ended.code == 2
    assert says in ended.err
    assert ended.err.count("\n") == 1
    assert runs.path.read_text() == "runner.age = 45\n"


def test_a_red_flag_in_the_file_counts_and_is_lifted_by_a_clearance_alone(runs: Runs) -> None:
    assert runs.from_file("runner.red_flag = true").code == 1
    assert runs.written == {"runner": {"red_flag": True}}
    ended = runs.from_file("runner.red_flag = false")
    assert ended.code == 2
    assert "runner.cleared = true" in ended.err
    assert runs.written == {"runner": {"red_flag": True}}
    assert runs.from_file("runner.red_flag = false\nrunner.cleared = true").code == 0
    assert runs.written == {"runner": {"red_flag": False, "cleared": True}}


def test_a_profile_that_can_t_be_read_is_said_and_left_alone(runs: Runs) -> None:
    runs.has("runner.age = 5\n")
    ended = runs.typed("none", *answers(), "")
    assert ended.code == 2
    assert "mend or remove it first" in ended.err
    assert runs.path.read_text() == "runner.age = 5\n"


def test_a_disk_that_fails_is_one_sentence(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    ended = runs.typed("none", *answers(), "")
    assert ended.code == 2
    assert ended.err.endswith("nothing was changed: No space left on device.\n")
    assert not runs.path.exists()
