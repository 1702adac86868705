"""What each kind of link fault does to a session; test_faults.py runs these with the others."""

from __future__ import annotations

import itertools
from typing import Final

from tests.sim.bench import Heard, drive, fault, walking

from treadguard.guard.events import Link

AT: Final = 20
FOR: Final = 10


def session(kind: str, for_s: float = 40) -> Heard:
    """At 5 km/h when the fault begins; a lowering 2 s into it, another 8 s after its end."""
    return drive(
        *walking(500),
        (AT + 2.5, lambda heard: heard.send("set_speed", 400)),
        (AT + FOR + 3, lambda heard: heard.send("request_control")),
        (AT + FOR + 8, lambda heard: heard.send("set_speed", 300)),
        for_s=for_s,
        faults=[fault("link", kind, AT, FOR)],
    )


def in_fault(heard: Heard) -> list[tuple[int, int | None]]:
    """Telemetry by when it came, after the fault began and before it ended."""
    return [
        (event.t, event.speed)
        for event in heard.telemetry
        if AT * 1000 < event.t < (AT + FOR) * 1000
    ]


def results(heard: Heard) -> list[int | str]:
    return [answer.result for answer in heard.answers[3:]]


def link_off() -> None:
    heard = session("off")
    assert [(link.t, link.up, link.generation) for link in heard.links] == [
        (0, True, 1),
        (20_000, False, 1),
        (31_000, True, 2),
    ]
    assert in_fault(heard) == []
    assert results(heard) == ["att_error", 1, 1]
    assert heard.speeds(31)[0] == 500  # the belt ran on
    assert len([event for event in heard.machine if event.ranges]) == 2


def link_stuck() -> None:
    heard = session("stuck")
    assert [link.up for link in heard.links] == [True]
    assert in_fault(heard) == []
    assert results(heard) == ["timeout", 1, 1]
    assert heard.speeds(AT + FOR)[0] == 500


def link_garbage() -> None:
    heard = session("garbage")
    assert [link.up for link in heard.links] == [True]
    assert {speed for _, speed in in_fault(heard)} != {500}
    assert results(heard) == ["att_error", 1, 1]
    assert heard.speeds(AT + FOR + 1)[0] == 500
    assert sum(heard.treadmill.dropped.values()) > 0


def link_wrong() -> None:
    heard = session("wrong")
    assert [(link.t, link.up, link.generation) for link in heard.links] == [
        (0, True, 1),
        (20_000, False, 1),
        (30_000, True, 2),
    ]
    assert len(in_fault(heard)) == 9
    assert results(heard) == [1, 1, 1]
    assert heard.speeds(AT + FOR)[0] == 400


def link_slow() -> None:
    heard = session("slow")
    assert [link.up for link in heard.links] == [True]
    assert {t % 1500 for t, _ in in_fault(heard)} == {0}
    assert len(in_fault(heard)) >= 8
    assert results(heard) == [1, 1, 1]
    late = heard.answers[3].t - (AT + 2.5) * 1000
    assert 1000 < late <= 3000
    times = [event.t for event in heard.events]
    assert times == sorted(times)


def link_delayed() -> None:
    heard = session("delayed")
    assert in_fault(heard)[0][0] == 23_000
    assert results(heard) == ["timeout", 1, 1]
    obeyed = next(event.t for event in heard.telemetry if event.t > 21_000 and event.speed != 500)
    assert 28_000 <= obeyed <= 30_000  # 3 s there and 3 s back
    times = [event.t for event in heard.telemetry]
    assert len(times) == 40  # nothing is lost
    assert times == sorted(times)


def link_intermittent() -> None:
    heard = drive(*walking(500), for_s=130, faults=[fault("link", "intermittent", AT, 100)], seed=3)
    links = heard.links
    assert [link.up for link in links] == [n % 2 == 0 for n in range(len(links))]
    assert [link.generation for link in links if link.up] == list(range(1, len(links) // 2 + 2))
    assert 10 <= len(links) // 2 <= 25
    down = [after.t - before.t for before, after in _pairs(links) if not before.up]
    assert min(down) >= 2000
    assert max(down) <= 4000
    assert links[-1].up


def _pairs(links: list[Link]) -> list[tuple[Link, Link]]:
    return list(itertools.pairwise(links))
