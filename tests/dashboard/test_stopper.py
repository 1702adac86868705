"""Stop is tried until it is taken, in virtual time."""

from __future__ import annotations

import asyncio

from treadguard.dashboard.client import NoAnswer, Reply
from treadguard.dashboard.stopper import Stopper
from treadguard.session.virtual_time import run

Told = list[tuple[float, Reply | None]]


class Door:
    """A service that takes a Stop from `opens_s` on; `slow_s` from the request to its answer."""

    def __init__(self, opens_s: float = 0.0, slow_s: float = 0.0) -> None:
        self.opens_s = opens_s
        self.slow_s = slow_s
        self.asked: list[float] = []
        self.told: Told = []
        self.refuses: Reply | None = None
        self.gave_up = 0

    def lose_heart(self) -> None:
        self.gave_up += 1

    async def send(self) -> Reply:
        now = asyncio.get_running_loop().time()
        self.asked.append(now)
        await asyncio.sleep(self.slow_s)
        if now < self.opens_s:
            raise NoAnswer("the service can't be reached")
        return self.refuses or Reply(7)

    def hear(self, reply: Reply | None, waited_s: float) -> None:
        self.told.append((round(waited_s, 2), reply))


def played(door: Door, *presses_s: float, for_s: float = 30.0) -> Door:
    async def play() -> None:
        loop = asyncio.get_running_loop()
        stopper = Stopper(door.send, door.hear, door.lose_heart)
        start = loop.time()
        for at in presses_s:
            await asyncio.sleep(start + at - loop.time())
            stopper.press()
        await asyncio.sleep(for_s)
        await stopper.close()
        door.asked = [round(t - start, 2) for t in door.asked]

    run(play())
    return door


def test_a_stop_that_is_taken_is_sent_once() -> None:
    door = played(Door(), 0.0)
    assert door.asked == [0.0]
    assert door.told == [(0.0, Reply(7))]
    assert door.gave_up == 0


def test_a_stop_is_tried_each_half_second_until_it_is_taken() -> None:
    door = played(Door(opens_s=1.2), 0.0)
    assert door.asked == [0.0, 0.5, 1.0, 1.5]
    assert door.told[-1] == (1.5, Reply(7))
    assert [reply for _, reply in door.told[:-1]] == [None, None, None]


def test_after_ten_seconds_nobody_tries_any_more() -> None:
    door = played(Door(opens_s=99.0), 0.0)
    assert door.asked[-1] == 9.5
    assert door.told[-1] == (10.0, None)
    assert door.gave_up == 1


def test_a_further_press_goes_out_at_once_and_the_ten_seconds_begin_anew() -> None:
    door = played(Door(opens_s=99.0), 0.0, 4.2)
    assert 4.2 in door.asked
    assert 13.7 <= door.asked[-1] <= 14.2


def test_an_answer_that_is_slow_still_counts() -> None:
    door = played(Door(slow_s=0.8), 0.0)
    assert door.asked == [0.0, 0.5]
    assert door.told[-1] == (0.8, Reply(7))


def test_each_press_is_followed_by_a_stop_of_its_own() -> None:
    door = played(Door(slow_s=0.1), 0.0, 0.05)
    assert door.asked == [0.0, 0.05]
    assert door.told[-1] == (0.15, Reply(7))


def test_a_session_that_is_over_takes_no_stop_and_none_is_tried_again() -> None:
    door = Door()
    door.refuses = Reply(refused="The session has ended.", status=409)
    assert played(door, 0.0).asked == [0.0]


def test_a_service_that_fails_at_it_is_tried_again() -> None:
    door = Door()
    door.refuses = Reply(refused="The service failed.", status=500)
    assert len(played(door, 0.0, for_s=2.1).asked) == 5


def test_pressing_after_it_was_taken_sends_again() -> None:
    assert played(Door(), 0.0, 3.0).asked == [0.0, 3.0]
