"""Whoever reads along gets every line in order, or is dropped; the session never waits."""

from __future__ import annotations

import pytest

from treadguard.session import stream
from treadguard.session.stream import Stream, Watcher


def dropped() -> None:
    raise AssertionError("nobody was slow")


def filled(last: int) -> Stream:
    made = Stream()
    made.begin(b"header")
    for seq in range(1, last + 1):
        made.line(b"%d" % seq, seq)
    return made


async def rest(watcher: Watcher) -> list[bytes]:
    lines = []
    while (line := await watcher.next()) is not None:
        lines.append(line)
    return lines


@pytest.mark.parametrize(
    ("since", "lines"),
    [
        (None, [b"6", b"7"]),
        (0, [b"header", b"1", b"2", b"3", b"4", b"5", b"6", b"7"]),
        (1, [b"2", b"3", b"4", b"5", b"6", b"7"]),
        (4, [b"5", b"6", b"7"]),
        (5, [b"6", b"7"]),
        (99, [b"6", b"7"]),
    ],
)
async def test_lines_after_since_and_all_that_follow(since: int | None, lines: list[bytes]) -> None:
    made = filled(5)
    watcher = made.watch(since, dropped)
    for seq in (6, 7):
        made.line(b"%d" % seq, seq)
    made.finish()
    assert await rest(watcher) == lines


async def test_history_is_bounded_and_the_seq_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HISTORY_MAX", 3)
    made = filled(9)
    watcher = made.watch(2, dropped)
    made.finish()
    assert await rest(watcher) == [b"7", b"8", b"9"]


async def test_a_slow_watcher_is_dropped_once_and_the_others_read_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream, "WAITING_MAX", 3)
    made = filled(0)
    told: list[str] = []
    made.watch(None, lambda: told.append("slow"))
    quick = made.watch(None, dropped)
    read = []
    for seq in range(1, 9):
        made.line(b"%d" % seq, seq)
        read.append(await quick.next())
    assert told == ["slow"]
    assert read == [b"%d" % seq for seq in range(1, 9)]


async def test_one_who_left_gets_nothing_more() -> None:
    made = filled(1)
    watcher = made.watch(None, dropped)
    made.leave(watcher)
    made.leave(watcher)
    made.line(b"2", 2)
    watcher.finish()
    assert await rest(watcher) == []
