"""The life of a session: what it writes, what it needs consent for, and what it keeps."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import msgspec
import pytest
from tests.session.rig import Rig, live

from treadguard.guard.events import Command
from treadguard.guard.kept import Kept
from treadguard.session.service import Crashed, SessionOver
from treadguard.sim.faults import Fault
from treadguard.units import Millis


async def nothing(_: Rig) -> None:
    await asyncio.sleep(3)


# ---------------------------------------------------------------- what it writes


async def walk_and_hurt(rig: Rig) -> None:
    await rig.walk(200)
    rig.service.posture(trunk_deg=12.5, strides=4)
    rig.service.pain(2)
    await asyncio.sleep(9)
    rig.service.pain(None, "button")
    await asyncio.sleep(9)


def test_the_same_session_writes_the_same_bytes_twice() -> None:
    first, second = Rig(), Rig()
    assert live(first, walk_and_hurt) == live(second, walk_and_hurt) == 0
    assert first.journal == second.journal
    assert len(first.lines) > 200


def test_a_journal_has_a_header_an_end_and_no_gaps() -> None:
    rig = Rig()
    live(rig, walk_and_hurt)
    assert rig.lines[0]["kind"] == "header"
    assert [line["seq"] for line in rig.lines[1:]] == list(range(1, len(rig.lines)))
    times = [line["t"] for line in rig.lines[1:]]
    assert times == sorted(times)
    assert rig.lines[-1]["kind"] == "end"
    assert rig.lines[-1]["summary"] == {
        "reason": "the story is over",
        "belt": "at rest",
        "duration_ms": rig.lines[-1]["t"],
    }


def test_a_tick_comes_each_quarter_of_a_second_exactly() -> None:
    rig = Rig()
    live(rig, nothing)
    assert [line["t"] for line in rig.of("tick")] == list(range(250, 3001, 250))


def test_an_input_answers_with_its_line_and_what_was_said() -> None:
    rig = Rig()

    async def story(rig: Rig) -> None:
        await rig.walk(200)
        fed = rig.service.pain(6)
        assert rig.lines[fed.seq]["kind"] == "pain"
        assert any(isinstance(out, Command) and out.op == "stop" for out in fed.outputs)
        await asyncio.sleep(6)

    assert live(rig, story) == 0


# ---------------------------------------------------------------- consents


def test_a_raise_writes_its_consent_first_and_a_lowering_needs_none() -> None:
    rig = Rig()

    async def story(rig: Rig) -> None:
        await rig.walk(300)
        rig.service.operator("speed", 250)
        await asyncio.sleep(5)
        rig.service.operator("incline", 10)
        await asyncio.sleep(5)
        rig.service.operator("incline", 0)
        await asyncio.sleep(5)

    assert live(rig, story) == 0
    assert [(c["for"], c["target"]) for c in rig.of("consent")] == [
        ("start", None),
        ("speed", 300),
        ("incline", 10),
    ]
    for consent in rig.of("consent"):
        asked = rig.lines[consent["seq"] + 1]
        assert (asked["kind"], asked["do"]) == ("operator", consent["for"])
        assert consent["expires"] == consent["t"] + 10_000
        assert consent["generation"] == 1
    assert len({c["id"] for c in rig.of("consent")}) == 3


def test_after_a_reconnect_a_press_carries_the_new_links_number_and_is_heard() -> None:
    """A consent is good for the link on which it was given, and for no other."""
    rig = Rig(faults=[Fault(Millis(42_000), Millis(3_000), "link", "off")])

    async def story(rig: Rig) -> None:
        await rig.walk(300)
        await asyncio.sleep(20)
        assert [one["generation"] for one in rig.of("link", state="up")] == [1, 2]
        rig.service.operator("speed", 350)
        await asyncio.sleep(20)
        assert rig.service.state()["speed_kmh"] == 3.5

    assert live(rig, story) == 0
    assert [one["generation"] for one in rig.of("consent")] == [1, 1, 2]


def test_a_remote_request_never_carries_a_consent() -> None:
    rig = Rig()

    async def story(rig: Rig) -> None:
        await asyncio.sleep(3)
        fed = rig.service.operator("start", role="remote")
        assert not [out for out in fed.outputs if isinstance(out, Command)]
        await asyncio.sleep(5)

    assert live(rig, story) == 0
    assert rig.of("consent") == []
    assert rig.of("command", op="start") == []


def test_speed_zero_is_a_stop() -> None:
    rig = Rig()

    async def story(rig: Rig) -> None:
        await rig.walk(200)
        rig.service.operator("speed", 0)
        await asyncio.sleep(6)
        assert rig.phase == "PAUSED"

    assert live(rig, story) == 0
    assert len(rig.of("operator", do="stop", value=None)) == 1


# ---------------------------------------------------------------- what is kept


def test_the_kept_state_is_saved_when_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    seen: list[Kept] = []
    monkeypatch.setattr(rig.sink, "keep", seen.append)

    async def story(rig: Rig) -> None:
        await rig.walk(200)
        rig.service.pain(6)
        assert seen[-1].on_break
        await asyncio.sleep(6)

    assert live(rig, story) == 0
    assert all(before != after for before, after in pairwise(seen))
    assert seen[-1].triggers == 1
    assert not seen[-1].moving


def test_a_killed_service_writes_nothing_more_and_the_next_goes_on() -> None:
    rig = Rig()

    async def killed(rig: Rig) -> None:
        await rig.walk(300)
        rig.service.die()
        with pytest.raises(SessionOver):
            rig.service.pain(9)

    assert live(rig, killed, stop=False) == 137
    assert rig.of("end") == []
    assert rig.of("command", op="stop") == []
    last = rig.lines[-1]
    assert rig.sink.kept is not None
    rig.serve(rig.sink.kept, Crashed(last["seq"], last["t"] + 2000))

    async def found(_: Rig) -> None:
        await asyncio.sleep(25)

    assert live(rig, found) == 0
    restart = rig.of("restart")[0]
    assert (restart["seq"], restart["t"]) == (last["seq"] + 1, last["t"] + 2000)
    assert restart["initial_state"]["moving"]
    assert rig.of("command", op="stop")
    assert rig.phase in ("PAUSED", "READY", "ENDED")


def test_what_intervenes_is_on_the_disk_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    urgent: dict[str, set[bool]] = {}

    def write(line: bytes, *, urgent: bool = False) -> None:
        seen(line, urgent)

    def seen(line: bytes, at_once: bool) -> None:
        kind = msgspec.json.decode(line)["kind"]
        urgent.setdefault(kind, set()).add(at_once)

    monkeypatch.setattr(rig.sink, "write", write)
    live(rig, walk_and_hurt)
    assert {kind for kind, how in urgent.items() if True in how} == {
        "header",
        "command",
        "phase",
        "end",
    }
    assert all(len(how) == 1 for how in urgent.values())


# ---------------------------------------------------------------- what a frozen process hears


async def frozen_for_seven_seconds(rig: Rig) -> None:
    await rig.walk(200)
    loop = asyncio.get_running_loop()
    loop._jump.passed_s += 7  # type: ignore[attr-defined]
    for _ in range(8):  # as long as a request needs to get from the socket to the service
        with pytest.raises(SessionOver, match="held up"):
            rig.service.operator("speed", 900)
        with pytest.raises(SessionOver, match="held up"):
            rig.service.operator("resume")
        await asyncio.sleep(0)
    rig.service.operator("stop")
    await asyncio.sleep(20)


def test_after_a_freeze_nothing_goes_up_and_a_stop_still_goes_out() -> None:
    rig = Rig()
    live(rig, frozen_for_seven_seconds)
    assert not [one for one in rig.lines if one["kind"] == "consent" and one["target"] == 900]
    stops = [one for one in rig.lines if one["kind"] == "command" and one["op"] == "stop"]
    assert stops
    assert [one for one in rig.lines if one["kind"] == "alarm"], "the gap is said"


def test_after_a_freeze_there_is_one_tick_for_all_that_were_missed() -> None:
    rig = Rig()
    live(rig, frozen_for_seven_seconds)
    ticks = [line["t"] for line in rig.of("tick")]
    (gap,) = [n for n, (before, after) in enumerate(pairwise(ticks)) if after - before > 250]
    assert ticks[gap + 1] - ticks[gap] >= 7_000
    # The one that was due, that one, and from there on one each quarter of a second.
    late = ticks[gap + 1 : gap + 10]
    assert [after - before for before, after in pairwise(late)] == [0, *[250] * 7]
