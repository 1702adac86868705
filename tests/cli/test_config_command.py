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
