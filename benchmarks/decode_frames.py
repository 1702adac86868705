"""Treadmill Data decoded by treadguard and by pyftms, in turn, on the frames that both accept."""

from __future__ import annotations

import io
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from pyftms.models import TreadmillData  # type: ignore[import-not-found]

from treadguard.ftms import treadmill_data

ROUNDS = 15
REPEATS = 200
FRAMES = Path(__file__).parents[1] / "tests" / "data" / "frames.jsonl"


def theirs(frame: bytes) -> object:
    """What pyftms makes of it."""
    return TreadmillData._deserialize(io.BytesIO(frame))  # noqa: SLF001


def accepted(frame: bytes) -> bool:
    """Whether pyftms takes this frame at all."""
    try:
        theirs(frame)
    except Exception:  # noqa: BLE001 - whatever it raises, the frame is left out
        return False
    return True


def per_second(decode: Callable[[bytes], object], frames: list[bytes]) -> float:
    """Frames a second over many repeats."""
    start = time.perf_counter()
    for _ in range(REPEATS):
        for frame in frames:
            decode(frame)
    return REPEATS * len(frames) / (time.perf_counter() - start)


def main() -> None:
    """Print the medians of both and their ratio."""
    lines = [json.loads(line) for line in FRAMES.read_text().splitlines()]
    every = [bytes.fromhex(one["hex"]) for one in lines if one["char"] == "2acd"]
    frames = [frame for frame in every if accepted(frame)]
    ours_s: list[float] = []
    theirs_s: list[float] = []
    for _ in range(ROUNDS):
        ours_s.append(per_second(treadmill_data.decode, frames))
        theirs_s.append(per_second(theirs, frames))
    ours, others = statistics.median(ours_s), statistics.median(theirs_s)
    print(f"{len(frames)} of {len(every)} captured 2ACD frames are accepted by both")
    print(f"treadguard {ours:9.0f} frames/s   pyftms {others:9.0f} frames/s")
    print(f"ratio of medians {ours / others:.2f}, {ROUNDS} rounds in turn")


if __name__ == "__main__":
    main()
