"""What systemd hears: that it is ready, that it ticks, and nothing once it doesn't."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.session.rig import Rig, live
from tests.session.test_leaving import dies, failing_guard

from treadguard.session.leaving import REST_S, UNGUARDED_STOPS_S
from treadguard.session.recorder import CLOSE_S
from treadguard.session.service import Service
from treadguard.session.supervised import LAST_STOPS_US, Notify, Supervised
from treadguard.treadmill.connection import CLOSE_WITHIN_S

Heard = list[tuple[int, str]]


def supervised(rig: Rig) -> Heard:
    """The words that this session says, and when."""
    heard: Heard = []
    beat = Supervised(lambda *words: heard.extend((rig.service.clock(), w) for w in words)).beat  # type: ignore[arg-type]
    rig.service._on_tick = beat
    return heard


def times(heard: Heard, word: str) -> list[int]:
    return [t for t, one in heard if one == word]


def test_it_is_ready_at_its_first_tick_then_pets_at_each_and_says_where_it_is() -> None:
    rig = Rig()
    heard = supervised(rig)

    async def story(rig: Rig) -> None:
        await rig.walk(300)

    assert live(rig, story) == 0
    assert times(heard, "READY=1") == [250]
    pets = times(heard, "WATCHDOG=1")
    assert pets == list(range(250, pets[-1] + 1, 250)), "on the way out too"
    assert times(heard, "STOPPING=1") == [41_250]
    said = [word for _, word in heard if word.startswith("STATUS=")]
    assert said[-3:] == ["STATUS=RUNNING", "STATUS=STOPPING", "STATUS=PAUSED"]
    assert not [word for _, word in heard if word.startswith("WATCHDOG_USEC")]


def test_a_failed_guard_pets_no_more_and_asks_for_the_time_of_its_last_stops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig = Rig()
    heard = supervised(rig)
    failing_guard(monkeypatch, 45_000)

    async def story(rig: Rig) -> None:
        await rig.walk(500)
        await asyncio.sleep(30)

    assert live(rig, story, stop=False) == 1
    assert times(heard, "WATCHDOG=1")[-1] == 44_750
    assert times(heard, f"WATCHDOG_USEC={LAST_STOPS_US}") == [45_000]
    assert times(heard, "STATUS=the guard has failed") == [45_000]
    assert len(times(heard, "STOPPING=1")) == 1


def test_the_last_stops_have_time_for_the_belt_then_the_link_and_then_the_disk() -> None:
    """Killed before that, the process would leave a moving belt with Stops still to send."""
    assert 21 + UNGUARDED_STOPS_S[-1] <= REST_S, "the slowest belt, from the last Stop on"
    assert LAST_STOPS_US > (REST_S + CLOSE_WITHIN_S + CLOSE_S) * 1_000_000


def test_a_session_that_ends_between_two_ticks_says_that_it_stops_once() -> None:
    heard: list[str] = []
    it = Supervised(lambda *words: heard.extend(words))  # type: ignore[arg-type]
    it.over()
    it.over()
    assert heard == ["STOPPING=1"]


@pytest.mark.parametrize("how", ["raises", "returns"])
def test_a_service_without_its_treadmills_task_pets_no_more(how: str) -> None:
    rig = dies(how)
    heard = supervised(rig)

    async def story(rig: Rig) -> None:
        await rig.walk(200)
        await asyncio.sleep(100)

    assert live(rig, story, stop=False) == 1
    assert times(heard, "WATCHDOG=1")[-1] in (44_750, 45_000)
    assert not [word for _, word in heard if word.startswith("WATCHDOG_USEC")]


# ---------------------------------------------------------------- the socket


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """NOTIFY_SOCKET, and systemd's end of it."""
    abstract = request.param == "abstract"
    if abstract and sys.platform != "linux":
        pytest.skip("only Linux has abstract sockets")
    name = f"@treadguard-{tmp_path.name}-{id(tmp_path)}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind("\0" + name[1:] if abstract else name)
        end.settimeout(5)
        yield name, end


def test_a_real_socket_hears_it_and_hears_nothing_of_a_loop_that_hangs(
    systemd: tuple[str, socket.socket],
) -> None:
    name, end = systemd
    notify = Notify(name)
    rig = Rig(on_tick=Supervised(notify).beat)
    in_time: list[bytes] = []

    def heard() -> list[bytes]:
        words = []
        end.setblocking(False)
        try:
            while True:
                words.append(end.recv(4096))
        except BlockingIOError:
            return words

    async def story() -> None:
        await asyncio.sleep(0.7)
        in_time.extend(heard())
        time.sleep(0.6)  # noqa: ASYNC251 - that is what is tested
        assert heard() == []
        rig.service.stop("the story is over")

    assert asyncio.run(rig.service.run({"story": story})) == 0
    notify.close()
    assert in_time[0].split(b"\n") == [b"WATCHDOG=1", b"READY=1", b"STATUS=OFF"]
    assert in_time[1].split(b"\n")[0] == b"WATCHDOG=1"


@pytest.mark.parametrize("address", [None, "", "/nowhere/at/all"])
def test_where_nobody_listens_nothing_happens(address: str | None) -> None:
    notify = Notify(address)
    notify("READY=1")
    notify.close()


def test_a_listener_that_hangs_holds_up_nobody(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(tmp_path / "notify"))
        notify = Notify(str(tmp_path / "notify"))
        begin = time.monotonic()
        for _ in range(5000):
            notify("WATCHDOG=1")
        assert time.monotonic() - begin < 1
        notify.close()


def test_the_service_is_told_apart_by_its_tick_alone() -> None:
    ticked: list[int] = []

    def tick(service: Service) -> None:
        ticked.append(service.clock())

    async def nothing(_: Rig) -> None:
        await asyncio.sleep(1)

    assert live(Rig(on_tick=tick), nothing) == 0
    assert ticked == [250, 500, 750, 1000]
