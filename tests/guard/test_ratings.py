"""Asking for ratings, and what it means when none comes."""

from __future__ import annotations

import itertools

import pytest
from tests.guard.rig import Rig

from treadguard.guard import events as ev
from treadguard.guard.kept import kept


def moving(first: int | None = None) -> tuple[Rig, int]:
    """Walking, rated once at full speed if wanted; and when the belt first moved."""
    rig = Rig()
    rig.connect()
    rig.run(3)
    rig.ask("start")
    while rig.phase != "RUNNING":
        rig.run(0.25)
    moved = rig.now
    rig.ask("speed", 600)
    if first is not None:
        rig.run(24)
        rig.pain(first)
    return rig, moved


def prompts(rig: Rig, since: int = 0) -> list[int]:
    return [
        t
        for t, o in rig.log
        if isinstance(o, ev.Cue) and t >= since and "how is your pain" in o.say.lower()
    ]


def attentive(rig: Rig, seconds: float, level: int = 0) -> list[int]:
    """Answer each prompt after two seconds; when they came."""
    end, seen = rig.now + seconds * 1000, len(prompts(rig))
    start = seen
    while rig.now < end:
        rig.run(0.25)
        if len(prompts(rig)) > seen:
            seen = len(prompts(rig))
            rig.run(2)
            rig.pain(level)
    return prompts(rig)[start:]


def wait_for_prompt(rig: Rig, n: int) -> None:
    for _ in range(4_000):
        if len(prompts(rig)) >= n:
            return
        rig.run(0.25)
    pytest.fail(f"no prompt number {n} within 1000 s")


def near(times: list[int], expected: list[int], slack: int) -> bool:
    return len(times) == len(expected) and all(
        abs(a - b) <= slack for a, b in zip(times, expected, strict=True)
    )


def test_it_asks_every_two_minutes_at_first_and_every_five_later() -> None:
    rig, moved = moving()
    came = [t - moved for t in attentive(rig, 1700)]
    early = [t for t in came if t <= 600_000]
    late = [t for t in came if t > 615_000]
    assert near(early[:4], [120_000, 240_000, 360_000, 480_000], 10_000)
    gaps = [b - a for a, b in itertools.pairwise(late)]
    assert len(gaps) >= 2
    assert all(298_000 <= gap <= 304_000 for gap in gaps)


def test_it_does_not_ask_before_the_belt_moves_nor_in_a_break() -> None:
    rig = Rig()
    rig.connect()
    rig.run(300)
    assert prompts(rig) == []
    rig = Rig().walking()
    rig.pain(6)
    rig.run(15)
    since = rig.now
    rig.run(300)
    assert rig.ops(since) == []


def test_without_any_pain_so_far_silence_brings_cues_and_no_raise_and_never_more() -> None:
    rig, moved = moving()
    rig.run(25)
    since = rig.now
    rig.run((moved - rig.now) / 1000 + 149)
    assert rig.limit.may_raise
    rig.run(3)
    assert not rig.limit.may_raise
    rig.ask("speed", 700)
    rig.run(1800)
    assert rig.commands(since) == []
    assert rig.speed == 600
    assert rig.phase == "RUNNING"
    assert len(rig.says(ev.Cue, since)) >= 6


def test_a_zero_is_no_rating_above_zero() -> None:
    rig, _ = moving(first=0)
    rig.run(30)
    since = rig.now
    rig.run(1800)
    assert rig.commands(since) == []


def test_a_rating_lets_raises_go_up_again() -> None:
    rig, _ = moving()
    rig.run(200)
    assert not rig.limit.may_raise
    rig.pain(0)
    rig.run(1)
    assert rig.limit.may_raise
    rig.ask("speed", 640)
    rig.run(10)
    assert rig.speed == 640


def test_a_remote_rating_answers_a_prompt() -> None:
    rig, _ = moving(first=1)
    rig.run(30)
    for _ in range(10):
        rig.run(60)
        rig.pain(0, role="remote")
    since = rig.now
    rig.run(60)
    assert rig.stops() == []
    assert rig.commands(since) == []


def test_after_a_rating_above_zero_two_unanswered_back_off_and_three_break() -> None:
    rig, _ = moving(first=1)
    rig.run(40)
    speed = rig.speed
    since = rig.now
    wait_for_prompt(rig, 1)
    rig.run(35)
    assert rig.commands(since) == [], "one unanswered: no command"
    wait_for_prompt(rig, 2)
    second = prompts(rig)[-1]
    rig.run(29)
    assert rig.commands(since) == [], "it stays open for 30 s"
    rig.run(2)
    first_lowering = rig.commands(since)[0]
    assert 30_000 <= first_lowering[0] - second <= 30_500
    rig.run(10)
    assert rig.speed == speed * 27 // 30 // 10 * 10
    assert not rig.limit.may_raise
    wait_for_prompt(rig, 3)
    third = prompts(rig)[-1]
    rig.run(31)
    assert len(rig.stops(since)) == 1
    assert 30_000 <= rig.stops(since)[0] - third <= 30_500
    rig.run(12)
    assert rig.phase == "BREAK"
    assert kept(rig.state).triggers == 1


def test_the_back_off_of_missing_ratings_lasts_until_a_rating() -> None:
    rig, _ = moving(first=1)
    wait_for_prompt(rig, 2)
    rig.run(40)
    assert not rig.limit.may_raise
    rig.pain(0)
    rig.run(1)
    assert rig.limit.may_raise


def test_an_answer_sets_the_count_of_unanswered_back() -> None:
    rig, _ = moving(first=1)
    wait_for_prompt(rig, 2)
    rig.run(5)
    rig.pain(0)
    wait_for_prompt(rig, 3)
    since = rig.now
    rig.run(40)
    assert rig.commands(since) == []


def test_a_break_for_missed_ratings_counts_as_five() -> None:
    rig, _ = moving(first=1)
    wait_for_prompt(rig, 3)
    rig.run(45)
    assert rig.phase == "BREAK"
    rig.run(122)
    since = rig.now
    rig.pain(3)
    rig.run(3)
    rig.ask("resume")
    rig.run(1)
    assert rig.ops(since) == []
    rig.pain(2)
    rig.run(3)
    rig.ask("resume")
    rig.run(1)
    assert rig.ops(since) == ["start"]


def test_a_press_between_prompts_counts_as_a_rating() -> None:
    rig, moved = moving(first=1)
    for _ in range(12):
        rig.run(100)
        rig.pain(0)
    assert rig.stops(moved) == []
    assert rig.phase == "RUNNING"
