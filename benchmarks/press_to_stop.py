"""Pain 6 on the virtual radio: from the API call to the Stop frame that the peripheral receives.

Three processes: one hosts the service and, behind the Bluetooth driver, the simulated treadmill;
one presses; with --loaded a third one sends 50 posture samples a second and reads three streams.
Each press meets a session of its own, on a belt that runs and with no answer pending. The clock is
CLOCK_MONOTONIC, which all processes on one machine share.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import aiohttp

from treadguard.guard.kept import Kept
from treadguard.guard.policy import Policy, Profile
from treadguard.journal import Header
from treadguard.kernel import GateKeeper
from treadguard.session.api import Api
from treadguard.session.recorder import Recorder, new_journal
from treadguard.session.service import Service
from treadguard.sim.over_radio import ADDRESS, on_air
from treadguard.sim.presets import preset_named
from treadguard.treadmill import over_bleak
from treadguard.treadmill.over_bleak import BleakTreadmill
from treadguard.units import Millis

TOKEN = "benchmark"  # noqa: S105 - of a service that lives for one press
STOP = b"\x08\x01"
SETTLED_S = 0.3
"""The belt runs, and what was sent at the connect has long been answered."""

# A belt that is at speed at once, and reports often, so that a thousand sessions take minutes.
QUICK = replace(
    preset_named("ideal"), countdown=Millis(0), accel=100_000, decel=100_000, every=Millis(100)
)


# ---------------------------------------------------------------- the service's process


async def one_session(home: Path, number: int) -> None:
    """Host a session on a running belt until a Stop has come, and say when that was."""
    async with on_air(QUICK) as (radio, peripheral):
        stopped: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def written(frame: bytes, _: bool) -> None:
            if frame == STOP and not stopped.done():
                stopped.set_result(time.monotonic_ns())

        peripheral.written = written
        peripheral.console(start=True)
        await asyncio.sleep(0)
        peripheral.console(kmh=6.0)
        keeper = GateKeeper()
        treadmill = BleakTreadmill(
            radio,
            ADDRESS,
            "benchmark",
            check=keeper.check,
            proven=True,
            say=lambda _: None,
            is_real=False,
        )
        header = Header(
            session=f"{number:016x}",
            started="2000-01-01T00:00:00.000+00:00",
            treadguard="benchmark",
            mode="guard",
            treadmill="benchmark",
            is_real=False,
            proven=True,
            policy=Policy(),
            profile=Profile(),
            initial=Kept(),
        )
        journal = new_journal(home / f"{number}.jsonl")
        service = Service(
            header,
            treadmill,
            keeper,
            lambda trouble: Recorder(journal, home / "state.json", trouble),
            new_id=lambda: f"{number}",
            say=lambda _: None,
        )
        port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        api = Api(service, TOKEN, port.set_result)

        async def life() -> None:
            say({"port": await port})
            while service.state()["phase"] != "RUNNING":  # noqa: ASYNC110 - it has no event
                await asyncio.sleep(0.01)
            await asyncio.sleep(SETTLED_S)
            say({"press": number})
            say({"stopped": await stopped})
            service.die()

        await service.run({"API": api.run, "life": life})


def say(what: dict[str, int]) -> None:
    print(json.dumps(what), flush=True)


def host(presses: int) -> None:
    over_bleak.APART_S = 0.0  # type: ignore[misc] # spares half a second per session, and no more
    gc.collect()
    gc.freeze()  # as cli/hosting.py does
    with tempfile.TemporaryDirectory() as home:
        for number in range(presses):
            asyncio.run(one_session(Path(home), number))


# ---------------------------------------------------------------- the load's process


async def load_until_gone(port: int) -> None:
    """50 posture samples a second and three readers of the stream, until the service is gone."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    base = f"http://127.0.0.1:{port}/v1"
    async with aiohttp.ClientSession(headers=headers) as http:

        async def posture() -> None:
            while True:
                await http.post(f"{base}/posture", json={"trunk_deg": 5.0, "neck_deg": 10.0})
                await asyncio.sleep(0.02)

        async def reader() -> None:
            async with http.ws_connect(f"{base}/stream?since=0") as stream:
                async for _ in stream:
                    pass

        with suppress(aiohttp.ClientError, OSError):
            async with asyncio.TaskGroup() as group:
                for work in (posture(), reader(), reader(), reader()):
                    group.create_task(work)


def load() -> None:
    for line in sys.stdin:
        with suppress(BaseExceptionGroup):
            asyncio.run(load_until_gone(int(line)))


# ---------------------------------------------------------------- the presser


def press(port: int) -> int:
    """Press pain 6 as the command line does; the time at which the call began, in ns."""
    body = b'{"level": 6}'
    request = (
        f"POST /v1/pain HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    ).encode()
    began = time.monotonic_ns()
    with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
        link.sendall(request + body)
        with suppress(OSError):  # the service dies as soon as the Stop is out
            link.recv(4096)
    return began


def heard(child: subprocess.Popen[str], key: str) -> int:
    assert child.stdout is not None
    found: dict[str, Any] = json.loads(child.stdout.readline())
    return int(found[key])


def measure(presses: int, *, loaded: bool) -> list[float]:
    """Milliseconds of each press."""
    me = [sys.executable, __file__]
    took: list[float] = []
    loader = subprocess.Popen([*me, "--load"], stdin=subprocess.PIPE, text=True) if loaded else None
    with subprocess.Popen(
        [*me, "--host", str(presses)], stdout=subprocess.PIPE, text=True
    ) as child:
        for number in range(presses):
            port = heard(child, "port")
            if loader is not None and loader.stdin is not None:
                tell(loader.stdin, port)
            heard(child, "press")
            began = press(port)
            took.append((heard(child, "stopped") - began) / 1e6)
            if sys.stderr.isatty() and number % 10 == 0:
                print(f"\r{number} of {presses}", end="", file=sys.stderr)
    if loader is not None:
        loader.communicate()
    return took


def tell(pipe: IO[str], port: int) -> None:
    pipe.write(f"{port}\n")
    pipe.flush()


def main() -> None:
    """Press, and print the percentiles."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presses", type=int, default=1000)
    parser.add_argument("--loaded", action="store_true", help="beside posture samples and streams")
    parser.add_argument("--host", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--load", action="store_true", help=argparse.SUPPRESS)
    wishes = parser.parse_args()
    if wishes.host is not None:
        return host(wishes.host)
    if wishes.load:
        return load()
    took = sorted(measure(wishes.presses, loaded=wishes.loaded))
    last = len(took) - 1
    shown = {
        name: took[round(last * share)]
        for name, share in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0))
    }
    figures = ", ".join(f"{name} {ms:.2f}" for name, ms in shown.items())
    beside = "50 posture samples/s and 3 stream clients" if wishes.loaded else "nothing else"
    print(f"pain 6: API call to Stop frame, {len(took)} presses beside {beside}: {figures} ms")
    return None


if __name__ == "__main__":
    main()
