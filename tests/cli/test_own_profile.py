"""What the runner's own profile does to a session: tighter numbers, or none at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from treadguard.cli.failure import CHECK_FAILED
from treadguard.cli.hosting import host
from treadguard.cli.machines import choose
from treadguard.cli.taking_up import Session, Wishes, marker, state_path, take_up
from treadguard.guard.kept import Kept
from treadguard.guard.policy import Policy, Profile
from treadguard.replay.check import check
from treadguard.replay.reader import read
from treadguard.scenario import scenario_from_dict
from treadguard.session import state_file
from treadguard.units import Grade

SHORT = Wishes("sim", for_s=0.05)
VERTEBRAL = "runner.conditions = ['vertebral']\n"


@pytest.fixture(autouse=True)
def _nobodys_home(runtime: Path) -> None:
    assert runtime.is_dir()


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "config" / "treadguard" / "profile.toml"
    path.parent.mkdir(parents=True)
    return path


def hosted(wishes: Wishes = SHORT) -> tuple[Path, list[str]]:
    said: list[str] = []
    assert host(wishes, said.append) == 0
    return Path(said[-1].removeprefix("journal: ")), said


def taken_up(tmp_path: Path, wishes: Wishes = SHORT) -> Session:
    choice = choose(wishes.treadmill, None, wishes.script, print)
    session = take_up(wishes, choice, tmp_path, print)
    session.file.close()
    return session


def test_the_guard_gets_the_tightened_numbers_and_the_journal_holds(profile: Path) -> None:
    profile.write_text("[runner]\nconditions = ['sciatica']\n")
    journal, _ = hosted()
    header = read(journal).header
    assert header.policy.breaks.max_triggers == 2
    assert header.profile == Profile(grade_max=Grade(30))
    assert check(journal).ok


def test_a_script_reads_nothing_of_this_machine(profile: Path, tmp_path: Path) -> None:
    profile.write_text(VERTEBRAL)
    script = scenario_from_dict({"name": "a script", "duration_s": 1}, "here")
    header = taken_up(tmp_path, replace(SHORT, script=script)).header
    assert (header.policy, header.profile) == (Policy(), Profile())


@pytest.mark.parametrize(
    ("text", "says"), [(VERTEBRAL, "vertebral"), ("runner.red_flag = true\n", "a doctor must see")]
)
def test_who_may_not_start_starts_no_session(
    run: Run, profile: Path, tmp_path: Path, text: str, says: str
) -> None:
    profile.write_text(text)
    ended = run("run", "--treadmill", "sim", "--headless", "--for", "1")
    assert ended.code == CHECK_FAILED
    assert says in ended.err
    assert ended.err.count("\n") == 1
    assert not (tmp_path / "data").exists()
    assert not state_path("sim").exists()
    assert not marker(state_path("sim")).exists()


def test_watching_alone_is_allowed_and_so_is_a_start_once_cleared(profile: Path) -> None:
    profile.write_text(VERTEBRAL)
    journal, _ = hosted(replace(SHORT, mode="shadow"))
    assert read(journal).header.initial == Kept()
    profile.write_text(f"{VERTEBRAL}runner.cleared = true\n")
    journal, _ = hosted()
    assert read(journal).header.profile.grade_max == Grade(0)


@pytest.mark.parametrize("left", [Kept(moving=True), Kept(owed_stop=True, moving=True)])
def test_a_belt_that_was_left_moving_gets_its_stop_and_starts_no_more(
    profile: Path, left: Kept
) -> None:
    profile.write_text(VERTEBRAL)
    state_file.save(state_path("sim"), left)
    header = read(hosted()[0]).header
    assert header.initial == left
    assert not header.profile.cleared


def test_without_a_reason_nothing_is_locked(profile: Path) -> None:
    profile.write_text("runner.age = 40\n")
    state_file.save(state_path("sim"), Kept(moving=True))
    assert read(hosted()[0]).header.initial == Kept(moving=True)


def test_a_profile_that_can_t_be_read_starts_no_session(run: Run, profile: Path) -> None:
    profile.write_text("runner.age = 5\n")
    ended = run("run", "--treadmill", "sim", "--headless", "--for", "1")
    assert ended.code == 2
    assert f"{profile}: runner.age must be" in ended.err


# ---------------------------------------------------------------- the therapist's minutes


def test_the_session_knows_the_therapist_s_limit(profile: Path, tmp_path: Path) -> None:
    profile.write_text("therapist.longest_min = 20\n")
    assert taken_up(tmp_path).header.profile.longest_ms == 1_200_000
    profile.write_text("")
    assert taken_up(tmp_path).header.profile.longest_ms is None
