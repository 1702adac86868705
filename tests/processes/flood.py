"""A program that floods one service's API: `python flood.py PORT TOKEN CLIENTS`, until it is ended.

Each client has one request in hand and sends the next as soon as that is answered. "ready" on
stdout once the flood is at its height; on SIGTERM, how many were answered.
"""

from __future__ import annotations

import asyncio
import signal
import sys

import aiohttp

WARM = 5
"""Answers that each has by then."""


async def flood(port: int, token: str, clients: int) -> None:
    answered = [0] * clients
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    url = f"http://127.0.0.1:{port}/v1/posture"
    head = {"Authorization": f"Bearer {token}"}

    async def client(n: int) -> None:
        while True:
            async with http.post(url, json={"trunk_deg": 3}) as answer:
                assert answer.status == 200
            answered[n] += 1
            if answered[n] == WARM and min(answered) >= WARM:
                print("ready", flush=True)

    connector = aiohttp.TCPConnector(limit=clients)
    async with aiohttp.ClientSession(connector=connector, headers=head) as http:
        tasks = [asyncio.create_task(client(n)) for n in range(clients)]
        await over.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    print(sum(answered), flush=True)


asyncio.run(flood(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
