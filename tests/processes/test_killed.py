"""The service is killed, and the belt is not: what the next one makes of it (H63)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.processes.rig import House, Onlooker, Served, house, until

AGAIN_S = 2.0
"""A supervisor has started it again by then (configs/systemd)."""

SAFE_S = 1.0
"""What is older than this when the process dies is on the disk."""


def killed_and_served_again(home: House, after_s: float, *, least: int) -> tuple[float, Served]:
    """When it was killed, and the one after it. Nothing that was shown is lost from the disk."""
    first = home.adopted(200)
    watching = Onlooker(first)
    began = until(lambda: watching.seen)[0][0]
    until(lambda: time.monotonic() > began + after_s)
    killed = first.kill()
    again = home.serve()
    shown = [line for at, line in watching.over() if at < killed - SAFE_S]
    assert len(shown) >= least
    assert list(home.lines[: len(shown) - 1]) == shown[1:]
    assert home.machine.speed == 200, "no service, and the belt goes on"
    return killed, again


def test_what_was_shown_is_on_the_disk_and_the_next_one_cries_out_and_stops_when_told(
    tmp_path: Path,
) -> None:
    """The short form of the two below, which every run of the suite plays."""
    with house(tmp_path, "--kmh", "2") as home:
        killed, again = killed_and_served_again(home, 1.5 * SAFE_S, least=2)
        again.until_phase("LOST")
        until(lambda: "ALARM" in again.said)
        assert home.machine.stops(killed) == [], "it cries out first, and leaves a hand its time"
        told = time.monotonic()
        again.post("operator", do="stop")
        until(lambda: home.machine.stops(told))
        until(lambda: home.machine.speed == 0)
        assert home.machine.ups(killed) == []
        again.kill()
        assert home.replays()


@pytest.mark.slow
def test_a_belt_that_outlives_its_service_is_found_said_and_stopped(tmp_path: Path) -> None:
    with house(tmp_path, "--kmh", "2") as home:
        killed, again = killed_and_served_again(home, 2 * SAFE_S, least=11)
        assert time.monotonic() - killed < AGAIN_S
        again.until_phase("LOST")
        until(lambda: home.machine.stops(killed))
        until(lambda: home.machine.speed == 0)
        again.until_phase("PAUSED", "READY")
        assert home.machine.ups(killed) == []
        (restart,) = home.of("restart")
        assert restart["initial_state"]["moving"]
        after = [line for line in home.lines if line["seq"] > restart["seq"]]
        seen = next(x for x in after if x["kind"] == "telemetry" and x["speed"])
        alarm = next(x for x in after if x["kind"] == "alarm")
        stop = next(x for x in after if x["kind"] == "command" and x["op"] == "stop")
        assert alarm["t"] - seen["t"] <= 1000
        assert 15_000 <= stop["t"] - seen["t"] <= 17_000
        assert f"ALARM: {alarm['say']}" in again.said
        again.kill()
        assert home.replays()


@pytest.mark.slow
def test_a_stop_that_was_ignored_goes_out_after_the_restart_and_its_break_is_kept_whole(
    tmp_path: Path,
) -> None:
    with house(tmp_path, "--kmh", "2") as home:
        first = home.adopted(200)
        home.machine.do("deaf")
        first.post("pain", level=6)
        until(home.machine.stops)
        killed = first.kill()
        assert home.machine.speed == 200
        home.machine.do("hears")
        again = home.serve()
        (owed, *_) = until(lambda: home.machine.stops(killed))
        (there, *_) = [x["t"] for x in home.machine.truth if x.get("host") and x["t"] > killed]
        print(f"the owed Stop came {owed - there:.2f} s after the new process had its adapter")
        assert owed - there < 10
        until(lambda: home.machine.speed == 0)

        # The break has begun, and its clock runs; then the service dies once more.
        again.until_phase("BREAK")
        until(lambda: again.state["break"]["left_s"] <= 118)
        again.kill()
        third = home.serve()
        third.until_phase("BREAK")
        # Known to stand, two samples on, it begins; and all of it is owed.
        least = until(lambda: third.state["break"]["left_s"])
        assert least >= 119
        refused, said = third.ask(
            "POST", "/v1/operator", do="resume", confirm="on-belt-key-clipped"
        )
        assert refused == 200, said
        assert said["say"]
        assert home.machine.ups(killed) == []
        assert [line["initial_state"]["on_break"] for line in home.of("restart")] == [True, True]
        third.kill()
        assert home.replays()
