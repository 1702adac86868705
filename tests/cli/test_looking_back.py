"""At a start on a real treadmill: what the past says is told, asked and held to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Ran, Run
from tests.report.pasts import as_if_real

from treadguard.cli import dash, fit_today, hosting, looking_back
from treadguard.cli import run as run_module
from treadguard.cli.failure import Failure
from treadguard.cli.hosting import host
from treadguard.cli.looking_back import answered, rated
from treadguard.cli.machines import Choice, choose
from treadguard.cli.taking_up import Wishes, any_left_moving, marker, state_path
from treadguard.guard.kept import Kept
from treadguard.journal import Header
from treadguard.replay.reader import read
from treadguard.report.diary import Diary, diary_file, load
from treadguard.report.index import sessions_folder
from treadguard.session import state_file
from treadguard.treadmill.proven import proven_file

SLOWER = "A session ended for pain at 5.0 km/h: 4.5 km/h is the most in the session after it."
UNREAD = (
    "Journals that can't be read, and count for nothing here: {} ('treadguard history' names them)."
)
SHORT = Wishes("sim", for_s=0.05)
LONG = replace(SHORT, for_s=3.0)


def past(name: str, **ago: float) -> Path:
    return as_if_real(name, sessions_folder(), datetime.now(UTC) - timedelta(**ago))


@pytest.fixture
def real(runtime: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The simulated treadmill as a real one, which keeps its state under the name "pad"."""
    assert runtime.is_dir()

    def chosen(*given: Any) -> Choice:
        return replace(choose(*given), is_real=True, key="pad")

    monkeypatch.setattr(hosting, "choose", chosen)
    monkeypatch.setattr(hosting, "battery", lambda: None)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nobody")


def hosted(wishes: Wishes = SHORT) -> tuple[Header, list[str]]:
    said: list[str] = []
    assert host(wishes, said.append) == 0
    return read(Path(said[-1].removeprefix("journal: "))).header, said


# ---------------------------------------------------------------- the ceiling and the lock


@pytest.mark.usefixtures("real")
def test_without_a_past_the_start_is_as_ever() -> None:
    header, said = hosted()
    assert header.profile.speed_max is None
    assert not any("min" in one for one in said[:-2])


@pytest.mark.usefixtures("real")
def test_after_a_pain_end_the_session_is_slower_and_told_why() -> None:
    past("ideal_red_flag", days=2)
    header, said = hosted()
    assert header.profile.speed_max == 450
    assert SLOWER in said
    header, said = hosted(replace(SHORT, past_told=True))
    assert header.profile.speed_max == 450
    assert SLOWER not in said


@pytest.mark.usefixtures("real")
def test_a_lower_cap_of_the_runners_own_stays(tmp_path: Path) -> None:
    past("ideal_red_flag", days=2)
    own = tmp_path / "config" / "treadguard" / "profile.toml"
    own.parent.mkdir(parents=True)
    own.write_text("speed_max_kmh = 4\n")
    assert hosted()[0].profile.speed_max == 400
    own.write_text("speed_max_kmh = 8\n")
    assert hosted()[0].profile.speed_max == 450


@pytest.mark.usefixtures("real")
def test_for_24_hours_the_belt_rests_and_shadow_may_watch() -> None:
    past("ideal_red_flag", hours=20)
    said: list[str] = []
    with pytest.raises(Failure, match=r"ended for pain, and the belt rests until 20") as caught:
        host(SHORT, said.append)
    assert caught.value.code == 1
    assert "--mode shadow" in caught.value.sentence
    assert not any("Locked" in one for one in said)
    header, said = hosted(replace(SHORT, mode="shadow"))
    assert header.mode == "shadow"
    assert said[0].startswith("Locked: ")
    assert not marker(state_path("pad")).exists()


@pytest.mark.usefixtures("real")
def test_where_it_ends_the_lock_is_over() -> None:
    past("ideal_red_flag", hours=25)
    hosted()


@pytest.mark.parametrize("left", [Kept(moving=True), Kept(owed_stop=True)])
@pytest.mark.usefixtures("real")
def test_a_belt_that_may_move_is_refused_nothing(
    left: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    past("ideal_red_flag", hours=1)
    state_file.save(state_path("pad"), left)
    monkeypatch.setattr(looking_back, "outlook", None)  # nor does it wait for a look back
    host(LONG, lambda _: None)


@pytest.mark.usefixtures("real")
def test_a_session_that_goes_on_keeps_its_ceiling_and_its_journal() -> None:
    past("ideal_red_flag", days=2)
    said: list[str] = []
    host(SHORT, said.append)
    journal = Path(said[-1].removeprefix("journal: "))
    whole = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(whole[:-1]))
    marker(state_path("pad")).write_text(str(journal))
    # Meanwhile another session has followed: a look back would find no ceiling any more.
    past("walk_with_a_break", hours=1)
    host(LONG, said.append)
    assert Path(said[-1].removeprefix("journal: ")) == journal
    found = read(journal)
    assert found.header.profile.speed_max == 450
    assert "restart" in [line["kind"] for line in found.lines]


