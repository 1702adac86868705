"""A computer that stays awake beside a moving belt, tried on a real D-Bus with a small logind."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("logind is Linux's", allow_module_level=True)

from tests.session.fake_logind import Logind, bus_daemon, logind
from tests.session.rig import Rig, no_machine

from treadguard.session import staying_awake
from treadguard.session.service import Service
from treadguard.session.staying_awake import ALONE, AWAKE, DELAYED, StayingAwake, offered

DELAY = "sleep/delay"
BLOCK = "sleep:handle-lid-switch/block"
NO_BLOCK = (BLOCK, "sleep/block")


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    with bus_daemon() as (address, process):
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        yield address, process


@pytest.fixture
def bus(daemon: tuple[str, subprocess.Popen[str]]) -> str:
    return daemon[0]


class Belt(Rig):
    """A session whose belt moves when the test says so."""

    def __init__(self) -> None:
        super().__init__(make=no_machine)
        self.moves = False
        belt = self

        class Seen(Service):
            @property
            def belt_may_move(self) -> bool:
                return belt.moves

        self.service.__class__ = Seen

    def hosts(self) -> list[str]:
        return [line["what"] for line in self.of("host")]


Story = Callable[[Belt], Awaitable[object]]


async def session(story: Story) -> Belt:
    """The story beside a session that stays awake."""
    belt = Belt()

    async def told() -> None:
        await story(belt)
        belt.moves = False
        belt.service.stop("the story is over")

    companions = {"story": told, "staying awake": StayingAwake(belt.service).run}
    assert await asyncio.wait_for(belt.service.run(companions), 20) == 0
    return belt


def tell(
    bus: str, story: Callable[[Belt, Logind], Awaitable[object]], refuses: Sequence[str] = ()
) -> Belt:
    """The same, where there is a logind."""

    async def go() -> Belt:
        async with logind(bus, *refuses) as it:
            return await session(lambda belt: story(belt, it))

    return asyncio.run(go())


def test_it_blocks_a_sleep_while_the_belt_may_move_and_no_longer(bus: str) -> None:
    async def story(belt: Belt, it: Logind) -> None:
        await it.until_held(DELAY)
        belt.moves = True
        await it.until_held(DELAY, BLOCK)
        belt.moves = False
        await it.until_held(DELAY)
        belt.moves = True
        await it.until_held(DELAY, BLOCK)

    assert tell(bus, story).said == []


def test_at_the_end_of_the_session_nothing_is_held(bus: str) -> None:
    async def story(belt: Belt, it: Logind) -> None:
        belt.moves = True
        await it.until_held(DELAY, BLOCK)

    async def go() -> None:
        async with logind(bus) as it:
            await session(lambda belt: story(belt, it))
            await it.until_held()

    asyncio.run(go())


def test_where_the_lid_may_not_be_blocked_the_sleep_is(bus: str) -> None:
    async def story(belt: Belt, it: Logind) -> None:
        belt.moves = True
        await it.until_held(DELAY, "sleep/block")

    assert tell(bus, story, [BLOCK]).said == []


def test_where_nothing_may_be_blocked_it_is_said_once_and_the_delay_is_held(bus: str) -> None:
    async def story(belt: Belt, it: Logind) -> None:
        for _ in range(2):
            belt.moves = True
            await asyncio.sleep(0.6)
            belt.moves = False
            await asyncio.sleep(0.6)
        assert it.held == [DELAY]
        assert it.asked == [DELAY, BLOCK, "sleep/block"]

    assert tell(bus, story, NO_BLOCK).said == [DELAYED[0].upper() + DELAYED[1:]]


def test_a_sleep_stops_the_belt_first_and_waits_until_it_stands(bus: str) -> None:
    async def story(belt: Belt, it: Logind) -> None:
        belt.moves = True
        await it.until_held(DELAY)
        await it.prepares_for_sleep(True)
        await asyncio.sleep(0.7)
        assert belt.hosts() == ["sleep"]
        assert it.held == [DELAY]
        belt.moves = False
        await it.until_held()
        assert len(it.asked) == 3
        await it.prepares_for_sleep(False)
        await it.until_held(DELAY)
        await it.prepares_for_sleep(True)
        await it.until_held()
        assert belt.hosts() == ["sleep", "sleep"], "beside a belt that stands it may sleep"

    tell(bus, story, NO_BLOCK)


@pytest.mark.usefixtures("bus")
def test_a_bus_without_logind_is_said_in_one_sentence_and_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(staying_awake, "AGAIN_S", 0.05)

    async def story(_: Belt) -> None:
        await asyncio.sleep(0.5)

    assert asyncio.run(session(story)).said == [ALONE[0].upper() + ALONE[1:]]


@pytest.mark.parametrize("address", ["unix:path={}/nobody", "nonsense"])
def test_a_computer_without_a_bus_is_said_in_one_sentence(
    address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address.format(tmp_path))

    async def story(_: Belt) -> None:
        await asyncio.sleep(0.2)

    assert asyncio.run(session(story)).said == [ALONE[0].upper() + ALONE[1:]]
    assert asyncio.run(offered()) == ALONE


def test_a_bus_that_dies_takes_no_session_along(
    daemon: tuple[str, subprocess.Popen[str]],
) -> None:
    async def story(_: Belt, it: Logind) -> None:
        await it.until_held(DELAY)
        daemon[1].terminate()
        await it.until_held()
        await asyncio.sleep(0.1)

    assert tell(daemon[0], story).said == [ALONE[0].upper() + ALONE[1:]]


@pytest.mark.parametrize(
    ("refuses", "words"),
    [
        ((), AWAKE),
        ((BLOCK,), AWAKE),
        (NO_BLOCK, DELAYED),
        ((DELAY,), ALONE),
    ],
)
def test_what_logind_would_grant_is_told_and_nothing_is_kept(
    bus: str, refuses: tuple[str, ...], words: str
) -> None:
    async def go() -> None:
        async with logind(bus, *refuses) as it:
            assert await offered() == words
            await it.until_held()

    asyncio.run(go())
