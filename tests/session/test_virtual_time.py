"""Time that jumps: exact, quick, and loud where nothing would ever happen."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest

from treadguard.session import virtual_time


def test_an_hour_passes_at_once_and_exactly() -> None:
    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        at = [loop.time()]
        for _ in range(4):
            await asyncio.sleep(900)
            at.append(loop.time())
        return at

    began = time.monotonic()
    assert virtual_time.run(main()) == [0, 900, 1800, 2700, 3600]
    assert time.monotonic() - began < 5


def test_timers_fire_in_the_order_of_their_times() -> None:
    order: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(2, order.append, "second")
        loop.call_later(1, order.append, "first")
        loop.call_later(3, order.append, "third")
        await asyncio.sleep(4)

    virtual_time.run(main())
    assert order == ["first", "second", "third"]


def test_timeouts_work() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 30)
        return asyncio.get_running_loop().time()

    assert virtual_time.run(main()) == 30


def test_waiting_for_ever_is_an_error_and_not_a_hang() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(virtual_time.DeadlockError):
        virtual_time.run(main())


def test_a_ready_socket_is_served_before_time_passes() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.send(b"x")
        loop.call_later(1, lambda: None)
        assert await loop.sock_recv(ours, 1) == b"x"
        ours.close()
        theirs.close()
        return loop.time()

    assert virtual_time.run(main()) == 0
