"""What holds for every history of commands, answers and failing writes."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from bleak.exc import BleakError
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.treadmill.held_link import (
    BLUEZ_WAITS_S,
    BOTH,
    CODES,
    COMMAND,
    FINE,
    HANGS,
    REQUEST,
    STOP,
    Does,
    Link,
    Props,
    Written,
    att,
    on_air,
    one_after_another,
)

from treadguard.ftms.control_point import response
from treadguard.guard.events import Op

OPS = st.sampled_from(list(CODES))
FAILURES = st.sampled_from(
    [None, None, att(0xFE), att(0xFD), att(0x03), BleakError("x"), AssertionError(), OSError()]
)
SECONDS = st.sampled_from([0.0, 0.01, 0.1, 0.3, 0.7, 0.99, 1.0, 1.01, 1.43, 2.0, 3.0])
DOES = st.one_of(
    st.just(FINE),
    st.just(HANGS),
    st.builds(Does, SECONDS, FAILURES, st.one_of(st.none(), SECONDS)),
)
ACTS = st.one_of(
    st.tuples(st.just("put"), OPS, st.integers(1, 3)),
    st.tuples(st.just("put"), st.just("stop"), st.integers(1, 3)),
    st.tuples(st.just("answered"), OPS, st.integers(0, 6)),
    st.tuples(st.just("wait"), SECONDS, st.just(0)),
    st.tuples(st.just("wait"), SECONDS, st.just(0)),
)


@dataclass
class Asked:
    op: Op
    frame: bytes
    turn: int


@dataclass
class Watch:
    """Sees each write as it begins, and holds it against what was asked so far."""

    link: Link
    asked: list[Asked] = field(default_factory=list)
    turn: int = 0
    closed: bool = False
    broken: list[str] = field(default_factory=list)
    """An assertion would end in the write that it belongs to, as a failure of the radio."""

    def begins(self, one: Written) -> None:
        try:
            self._judge(one)
        except AssertionError as broken:
            self.broken.append(str(broken))

    def _judge(self, one: Written) -> None:
        assert not self.closed, "written after close"
        if one.frame == STOP:
            return
        (mine,) = (i for i, asked in enumerate(self.asked) if asked.frame == one.frame)
        later = self.asked[mine + 1 :]
        assert one.frame not in self.link.frames, "written twice"
        assert all(o.op != "stop" or o.turn >= self.turn for o in later), "written after a Stop"
        newer = [o for o in later if o.op == self.asked[mine].op and o.turn < self.turn]
        assert not newer, "an old target was written"
        running = [o for o in self.link.written if not o.over]
        assert not running, "two commands in flight"

    def hung(self) -> bool:
        now = self.link.loop.time()
        return any(not o.over and now - o.at > 0.99 for o in self.link.written)


@settings(max_examples=250)
@given(
    st.sampled_from([BOTH, REQUEST, COMMAND]),
    st.lists(DOES, min_size=1, max_size=12),
    st.lists(ACTS, max_size=25),
    st.booleans(),
)
def test_laws_of_every_history(
    properties: Props,
    does: list[Does],
    acts: list[tuple[str, Op | float, int]],
    closes: bool,
) -> None:
    async def test() -> None:
        link = Link(properties, one_after_another(*does))
        watch = Watch(link)
        link.on_write = watch.begins
        for act, what, number in acts:
            if act == "wait":
                assert isinstance(what, float)
                await asyncio.sleep(what)
            elif act == "answered":
                link.commands.answered(response(CODES[what], number))  # type: ignore[index]
            else:
                op: Op = what  # type: ignore[assignment]
                # Each frame of its own, so that a write tells which command it is.
                value = 100 + len(watch.asked) if op.startswith("set_") else None
                if op in ("request_control", "start") and any(a.op == op for a in watch.asked):
                    op, value = "set_speed", 100 + len(watch.asked)
                may_give_up = bool(link.stuck_at) or watch.hung()
                frame = link.put(op, value, number if op == "stop" else 1)
                watch.asked.append(Asked(op, frame, watch.turn))
                if op == "stop":
                    before = len(link.stops())
                    await asyncio.sleep(0)
                    watch.turn += 1
                    assert len(link.stops()) > before or may_give_up, "a Stop waited"
            if act == "wait":
                watch.turn += 1
            asked = Counter(a.op for a in watch.asked)
            assert Counter(op for _, op, _ in link.answers) <= asked
        if closes:
            watch.closed = True
            link.commands.close()
            await asyncio.sleep(0)
        else:
            await asyncio.sleep(2 * BLUEZ_WAITS_S + 30)
        asked = Counter(a.op for a in watch.asked)
        assert Counter(op for _, op, _ in link.answers) == asked
        await asyncio.sleep(120)
        assert Counter(op for _, op, _ in link.answers) == asked
        assert len(link.stuck_at) <= ("stop" in asked)
        assert link.complaints == []
        assert watch.broken == []

    on_air(test)
