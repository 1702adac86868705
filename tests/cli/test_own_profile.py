"""What the runner's own profile does to a session: tighter numbers, or none at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.session.rig import Rig, live

from treadguard.cli.failure import CHECK_FAILED
from treadguard.cli.hosting import host
from treadguard.cli.longest import end_after
from treadguard.cli.machines import choose
from treadguard.cli.taking_up import Session, Wishes, marker, state_path, take_up
from treadguard.guard.kept import Kept
from treadguard.guard.policy import Policy, Profile
from treadguard.guard.rules.symptoms import RED_FLAG_LOCK
from treadguard.replay.check import check
from treadguard.replay.reader import read
from treadguard.report.session import session_of
from treadguard.scenario import scenario_from_dict
from treadguard.session import state_file
from treadguard.sim.direct import DirectTreadmill
from treadguard.units import Grade, Millis

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
def test_a_belt_that_was_left_moving_gets_its_stop_and_is_locked(profile: Path, left: Kept) -> None:
    profile.write_text(VERTEBRAL)
    state_file.save(state_path("sim"), left)
    journal, _ = hosted()
    assert read(journal).header.initial == replace(left, locks=(RED_FLAG_LOCK,))


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
    session = taken_up(tmp_path)
    assert (session.longest_ms, session.moved_ms) == (Millis(1_200_000), Millis(0))
    profile.write_text("")
    assert taken_up(tmp_path).longest_ms is None


def test_a_session_that_broke_off_has_the_rest_of_it(profile: Path, tmp_path: Path) -> None:
    profile.write_text("therapist.longest_min = 20\n")
    recorded = Path(__file__).parents[1] / "sessions" / "walk_with_a_break.jsonl"
    gone = session_of(read(recorded)).figures.moving_ms
    assert gone > 60_000
    journal, _ = hosted()
    header = journal.read_bytes().splitlines(keepends=True)[0]
    lines = recorded.read_bytes().splitlines(keepends=True)[1:-1]
    journal.write_bytes(header + b"".join(lines))
    state_path("sim").with_suffix(".open").write_text(str(journal))
    session = taken_up(tmp_path)
    assert session.path == journal
    assert session.moved_ms == gone


def walked(rig: Rig, longest_s: int, moved_s: int = 0, stand_s: int = 0) -> Rig:
    """Stand, and then walk, for 200 s at most, under this limit."""

    async def story(rig: Rig) -> None:
        await asyncio.sleep(stand_s)
        await rig.walk(500)
        await asyncio.sleep(160)

    limit = partial(end_after, rig.service, Millis(longest_s * 1000), Millis(moved_s * 1000))
    assert live(rig, story, limit=limit) == 0
    return rig


OVER = "your therapist's 2 min are over: the belt is stopped"


def test_the_session_ends_once_the_belt_has_moved_for_so_long() -> None:
    rig = walked(Rig(), 120)
    began = rig.of("phase", to="RUNNING")[0]["t"]
    (over,) = rig.of("alarm", say=OVER)
    assert 110_000 <= over["t"] - began <= 121_000, "the countdown counts: it may move"
    assert [stop["t"] >= over["t"] for stop in rig.of("command", op="stop")] == [True]
    assert rig.of("end")[0]["summary"]["reason"] == "your therapist's 2 min are over"
    assert rig.said.count("one minute more: your therapist allows 2 min a session") == 1


def test_standing_doesn_t_count_and_what_is_gone_does() -> None:
    began = walked(Rig(), 120, stand_s=600).of("alarm", say=OVER)[0]["t"]
    assert began >= 720_000
    early = walked(Rig(), 120, moved_s=100).of("alarm", say=OVER)[0]["t"]
    assert early <= 40_000


def test_within_the_limit_nothing_is_said() -> None:
    rig = walked(Rig(), 1200)
    assert not rig.of("alarm")
    assert rig.of("end")[0]["summary"]["reason"] == "the story is over"


def test_in_shadow_it_is_said_and_nothing_is_sent() -> None:
    rig = Rig(mode="shadow")

    async def story(rig: Rig) -> None:
        assert isinstance(rig.treadmill, DirectTreadmill)
        await asyncio.sleep(3)
        rig.treadmill.console(start=True)
        await asyncio.sleep(200)
        assert not rig.service.leaving

    assert live(rig, story, limit=partial(end_after, rig.service, Millis(60_000), Millis(0))) == 0
    assert len(rig.of("alarm", say="your therapist's 1 min are over: press Stop")) == 1
    assert not rig.of("command", op="stop")