@pytest.mark.usefixtures("runtime")
def test_the_simulated_treadmill_knows_no_past() -> None:
    past("ideal_red_flag", hours=1)
    header, said = hosted()
    assert header.profile.speed_max is None
    assert not any("pain" in one or "red flag" in one for one in said)


@pytest.mark.usefixtures("real")
def test_damaged_journals_are_counted_in_a_line() -> None:
    for n in range(3):
        past("ideal_bent_over", days=n + 3).write_text("{}\n")
    diary_file().write_text("nonsense\n")
    said = hosted()[1]
    assert [one for one in said if "can't be read" in one] == [
        f"Note: the diary {diary_file()} holds 1 lines that can't be read.",
        UNREAD.format(3),
    ]


@pytest.mark.usefixtures("real")
def test_a_time_limit_is_taken_for_the_plan() -> None:
    past("walk_with_a_break", days=2)
    said: list[str] = []
    looking_back.held_to(None, 600, said.append, told=False)
    assert said[0].startswith("10 min are planned, and the longest session")


@pytest.mark.usefixtures("real")
def test_served_a_rest_ends_with_the_exit_that_is_not_started_again(run: Run) -> None:
    past("ideal_red_flag", hours=20)
    ended = run("serve", "--treadmill", "sim")
    assert ended.code == 4
    assert "the belt rests until" in ended.err


# ---------------------------------------------------------------- the terminal


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Somebody types these lines; what is left at the end wasn't asked for."""
    lines: list[str] = []

    def answer(_: str = "") -> str:
        if not lines:
            raise EOFError
        return lines.pop(0)

    monkeypatch.setattr("builtins.input", answer)
    yield lines
    assert lines == []


@pytest.fixture
def at_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `treadguard run ARGS` as on a terminal, where no red flag is so."""
    monkeypatch.setattr(fit_today, "one_key", lambda: "n")

    def ran(*args: str) -> Ran:
        # Only now: the capture has changed the streams since the fixtures were made.
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setattr(dash, "is_terminal", lambda: True)
        return run("run", *args)

    return ran


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    started: list[list[str]] = []

    def together(args: list[str], _: str) -> int:
        started.append(args)
        return 0

    monkeypatch.setattr(dash, "together", together)
    return started


def diary() -> Diary:
    return load(diary_file())


def test_the_morning_is_asked_for_before_the_screen(
    at_terminal: Run, typed: list[str], shown: list[list[str]]
) -> None:
    past("walk_with_a_break", days=2)
    typed += ["3 fine", "3 worse", ""]
    ended = at_terminal("--treadmill", "My Pad")
    assert ended.code == 0
    assert "How was your back the morning after" in ended.out
    assert "That is a number from 0 to 10" in ended.out
    assert "up to 6.0 km/h: 5.4 km/h is the most" in ended.out
    assert shown == [["serve", "--treadmill=My Pad", "--past-told", "--asked"]]
    (answer,) = diary().mornings
    assert (answer.pain, answer.feels) == (3, "worse")
    # Before four in the morning the day before isn't over yet.
    began = datetime.now().astimezone() - timedelta(days=2, hours=4)
    assert answer.date == began.date() + timedelta(days=1)


def test_enter_skips_the_question(
    at_terminal: Run, typed: list[str], shown: list[list[str]]
) -> None:
    past("walk_with_a_break", days=2)
    typed += ["", ""]  # the morning's, and that of the posture check
    assert at_terminal("--treadmill", "My Pad").code == 0
    assert diary().mornings == ()
    assert len(shown) == 1


def test_after_three_wrong_answers_it_goes_on(
    at_terminal: Run, typed: list[str], shown: list[list[str]]
) -> None:
    past("walk_with_a_break", days=2)
    typed += ["x", "11 worse", "worse", ""]
    assert at_terminal("--treadmill", "My Pad").code == 0
    assert (diary().mornings, len(shown)) == ((), 1)


def test_while_locked_no_screen_is_opened(
    at_terminal: Run, typed: list[str], shown: list[list[str]]
) -> None:
    past("ideal_red_flag", hours=1)
    ended = at_terminal("--treadmill", "My Pad")
    assert ended.code == 1
    assert "the belt rests until" in ended.err
    assert ended.err.count("\n") == 1
    typed.append("")
    assert at_terminal("--treadmill", "My Pad", "--mode", "shadow").code == 0
    assert len(shown) == 1


@pytest.mark.usefixtures("typed")
def test_where_any_belt_may_move_nobody_is_asked(at_terminal: Run, shown: list[list[str]]) -> None:
    past("ideal_red_flag", hours=1)
    state_file.save(state_path("AA:BB"), Kept(moving=True))
    assert at_terminal("--treadmill", "My Pad").code == 0
    assert shown == [["serve", "--treadmill=My Pad"]]


@pytest.mark.usefixtures("typed")
def test_the_simulated_treadmill_asks_and_tells_nothing(
    at_terminal: Run, shown: list[list[str]]
) -> None:
    past("ideal_red_flag", hours=1)
    assert at_terminal("--treadmill", "sim").out == ""
    assert shown == [["serve", "--treadmill=sim"]]


@pytest.mark.usefixtures("runtime")
def test_a_belt_may_move_where_a_session_broke_off_or_its_state_says_so() -> None:
    state_file.save(state_path("one"), Kept())
    proven_file().write_text("{}")  # lies beside them, and is none of them
    state_file.save(state_path("sim"), Kept(moving=True))  # nobody stands on that one
    assert not any_left_moving()
    marker(state_path("two")).write_text("x")
    assert any_left_moving()


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("2 same", (2, "same")),
        ("10, WORSE", (10, "worse")),
        (" 0 b ", (0, "better")),
        ("11 same", None),
        ("2", None),
        ("same 2", None),
        ("2 same again", None),
        ("٣ same", None),
        ("-1 same", None),
        ("9" * 5000 + " same", None),
    ],
)
def test_an_answer_is_a_number_and_a_word(typed: str, answer: tuple[int, str] | None) -> None:
    assert answered(typed) == answer


# ---------------------------------------------------------------- after a session


@pytest.fixture
def after(at_terminal: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Runs a session on a real treadmill that leaves this journal and this state."""

    def ran(name: str | None = "walk_with_a_break", left: Kept | None = None, **ago: float) -> Ran:
        def together(*_: object) -> int:
            if name is not None:
                past(name, **ago)
            if left is not None:
                state_file.save(state_path("pad"), left)
            return 4

        monkeypatch.setattr(dash, "together", together)
        return at_terminal("--treadmill", "My Pad")

    return ran


