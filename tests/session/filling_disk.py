"""A disk that runs full under a runner: `python -m tests.session.filling_disk HOME`.

Run where this process may mount, and in no other process's view: HOME/data gets a file system of
its own, and a real service guards the simulated treadmill of tests/processes there. What came of
it is one JSON object on stdout.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.processes.rig import house, until

PAGE = 4096


def fill(home: Path) -> dict[str, object]:
    """What the runner, the belt and the one who reads stderr saw."""
    disk = home / "data"
    disk.mkdir()

    def mount(how: str) -> None:
        subprocess.run(["mount", "-t", "tmpfs", "-o", how, "none", disk], check=True)

    mount("size=300m")
    with house(home, "--kmh", "2") as found:
        served = found.adopted(200)
        used = sum(-(-one.stat().st_size // PAGE) for one in disk.rglob("*") if one.is_file())
        mount(f"remount,size={used * PAGE}")
        for _ in range(60):
            served.post("pain", level=0)
        until(lambda: "can't be written" in served.said)
        before = found.machine.stops()
        pressed = time.monotonic()
        served.post("pain", level=6)
        stop = until(lambda: found.machine.stops(pressed))[0]
        until(lambda: found.machine.speed == 0)
        phase = served.until_phase("BREAK")["phase"]
        served.send(signal.SIGTERM)
        code = served.ended()
        mount("remount,size=300m")
        return {
            "code": code,
            "said": served.said,
            "phase": phase,
            "stops_before": len(before),
            "stop_after_s": stop - pressed,
            "journal": found.journal.read_text(),
        }


print(json.dumps(fill(Path(sys.argv[1]))))
