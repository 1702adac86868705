"""A stand-in for the local API: stdlib HTTP in a thread, and the runtime file that names it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class FakeService:
    """What it was asked, and what it answers."""

    token: str = "secret"
    status: int = 200
    reply: Any = field(default_factory=lambda: {"seq": 123})
    raw: bytes | None = None
    hang_s: float = 0.0
    seen: list[tuple[str, str, Any]] = field(default_factory=list)
    runtime_file: Path = Path()


@contextmanager
def fake_service(runtime: Path, treadmill: str = "sim") -> Iterator[FakeService]:
    service = FakeService()
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            # A client that gave up is some tests' point; its broken pipe would else be printed in
            # whichever test runs by then.
            with suppress(ConnectionError):
                self._take()

        def _take(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            content = self.rfile.read(size)
            body = json.loads(content) if content else None
            service.seen.append((self.command, self.path, body))
            self.close_connection = True
            over.wait(service.hang_s)
            if service.raw is not None:
                self.wfile.write(service.raw)
                return
            good = self.headers["Authorization"] == f"Bearer {service.token}"
            status, reply = service.status, service.reply
            if not good:
                status, reply = 401, {"error": "the token isn't this service's"}
            answer = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = _serve  # noqa: N815 (the name http.server calls)
        do_GET = _serve  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False  # server_close then joins those that still answer
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    service.runtime_file = runtime / f"{treadmill.lower().replace(' ', '-')}.json"
    service.runtime_file.write_text(
        json.dumps(
            {
                "treadmill": treadmill,
                "port": server.server_port,
                "token": service.token,
                "pid": os.getpid(),
            }
        )
    )
    try:
        yield service
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
