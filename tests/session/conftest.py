"""The line that the tests of the API talk over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest_asyncio
from tests.session.line import TOKEN, Line
from tests.session.rig import Rig, no_machine

from treadguard.session.api import Api


@pytest_asyncio.fixture
async def line() -> AsyncIterator[Line]:
    rig = Rig(make=no_machine)
    listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    api = Api(rig.service, TOKEN, listening.set_result)
    session = asyncio.create_task(rig.service.run({"api": api.run}))
    async with aiohttp.ClientSession() as http:
        yield Line(rig, await listening, http)
    rig.service.stop("the test is over")
    assert await session == 0
