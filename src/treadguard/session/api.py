"""The local HTTP and WebSocket API (DESIGN.md section 6.4).

Here: who may talk, what a body may say, and which method of the service it calls. Not here: what
comes of it. The rules to keep: a request that is refused has changed nothing; whoever reads slowly
is dropped, never waited for.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

import msgspec
from aiohttp import WSMsgType, web
from msgspec import Meta, Struct

from treadguard.config.toml import printable
from treadguard.guard.events import Alarm, Cue, OperatorDo
from treadguard.guard.policy import HARD_GRADE, HARD_SPEED
from treadguard.kernel import Fed
from treadguard.session.doors import Doors
from treadguard.session.service import Service, SessionOver
from treadguard.units import grade_from_pct, kmh, pct, speed_from_kmh

BODY_MAX: Final = 4096
TURN_LINES: Final = 20
"""So many lines of a backlog go out before the loop gets a turn."""

HEARTBEAT_S: Final = 10.0
ON_THE_BELT: Final = "on-belt-key-clipped"
SEEN: Final = "professional-seen"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Refused(Exception):
    """A request that changes nothing; the text is one clear sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(printable(sentence))
        self.status = status


# ---------------------------------------------------------------- bodies


class _Nothing(Struct, forbid_unknown_fields=True):
    pass


class _Pain(Struct, forbid_unknown_fields=True):
    level: Annotated[int, Meta(ge=0, le=10)]


class _Symptom(Struct, forbid_unknown_fields=True):
    what: Annotated[str, Meta(min_length=1, max_length=200)]


_Degrees = Annotated[float, Meta(ge=-180, le=180)]


class _Posture(Struct, forbid_unknown_fields=True):
    trunk_deg: _Degrees | None = None
    neck_deg: _Degrees | None = None
    asym_pct: Annotated[float, Meta(ge=-100, le=100)] | None = None
    lumbar_deg: _Degrees | None = None
    strides: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    source: Annotated[str, Meta(min_length=1, max_length=40)] = "api"


class _Operator(Struct, forbid_unknown_fields=True):
    do: OperatorDo
    value: float | None = None
    confirm: str | None = None


@dataclass(frozen=True, slots=True)
class _Form:
    """What one address takes; `example` is the way out when a body isn't that."""

    type_: type[Struct]
    example: str
    call: Callable[[Service, Any], Fed]


def _posture(service: Service, body: _Posture) -> Fed:
    given = (body.trunk_deg, body.neck_deg, body.asym_pct, body.lumbar_deg)
    if all(value is None for value in given):
        raise Refused(400, "A posture needs trunk_deg, neck_deg, asym_pct or lumbar_deg.")
    return service.posture(*given[:3], body.strides, body.source, body.lumbar_deg)


_CONFIRMED: Final = {
    "start": ON_THE_BELT,
    "resume": ON_THE_BELT,
    "programme": ON_THE_BELT,
    "warm-up": ON_THE_BELT,
    "unlock": SEEN,
}


def _operator(service: Service, body: _Operator) -> Fed:
    words = _CONFIRMED.get(body.do)
    if body.confirm != words:
        raise Refused(
            400,
            f"{body.do.capitalize()} takes no confirm."
            if words is None
            else f'{body.do.capitalize()} needs "confirm": "{words}", said by the runner.',
        )
    return service.operator(body.do, _axis_value(body))


def _axis_value(body: _Operator) -> int | None:
    value = body.value
    if body.do not in ("speed", "incline", "warm-up"):
        if value is not None:
            raise Refused(400, f"{body.do.capitalize()} takes no value.")
        return None
    speed = body.do != "incline"
    low, high = (0.0, kmh(HARD_SPEED)) if speed else (-pct(HARD_GRADE), pct(HARD_GRADE))
    if value is None or not math.isfinite(value) or not low <= value <= high:
        unit = "km/h" if speed else "%"
        raise Refused(400, f"{body.do.capitalize()} needs a value from {low:g} to {high:g} {unit}.")
    return speed_from_kmh(value) if speed else grade_from_pct(value)


def _pressed(do: Literal["ease", "stop", "break"]) -> _Form:
    return _Form(_Nothing, "{}", lambda service, _: service.operator(do))


_FORMS: Final[Mapping[str, _Form]] = {
    "/v1/pain": _Form(_Pain, '{"level": 0 to 10}', lambda s, body: s.pain(body.level, "api")),
    "/v1/button": _Form(_Nothing, "{}", lambda s, _: s.pain(None, "api")),
    "/v1/symptom": _Form(_Symptom, '{"what": "…"}', lambda s, body: s.symptom(body.what, "api")),
    "/v1/ease": _pressed("ease"),
    "/v1/stop": _pressed("stop"),
    "/v1/break": _pressed("break"),
    "/v1/posture": _Form(_Posture, '{"trunk_deg": 12.5}', _posture),
    "/v1/operator": _Form(_Operator, '{"do": "speed", "value": 5.0}', _operator),
}


def _body(raw: bytes, form: _Form) -> Any:
    try:
        return msgspec.json.decode(raw or b"{}", type=form.type_)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, f"The body isn't understood ({error}): send {form.example}.") from None


