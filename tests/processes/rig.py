"""Real processes in real time: a treadmill, the service that guards it, and who looks on.

The treadmill is proof/machine_process.py, whose belt outlives the service; the service is
`treadguard serve`, through the whole Bluetooth driver. Bounds are generous: what they catch is a
thing that doesn't happen, or happens at once where it must not.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, Any, Self, TypeVar

import aiohttp

from treadguard.replay.check import check
from treadguard.replay.reader import read

T = TypeVar("T")
Line = dict[str, Any]

SOON_S = 60.0
"""Whatever is waited for has come by then, on a machine that is busy with others, too."""

SERVE = (sys.executable, "-m", "treadguard", "serve", "--treadmill=sim-radio")
STOP = "0801"
UP = ("07", "02", "03")
"""Frames that start a belt, or set a target."""


def until(true: Callable[[], T | None], within_s: float = SOON_S) -> T:
    """Its value, as soon as that is true."""
    end = time.monotonic() + within_s
    while not (found := true()):
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)
    return found


class Machine:
    """The treadmill's process, and the truth about its belt."""

    def __init__(self, *options: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "proof.machine_process", *options],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self.truth: list[Line] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.truth.append(json.loads(line))

    @property
    def port(self) -> int:
        """Once it is there."""
        found: int = until(lambda: self._last("port"))
        return found

    @property
    def speed(self) -> int:
        """How fast the belt moves, 0.01 km/h."""
        found: int = self._last("speed") or 0
        return found

    @property
    def linked(self) -> bool:
        return bool(self._last("host"))

    def frames(self, since: float = 0.0) -> list[tuple[float, str]]:
        """(time, hex) of what has reached the control point."""
        return [(x["t"], x["frame"]) for x in list(self.truth) if "frame" in x and x["t"] >= since]

    def stops(self, since: float = 0.0) -> list[float]:
        return [t for t, frame in self.frames(since) if frame == STOP]

    def ups(self, since: float = 0.0) -> list[str]:
        return [frame for _, frame in self.frames(since) if frame[:2] in UP]

    def speeds(self, since: float) -> list[int]:
        return [x["speed"] for x in list(self.truth) if "speed" in x and x["t"] >= since]

    def kill(self) -> None:
        """The whole radio is gone, as an adapter that is pulled out."""
        self._process.kill()
        self._process.wait()

    def do(self, what: str, **how: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": what, **how}) + "\n")

    def _last(self, key: str) -> Any:
        return next((line[key] for line in reversed(self.truth) if key in line), None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            assert self._process.wait(10) in (0, -signal.SIGKILL)
        finally:
            self._process.kill()
            self._process.wait()
            self._reader.join()
            self._process.stdout.close()


class Served:
    """One `treadguard serve` process."""

    def __init__(self, machine: Machine, home: Path, said: IO[str]) -> None:
        self._card = home / "runtime" / "sim-radio.json"
        self._said = said
        self.process = subprocess.Popen(
            [*SERVE, f"--adapter=tcp-client:127.0.0.1:{machine.port}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=environment(home),
        )
        self.began = time.monotonic()

    @property
    def card(self) -> Line:
        """Port and token, once it listens."""

        def mine() -> Line | None:
            assert self.process.poll() is None, self.said
            try:
                found: Line = json.loads(self._card.read_text())
            except (OSError, ValueError):
                return None
            return found if found["pid"] == self.process.pid else None

        return until(mine)

    @property
    def said(self) -> str:
        """What it has printed so far."""
        return Path(self._said.name).read_text()

    @property
    def rss_kb(self) -> int:
        (line,) = [
            line
            for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
            if line.startswith("VmRSS")
        ]
        return int(line.split()[1])

    def ask(self, method: str, path: str, **body: object) -> tuple[int, Line]:
        """One request of the API, on a connection of its own: status and answer."""
        card = self.card
        way = HTTPConnection("127.0.0.1", card["port"], timeout=SOON_S)
        try:
            text = json.dumps(body) if body else None
            way.request(method, path, text, {"Authorization": f"Bearer {card['token']}"})
            answer = way.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            way.close()

    def post(self, path: str, **body: object) -> Line:
        status, found = self.ask("POST", f"/v1/{path}", **body)
        assert status == 200, found
        return found

    @property
    def state(self) -> Line:
        return self.ask("GET", "/v1/state")[1]

    def until_phase(self, *phases: str) -> Line:
        """The state, as soon as it is in one of these phases."""
        return until(lambda: state if (state := self.state)["phase"] in phases else None)

    def send(self, number: signal.Signals) -> float:
        """Send the signal; when."""
        self.process.send_signal(number)
        return time.monotonic()

    def kill(self) -> float:
        """kill -9; when it was dead."""
        self.send(signal.SIGKILL)
        assert self.process.wait(10) == -signal.SIGKILL
        return time.monotonic()

    def ended(self, within_s: float = 45.0) -> int:
        """Its exit code."""
        return self.process.wait(within_s)


class House:
    """A home of its own, with a treadmill and the services that guard it one after another."""

    def __init__(self, machine: Machine, home: Path) -> None:
        self.machine = machine
        self.home = home
        self._stack = ExitStack()
        self._served: list[Served] = []

    def serve(self) -> Served:
        number = len(self._served)
        said = self._stack.enter_context((self.home / f"said{number}").open("w"))
        one = Served(self.machine, self.home, said)
        self._served.append(one)
        return one

    def adopted(self, speed: int) -> Served:
        """A service that runs, on a belt that its console has started: the first may adopt it."""
        served = self.serve()
        served.until_phase("RUNNING")
        until(lambda: served.state["speed_kmh"] == speed / 100 == self.machine.speed / 100)
        return served

    @property
    def journal(self) -> Path:
        (found,) = (self.home / "data" / "treadguard" / "sessions").iterdir()
        return found

    @property
    def lines(self) -> tuple[Line, ...]:
        return read(self.journal).lines

    def of(self, kind: str, **like: object) -> list[Line]:
        """The journal's lines of a kind."""
        return [
            line for line in self.lines if line["kind"] == kind and like.items() <= line.items()
        ]

    def replays(self) -> bool:
        """What it decided follows from what it heard, line by line."""
        return check(self.journal).ok

    def close(self) -> None:
        for one in self._served:
            # One that is held is ended by this signal, too.
            one.process.kill()
            one.process.wait()
        self._stack.close()


@contextmanager
def house(home: Path, *options: str) -> Iterator[House]:
    """With a machine of these options; ended with all that live in it."""
    (home / "runtime").mkdir(mode=0o700)
    with Machine(*options) as machine:
        made = House(machine, home)
        try:
            yield made
        finally:
            made.close()


def environment(home: Path) -> dict[str, str]:
    """Of a process that lives there."""
    homes = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "STATE")}
    return {**os.environ, **homes, "TREADGUARD_RUNTIME_DIR": str(home / "runtime")}


class Onlooker:
    """The stream of one service, read in a thread: (time, line) as it comes, until it breaks."""

    def __init__(self, served: Served) -> None:
        self.seen: list[tuple[float, Line]] = []
        self._card = served.card
        self._thread = threading.Thread(target=lambda: asyncio.run(self._look()), daemon=True)
        self._thread.start()

    async def _look(self) -> None:
        url = f"http://127.0.0.1:{self._card['port']}/v1/stream?since=0"
        head = {"Authorization": f"Bearer {self._card['token']}"}
        async with aiohttp.ClientSession(headers=head) as http, http.ws_connect(url) as socket:
            async for message in socket:
                self.seen.append((time.monotonic(), json.loads(message.data)))

    def over(self) -> list[tuple[float, Line]]:
        """All of it, once the service is gone."""
        self._thread.join(SOON_S)
        assert not self._thread.is_alive()
        return self.seen