def test_after_a_session_its_effort_is_asked_for_once(
    after: Callable[..., Ran], typed: list[str]
) -> None:
    typed += ["", "11", "4,5"]
    ended = after(seconds=1)
    assert ended.code == 4  # the service's own
    assert ended.out.count("How hard was the whole session?") == 1
    assert "That is a number from 0 to 10." in ended.out
    (effort,) = diary().efforts
    assert (effort.rpe, effort.session[:17]) == (4.5, "walk_with_a_break")


def test_enter_skips_the_effort(after: Callable[..., Ran], typed: list[str]) -> None:
    typed += ["", ""]
    assert after(seconds=1).code == 4
    assert diary().efforts == ()


@pytest.mark.parametrize("leaves", [EOFError, KeyboardInterrupt, OSError])
def test_a_terminal_that_is_left_keeps_the_sessions_own_end(
    after: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, leaves: type[BaseException]
) -> None:
    def answer(prompt: str = "") -> str:
        if "skips" in prompt:
            raise leaves
        return ""

    monkeypatch.setattr("builtins.input", answer)
    assert after(seconds=1).code == 4


@pytest.mark.parametrize(
    ("name", "left", "ago"),
    [
        (None, None, {}),
        ("walk_with_a_break", None, {"minutes": 10}),
        ("walk_with_a_break", Kept(moving=True), {"seconds": 1}),
        ("walk_with_a_break", Kept(owed_stop=True), {"seconds": 1}),
        ("ideal_red_flag", None, {"seconds": 1}),
    ],
    ids=["no session", "an old one", "a moving belt", "an owed Stop", "a symptom"],
)
def test_no_effort_is_asked_for_where_another_thing_comes_first(
    after: Callable[..., Ran],
    typed: list[str],
    name: str | None,
    left: Kept | None,
    ago: dict[str, float],
) -> None:
    typed.append("")
    assert "How hard" not in after(name, left, **ago).out


def test_without_a_terminal_nobody_is_asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    hosted: list[Wishes] = []

    def host(wishes: Wishes, *_: object) -> int:
        past("walk_with_a_break", seconds=1)
        hosted.append(wishes)
        return 0

    monkeypatch.setattr(run_module, "host", host)
    ended = run("run", "--treadmill", "My Pad")
    assert "How hard" not in ended.out
    assert "is any of these so" not in ended.out
    assert [wishes.asked for wishes in hosted] == [False]


@pytest.mark.parametrize(
    ("typed", "rpe"),
    [
        ("0", 0.0),
        ("10", 10.0),
        ("2.5", 2.5),
        ("10.5", None),
        ("٣", None),
        ("-1", None),
        ("1e1", None),
    ],
)
def test_an_effort_is_a_number_from_0_to_10(typed: str, rpe: float | None) -> None:
    assert rated(typed) == rpe
