"""`treadguard config`: every number, and where it comes from."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run

from treadguard.config import policy_as_toml_dict
from treadguard.guard.policy import Policy


def test_every_number_is_shown_with_its_key(run: Run) -> None:
    shown = json.loads(run("config", "show", "--json").out)
    for table, values in policy_as_toml_dict(Policy()).items():
        for key, value in values.items():
            assert shown[f"{table}.{key}"] == {"value": value, "from": "default"}


def test_a_number_from_a_file_names_the_file(run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text("[pain]\nstop_above = 3\n[ramp]\nlower_kmh_s = 0.5\n")
    lines = run("config", "show", "--policy", str(mine)).out.splitlines()
    words = {line.split()[0]: line.split()[2:] for line in lines}
    assert words["pain.stop_above"] == ["3", str(mine)]
    assert words["ramp.lower_kmh_s"] == ["0.5", str(mine)]
    assert words["pain.end_at"] == ["7", "default"]


def test_without_a_file_the_users_own_counts(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "config" / "treadguard"
    own.mkdir(parents=True)
    (own / "policy.toml").write_text("[pain]\nend_at = 6\n")
    (own / "profile.toml").write_text("speed_max_kmh = 6\n")
    shown = json.loads(run("config", "show", "--json").out)
    assert shown["pain.end_at"] == {"value": 6, "from": str(own / "policy.toml")}
    assert shown["profile.speed_max_kmh"] == {"value": 6.0, "from": str(own / "profile.toml")}


def test_check_says_fine_or_what_is_wrong(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("[break]\nmin_s = 150\n")
    assert run("config", "check", str(file)) == (0, f"{file}: fine\n", "")
    file.write_text("[pain]\nstop_above = 5\n")
    ended = run("config", "check", str(file))
    assert (ended.code, ended.out) == (2, "")
    assert "pain.stop_above" in ended.err
    file.write_text("speed_max_kmh = 6\n")
    assert run("config", "check", str(file)).code == 2
    assert run("config", "check", "--profile", str(file)).code == 0


SCIATICA = "[runner]\nage = 29\nconditions = ['sciatica']\n[therapist]\nlongest_min = 20\n"


def test_what_the_profile_tightens_names_the_rule_and_why(run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "me.toml"
    mine.write_text(SCIATICA)
    shown = json.loads(run("config", "show", "--json", "--profile", str(mine)).out)
    assert shown["profile.grade_max_pct"] == {
        "value": 3.0,
        "from": "me.toml: sciatica (A10)",
        "why": "An incline can bring sciatica on, and a nerve that complains again wants an end,"
        " not another try.",
    }
    assert shown["warmup.min"]["value"] == 8
    assert shown["warmup.min"]["from"] == "me.toml: sciatica (A10)"
    assert shown["profile.longest_min"]["value"] == 20
    assert shown["profile.longest_min"]["from"] == "me.toml: therapist"
    assert shown["may_start"] == {"value": True, "why": None}
    lines = run("config", "show", "--profile", str(mine)).out.splitlines()
    words = {line.split()[0]: line.split()[2:] for line in lines}
    assert words["break.max_triggers"] == ["2", "me.toml:", "sciatica", "(A10)"]
    assert words["pain.end_at"] == ["7", "default"]


def test_that_no_session_is_started_is_shown(run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "me.toml"
    mine.write_text("runner.conditions = ['vertebral']\n")
    ended = run("config", "show", "--profile", str(mine))
    assert ended.code == 0
    assert ended.out.splitlines()[-1].startswith("no session is started: your profile names")
    shown = json.loads(run("config", "show", "--json", "--profile", str(mine)).out)
    assert shown["may_start"]["value"] is False


def test_a_profile_with_a_mistake_is_refused(run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "me.toml"
    mine.write_text("runner.age = 5\n")
    for command in (("show", "--profile", str(mine)), ("check", "--profile", str(mine))):
        ended = run("config", *command)
        assert (ended.code, ended.out) == (2, "")
        assert f"{mine}: runner.age must be" in ended.err
