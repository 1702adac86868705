"""The way from a command to the running services: find them, choose, send, read the answers.

Here: runtime files, the choice among several treadmills, and one HTTP exchange by hand. Not here:
what a command sends (one module each) or prints (`press.py`).

The one rule to keep: every import here is paid by a runner in pain. `socket`, `http.client`,
`json`, `pathlib` and `dataclasses` would each add half an interpreter start or more, so this
module does with `_socket` and `os`, and with `json` only for what is out of the ordinary.
"""

import os
from _socket import AF_INET, SOCK_STREAM, socket

from treadguard.cli.failure import BAD_INPUT, CHECK_FAILED, NO_SERVICE, Failure, bad_input
from treadguard.runtime_dir import runtime_dir

ANSWER_WITHIN_S = 3.0
"""A service steps the guard within milliseconds; one that needs this long isn't listening."""

ANSWER_MAX = 64 * 1024

BELT_FIRST = "if the belt moves, press Stop on its console or pull the safety key"


class Service:
    """One running service, as its runtime file names it."""

    __slots__ = ("address", "port", "slug", "token", "treadmill")

    def __init__(self, slug: str, treadmill: str, address: str, port: int, token: str) -> None:
        self.slug = slug
        self.address = address
        self.treadmill = treadmill
        self.port = port
        self.token = token


class Answer:
    """What one service answered: `failed` is None, or why it didn't take the request."""

    __slots__ = ("body", "code", "failed", "service")

    def __init__(
        self, service: Service, body: dict[str, object], code: int = 0, failed: str | None = None
    ) -> None:
        self.service = service
        self.body = body
        self.code = code
        self.failed = failed


def parse(text: str) -> object:
    """Any JSON; ValueError where it isn't.

    A flat object of whole numbers and plain strings, which is what a service writes and answers,
    is read without the json module. Without a backslash every quote is a delimiter, so a comma or
    a colon inside a string leaves a piece that isn't well formed, and json takes over.
    """
    found: dict[str, object] = {}
    if text[:1] == "{" and text[-1:] == "}" and "\\" not in text and text.isprintable():
        for pair in text[1:-1].split(","):
            key, _, value = (part.strip() for part in pair.partition(":"))
            if key[:1] + key[-1:] != '""' or key.count('"') != 2:
                break
            if value == "0" or (value.isdecimal() and value.isascii() and value[0] != "0"):
                found[key[1:-1]] = int(value)
            elif value[:1] + value[-1:] == '""' and value.count('"') == 2:
                found[key[1:-1]] = value[1:-1]
            else:
                break
        else:
            return found
    import json

    return json.loads(text)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):  # the latter: no system has so high a number
        return False
    except PermissionError:
        return True
    return True


def _read(path: str, slug: str) -> Service | None:
    """The service of one runtime file, or None where it is stale, torn or not ours to read."""
    try:
        with open(path, encoding="utf-8") as file:
            found = parse(file.read(ANSWER_MAX))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    treadmill, port, token, pid = map(found.get, ("treadmill", "port", "token", "pid"))
    if not (isinstance(port, int) and 0 < port < 65536 and isinstance(pid, int) and pid > 0):
        return None
    if not _alive(pid):
        return None
    return Service(slug, str(treadmill), str(found.get("address") or treadmill), port, str(token))


def running() -> list[Service]:
    """Every service that runs now, by name."""
    try:
        where = runtime_dir()
        names = sorted(os.listdir(where))
    except PermissionError as error:
        raise Failure(NO_SERVICE, f"no service can be found: {error}") from error
    except OSError:
        return []
    files = [name for name in names if name.endswith(".json")]
    found = [_read(os.path.join(where, name), name[: -len(".json")]) for name in files]
    return [service for service in found if service is not None]


def no_service(treadmill: str | None = None) -> Failure:
    """Exit 3: nobody runs, or not the one that was asked for."""
    which = (
        "no treadguard service is running"
        if treadmill is None
        else (f"no treadguard service is running for {treadmill!r}")
    )
    return Failure(
        NO_SERVICE, f"{which}: start one with 'treadguard run --treadmill sim' ({BELT_FIRST})"
    )


def chosen(treadmill: str | None) -> list[Service]:
    """The running services that `--treadmill` selects; all without it. At least one."""
    services = running()
    if treadmill is None:
        if not services:
            raise no_service()
        return services
    wanted = treadmill.casefold()
    match = [
        s
        for s in services
        if wanted in (s.treadmill.casefold(), s.address.casefold(), s.slug.casefold())
    ]
    if not match:
        raise no_service(treadmill)
    return match


def the_one(services: list[Service]) -> Service:
    """The only one; with several, refuse and list them."""
    if len(services) > 1:
        names = ", ".join(
            repr(s.treadmill) + (f" ({s.address})" if s.address != s.treadmill else "")
            for s in services
        )
        raise bad_input(f"several treadmills are guarded, say which with --treadmill: {names}")
    return services[0]


def exchange(services: list[Service], method: str, path: str, body: str = "") -> list[Answer]:
    """Send one request to each, then collect the answers, so that no one waits for another.

    `body` is JSON text.
    """
    links = [_asked(service, method, path, body.encode()) for service in services]
    return [_answer(service, link) for service, link in zip(services, links, strict=True)]


def _asked(service: Service, method: str, path: str, body: bytes) -> socket:
    link = socket(AF_INET, SOCK_STREAM)
    link.settimeout(ANSWER_WITHIN_S)
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{service.port}\r\n"
        f"Authorization: Bearer {service.token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    try:
        link.connect(("127.0.0.1", service.port))
        link.sendall(head.encode() + body)
    except (OSError, UnicodeError):
        link.close()  # which is how its answer is found missing
    return link


def _answer(service: Service, link: socket) -> Answer:
    received = b""
    status = 0
    try:
        while len(received) < ANSWER_MAX:
            part = link.recv(ANSWER_MAX)
            if not part:
                break
            received += part
        status = int(received.split(b" ", 2)[1])
        body = parse(received.partition(b"\r\n\r\n")[2].decode())
    except (OSError, ValueError, LookupError, RecursionError):
        body = None
    finally:
        link.close()
    if not isinstance(body, dict):
        sentence = f"the service of {service.treadmill} didn't answer: {BELT_FIRST}"
        return Answer(service, {}, NO_SERVICE, sentence)
    if status < 400:
        return Answer(service, body)
    sentence = str(body.get("error") or f"the service answered {status}")
    if status in (401, 403):
        return Answer(service, body, NO_SERVICE, sentence)
    # 409: well said, but the guard doesn't allow it now. Other 4xx: it wasn't understood.
    code = CHECK_FAILED if status == 409 or status >= 500 else BAD_INPUT
    return Answer(service, body, code, sentence)
