"""Every key that acts by itself: what is sent, at once, on every screen."""

from __future__ import annotations

from tests.dashboard.conftest import Open
from tests.dashboard.fake_client import STOP
from tests.dashboard.moments import standing, state


async def test_a_digit_is_a_rating_sent_at_once(bench: Open) -> None:
    async with bench(state()) as b:
        for level in range(10):
            assert await b.alone(str(level)) == [("/v1/pain", {"level": level})]
            assert b.text("said") == f"pain {level} taken (seq 101)"


TIGHTENS: dict[str, tuple[str, dict[str, object]]] = {
    "x": ("/v1/pain", {"level": 10}),
    "p": ("/v1/button", {}),
    "e": ("/v1/ease", {}),
    "b": ("/v1/break", {}),
    "space": STOP,
    "escape": STOP,
    "f12": STOP,
    "minus": ("/v1/operator", {"do": "speed", "value": 4.5}),
    "down": ("/v1/operator", {"do": "speed", "value": 4.5}),
    "comma": ("/v1/operator", {"do": "speed", "value": 4.9}),
    "left_square_bracket": ("/v1/operator", {"do": "incline", "value": 0.5}),
    "left": ("/v1/operator", {"do": "incline", "value": 0.5}),
}


async def test_what_tightens_is_sent_by_one_key(bench: Open) -> None:
    async with bench(state()) as b:
        for key, sent in TIGHTENS.items():
            assert await b.alone(key) == [sent], key


async def test_no_press_of_stop_is_dropped(bench: Open) -> None:
    async with bench(state()) as b:
        for _ in range(5):
            await b.press("space")
        assert b.posted == [STOP] * 5


async def test_stop_is_sent_in_every_phase(bench: Open) -> None:
    async with bench(state()) as b:
        for phase in ("OFF", "STOPPING", "PAUSED", "BREAK", "ENDED", "FAULT", "LOST"):
            await b.becomes(standing(phase))
            assert await b.alone("space") == [STOP]


async def test_one_and_zero_are_a_one_and_then_a_ten(bench: Open) -> None:
    async with bench(state()) as b:
        await b.press("1")
        assert b.posted == [("/v1/pain", {"level": 1})]
        b.clock.now += 0.9
        await b.press("0")
        assert b.posted[1:] == [("/v1/pain", {"level": 10})]
        b.clock.now += 5.0
        await b.press("0")
        assert b.posted[2:] == [("/v1/pain", {"level": 0})]


async def test_keys_held_down_are_one_press_each(bench: Open) -> None:
    async with bench(state()) as b:
        for key in ("6", "p", "e", "b", "x"):
            await b.press(key)
            for _ in range(20):
                b.clock.now += 0.04
                await b.press(key)
        await b.settle()
        assert [path for path, _ in b.posted] == [
            "/v1/pain",
            "/v1/button",
            "/v1/ease",
            "/v1/break",
            "/v1/pain",
        ]


async def test_a_held_minus_lowers_three_times_a_second(bench: Open) -> None:
    async with bench(state()) as b:
        for _ in range(25):
            await b.press("minus")
            b.clock.now += 0.04
        await b.settle()
        assert len(b.posted) == 4