# ---------------------------------------------------------------- requests


class Api:
    """One service's API; `run` is its life."""

    def __init__(self, service: Service, token: str, listening: Callable[[int], None]) -> None:
        self._service = service
        self._token = token.encode()
        self._listening = listening
        self._port = 0

    async def run(self) -> None:
        """Listen on a free port of 127.0.0.1, tell `listening` which, and serve until cancelled."""
        app = web.Application(middlewares=[self._door], client_max_size=BODY_MAX)
        for path, form in _FORMS.items():
            app.router.add_post(path, self._posted(form))
        app.router.add_get("/v1/state", self._state, allow_head=False)
        app.router.add_get("/v1/stream", self._stream, allow_head=False)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0, logger=_quiet())
        await runner.setup()
        assert runner.server is not None  # noqa: S101 - setup() has made it
        self._doors = Doors(runner.server)
        loop = asyncio.get_running_loop()
        listening = await loop.create_server(self._doors, "127.0.0.1", 0)
        try:
            self._port = listening.sockets[0].getsockname()[1]
            self._listening(self._port)
            await loop.create_future()
        finally:
            listening.close()
            await runner.cleanup()

    def _posted(self, form: _Form) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            # From here to the answer nothing is awaited: what was judged is what is stepped.
            body = _body(await request.read(), form)
            fed = form.call(self._service, body)
            said = [out.say for out in fed.outputs if isinstance(out, Cue | Alarm)]
            return _json({"seq": fed.seq, "say": said} if said else {"seq": fed.seq})

        return handle

    async def _state(self, _: web.Request) -> web.StreamResponse:
        return _json(self._service.state())

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        since = request.query.get("since")
        if since is not None and not (since.isascii() and since.isdigit() and len(since) <= 15):
            raise Refused(400, "since is the seq of the last line you have, like ?since=120.")
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, compress=False)
        if not socket.can_prepare(request).ok:
            raise Refused(400, "The stream is a WebSocket: ask for an upgrade.")
        await socket.prepare(request)
        self._doors.streams(request)

        def drop() -> None:
            if request.transport is not None:
                request.transport.abort()

        watcher = self._service.stream.watch(None if since is None else int(since), drop)
        reading = asyncio.create_task(_until_closed(socket))
        sending = asyncio.create_task(send_all(socket, watcher.next))
        try:
            await asyncio.wait((reading, sending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._service.stream.leave(watcher)
            reading.cancel()
            sending.cancel()
            with suppress(ConnectionError):
                await socket.close()
        return socket

    @web.middleware
    async def _door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self._doors.heard(request)
        try:
            self._admit(request)
            return await handler(request)
        except Refused as refused:
            return _json({"error": str(refused)}, refused.status)
        except SessionOver as over:
            return _json({"error": str(over)}, HTTPStatus.CONFLICT)
        except web.HTTPRequestEntityTooLarge:
            return _json({"error": f"A body may have {BODY_MAX} bytes."}, 413)
        except (web.RequestPayloadError, ConnectionError):
            # Nothing of it was taken: the body never came whole, or isn't what it says it is.
            return _json({"error": "The body could not be read: send it again."}, 400)
        except web.HTTPException as error:
            sentence = f"{request.method} {request.path}: {error.reason}."
            return _json({"error": sentence}, error.status)
        except Exception as error:  # noqa: BLE001 - a request must not end a session, nor pass unheard
            self._service.alarm(
                f"The API failed at {request.method} {request.path}, and that request may not have"
                f" been taken ({type(error).__name__}: {error})."
            )
            return _json({"error": "The service failed at this request; see its journal."}, 500)

    def _admit(self, request: web.Request) -> None:
        """Only who holds the token, and no page of a foreign site that a browser shows."""
        hosts = (f"127.0.0.1:{self._port}", f"localhost:{self._port}")
        host = request.headers.get("Host", "")
        if host not in hosts:
            raise Refused(403, "This API answers only to 127.0.0.1 and localhost with its port.")
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"http://{host}":
            raise Refused(403, "This API doesn't take requests from other sites.")
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, b"Bearer " + self._token):
            raise Refused(401, "The token is missing or wrong; it is in the runtime file.")


async def _until_closed(socket: web.WebSocketResponse) -> None:
    async for message in socket:
        if message.type is WSMsgType.ERROR:
            return


async def send_all(
    socket: web.WebSocketResponse, next_line: Callable[[], Awaitable[bytes | None]]
) -> None:
    """Send lines until there are no more; a backlog goes out in pieces, the loop's turn between."""
    with suppress(ConnectionError):
        sent = 0
        while (line := await next_line()) is not None:
            await socket.send_str(line.decode())
            sent += 1
            if sent % TURN_LINES == 0:
                await asyncio.sleep(0)


def _quiet() -> logging.Logger:
    """Aiohttp's own words about bad requests are for nobody: the answer says what was wrong."""
    logger = logging.getLogger("treadguard.api")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    return logger


def _json(body: Mapping[str, object], status: int = 200) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(body), status=status, content_type="application/json"
    )
