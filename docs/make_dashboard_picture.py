"""Makes docs/dashboard.svg from the real program, in about a minute and a half.

A service on the simulated treadmill runs as a process of its own, in directories that vanish
afterwards; the dashboard walks on it by its own keys, up to 5.5 km/h, and says pain 3. The picture
is what it then shows. Run it as: python docs/make_dashboard_picture.py
"""

# ruff: noqa: INP001, S603, T201 - a program beside the package, which starts treadguard itself
from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from treadguard.cli import client
from treadguard.dashboard.app import Dashboard
from treadguard.dashboard.client import Address, ServiceClient

PICTURE = Path(__file__).with_name("dashboard.svg")
SIZE = (90, 27)


def find() -> Address | None:
    """The only service in these directories."""
    found = client.running()
    return Address(found[0].treadmill, found[0].port, found[0].token) if found else None


async def walk() -> None:
    """Start, walk, hurt, and take the picture."""
    app = Dashboard(ServiceClient(find))
    async with app.run_test(size=SIZE) as pilot:

        async def until(holds: Callable[[], bool]) -> None:
            async with asyncio.timeout(60):
                while not holds():
                    await pilot.pause(0.1)

        def state(name: str) -> object:
            return (app.state or {}).get(name)

        async def posture(seconds: float) -> None:
            """A sensor that sees the runner lean a little."""
            for i in range(round(seconds * 5)):
                lean = {"trunk_deg": 9.0 + (i % 5) * 0.6, "neck_deg": 6.0 + (i % 3) * 0.8}
                await app.client.post("/v1/posture", {**lean, "source": "imu"}, 1.0)
                await pilot.pause(0.2)

        await until(lambda: state("consent_needed") == "start")
        await pilot.pause(1.5)
        await pilot.press("r")
        await pilot.pause(1.2)
        await pilot.press("y")
        await until(lambda: state("phase") == "RUNNING")
        for _ in range(9):
            await pilot.press("plus")
            await pilot.pause(0.4)
        await pilot.pause(0.5)
        await pilot.press("enter")
        await until(lambda: state("speed_kmh") == 5.5)
        await posture(12)
        await pilot.press("3")
        await posture(10)
        # Without the fonts that it would fetch from elsewhere; any monospaced one will do.
        picture = re.sub(r"@font-face \{.*?\}\s*", "", app.export_screenshot(), flags=re.DOTALL)
        PICTURE.write_text(picture, encoding="utf-8")


def main() -> None:
    """A service of its own, a walk on it, and the picture."""
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["TREADGUARD_RUNTIME_DIR"] = f"{scratch}/runtime"
        for name in ("CONFIG", "DATA", "STATE"):
            os.environ[f"XDG_{name}_HOME"] = f"{scratch}/{name.lower()}"
        serve = [sys.executable, "-m", "treadguard", "serve", "--treadmill", "sim"]
        with subprocess.Popen(serve, stderr=subprocess.DEVNULL) as service:
            try:
                asyncio.run(walk())
            finally:
                service.terminate()
    print(PICTURE)


if __name__ == "__main__":
    main()
