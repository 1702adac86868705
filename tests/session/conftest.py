"""The line that the tests of the API talk over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from tests.session.line import TOKEN, Line
from tests.session.rig import Rig, no_machine

from treadguard.session import host_time
from treadguard.session.api import Api


@pytest_asyncio.fixture
async def line(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Line]:
    # A busy computer holds a test up for a second, too; what then comes is test_host_time.py's.
    monkeypatch.setattr(host_time, "STALL_S", 60.0)
    rig = Rig(make=no_machine)
    listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    api = Api(rig.service, TOKEN, listening.set_result)
    session = asyncio.create_task(rig.service.run({"api": api.run}))
    async with aiohttp.ClientSession() as http:
        yield Line(rig, await listening, http)
    rig.service.stop("the test is over")
    assert await session == 0
