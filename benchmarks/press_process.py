"""`treadguard pain 6` as a whole process, against `python -c pass`, in turn, to a real service."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 100
TREADGUARD = str(Path(sys.executable).with_name("treadguard"))


def timed_ms(command: list[str], env: dict[str, str]) -> float:
    """How long the process took, in ms."""
    start = time.perf_counter()
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - start) * 1000


def main() -> None:
    """Start a service of its own, press, and print the medians and their ratio."""
    with tempfile.TemporaryDirectory() as home:
        env = dict(os.environ, HOME=home, TREADGUARD_RUNTIME_DIR=home, XDG_RUNTIME_DIR=home)
        for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
            env[name] = home
        service = subprocess.Popen(
            [TREADGUARD, "serve", "--treadmill", "sim"], env=env, stderr=subprocess.DEVNULL
        )
        try:
            while not list(Path(home).glob("*.json")):
                time.sleep(0.05)
            sides = {
                "python -c pass": [sys.executable, "-c", "pass"],
                "treadguard pain 6": [TREADGUARD, "pain", "6"],
            }
            took: dict[str, list[float]] = {name: [] for name in sides}
            for command in sides.values():
                timed_ms(command, env)
            for _ in range(ROUNDS):
                for name, command in sides.items():
                    took[name].append(timed_ms(command, env))
        finally:
            service.terminate()
            service.wait()
    base, press = (statistics.median(times) for times in took.values())
    for name, times in took.items():
        print(f"{name:20} median {statistics.median(times):6.1f} ms  min {min(times):6.1f} ms")
    print(f"ratio of medians {press / base:.2f} (goal: at most 3), {ROUNDS} rounds in turn")


if __name__ == "__main__":
    main()
