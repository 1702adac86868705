"""`treadguard replay --against`: the difference in words and as JSON, and what is refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from treadguard.closed_loop.stage import Played, Stage

JOURNAL = Path(__file__).parents[1] / "sessions" / "walk_with_a_break.jsonl"


@pytest.fixture
def stricter(tmp_path: Path) -> str:
    file = tmp_path / "stricter.toml"
    file.write_text("[caps]\nspeed_kmh = 5\n[pain]\nstop_above = 3\n[ramp]\nlower_kmh_s = 0.25\n")
    return str(file)


def test_the_difference_is_told_in_words(run: Run, stricter: str) -> None:
    ended = run("replay", str(JOURNAL), "--against", stricter)
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0] == (
        f"{JOURNAL} on ideal: under the recorded policy, and under the other one, {stricter}"
    )
    assert "  caps.speed_kmh: 12 recorded, 5 other" in lines
    assert "  ramp.lower_kmh_s: 0.5 recorded, 0.25 other" in lines
    assert "   50.00 s            pain 2" in lines
    assert "   50.00 s  recorded  cue: Easing to 5.2 km/h." in lines
    assert "   50.00 s  other     cue: Easing to 4.3 km/h." in lines
    assert "highest speed, km/h       6.0      5.0" in lines
    assert "  at 6.0-6.9 km/h        0:14     0:00" in lines
    assert "back-offs                   1        1" in lines
    assert lines[-2] == "recorded: ended at 254 s (the runner ended it)"
    assert lines[-1].startswith("other: ended at ")
    assert not any(line.startswith("No difference") for line in lines)


def test_the_difference_as_json(run: Run, stricter: str) -> None:
    ended = run("replay", str(JOURNAL), "--against", stricter, "--json")
    assert ended.code == 0
    found = json.loads(ended.out)
    assert found["preset"] == "ideal"
    assert found["same"] is False
    assert found["settings"]["pain.stop_above"] == {"recorded": 4, "other": 3}
    eased = {"t_s": 50.0, "in": "other", "kind": "cue", "what": "cue: Easing to 4.3 km/h."}
    assert eased in found["told"]
    totals = found["totals"]
    assert (totals["recorded"]["max_kmh"], totals["other"]["max_kmh"]) == (6.0, 5.0)
    assert totals["recorded"]["at_kmh"]["6"] == pytest.approx(14, abs=1)
    assert "6" not in totals["other"]["at_kmh"]
    assert totals["recorded"]["why"] == "the runner ended it"
    assert found["unheard"] == {"recorded": [], "other": []}
    assert found["failure"] == {"recorded": None, "other": None}


def test_no_difference_is_said_in_one_sentence(run: Run, tmp_path: Path) -> None:
    same = tmp_path / "same.toml"
    same.write_text("")
    ended = run("replay", str(JOURNAL), "--against", str(same))
    assert ended.code == 0
    assert ended.out.splitlines()[1:4] == [
        "The two policies are the same, number for number.",
        "No difference: the same was said and done at the same seconds.",
        "",
    ]
    same.write_text("[posture]\nneck_deg = 20\n")
    ended = run("replay", str(JOURNAL), "--against", str(same))
    assert ended.out.splitlines()[1:3] == [
        "  posture.neck_deg: 25 recorded, 20 other",
        "No difference: the same was said and done at the same seconds.",
    ]


def test_it_may_be_played_on_another_machine(run: Run, stricter: str) -> None:
    for options in (["--sim", "citysports", "--against", stricter], ["--against", stricter]):
        found = json.loads(run("replay", str(JOURNAL), *options, "--json").out)
        assert found["preset"] == ("citysports" if "--sim" in options else "ideal")
    told = run("replay", str(JOURNAL), "--sim", "--against", stricter).out
    assert told.startswith(f"{JOURNAL} on ideal: ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[caps]\nspeed_kmh = 25\n", "caps.speed_kmh"),
        ("[pain]\nstop_above = 5\n", "pain.stop_above"),
        ("[pain]\nstop_abov = 3\n", 'did you mean "stop_above"'),
        ("[pain\n", "isn't valid TOML"),
    ],
)
def test_a_policy_outside_the_hard_limits_is_refused_in_one_sentence(
    run: Run, tmp_path: Path, text: str, words: str
) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(text)
    ended = run("replay", str(JOURNAL), "--against", str(bad))
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"treadguard: {bad}: ")
    assert words in ended.err
    assert ended.err.count("\n") == 1


def test_a_journal_that_cannot_be_read_is_refused(run: Run, tmp_path: Path, stricter: str) -> None:
    nothing = tmp_path / "nothing.jsonl"
    nothing.write_text("{}\n")
    for file in (nothing, tmp_path / "absent.jsonl"):
        ended = run("replay", str(file), "--against", stricter)
        assert (ended.code, ended.out) == (2, "")
        assert str(file) in ended.err


def test_a_failed_service_is_exit_1_and_said_for_its_side(
    run: Run, stricter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plays: list[Played] = []

    class Fails(Stage):
        def play(self, acts: object, duration_s: float) -> Played:
            done = super().play(acts, duration_s)  # type: ignore[arg-type]
            plays.append(done)
            failed = "it fell over" if len(plays) % 2 == 0 else None
            return Played(done.journal, done.lines, done.belt, ("40 s: pain: gone",), failed)

    monkeypatch.setattr("treadguard.closed_loop.rerun.Stage", Fails)
    ended = run("replay", str(JOURNAL), "--against", stricter)
    assert ended.code == 1
    assert "nobody took (recorded): 40 s: pain: gone" in ended.out
    assert ended.out.splitlines()[-1] == "FAILED  the service (other): it fell over"


def test_on_a_narrow_terminal_long_lines_are_folded_and_the_table_fits(
    run: Run, stricter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    lines = run("replay", str(JOURNAL), "--against", stricter).out.splitlines()
    paths = (str(JOURNAL), stricter)
    assert max(len(line) for line in lines if not any(p in line for p in paths)) <= 40
    assert "highest speed, km/h       6.0      5.0" in lines
