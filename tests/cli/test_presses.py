"""The short commands against a stand-in for the local API."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Run
from tests.cli.fake_service import FakeService, fake_service

from treadguard.cli import client

ON_BELT = "on-belt-key-clipped"


@pytest.fixture
def service(runtime: Path) -> Iterator[FakeService]:
    with fake_service(runtime) as found:
        yield found


@pytest.fixture
def start(runtime: Path) -> Iterator[Callable[[str], FakeService]]:
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(fake_service(runtime, name))


@pytest.mark.parametrize(
    ("args", "path", "body"),
    [
        (["pain", "0"], "/v1/pain", {"level": 0}),
        (["pain", "10"], "/v1/pain", {"level": 10}),
        (["pain", "button"], "/v1/button", None),
        (["symptom", "down-the-leg"], "/v1/symptom", {"what": "down-the-leg"}),
        (["symptom", "Chest", " pain"], "/v1/symptom", {"what": "chest-pain"}),
        (["symptom", 'a "strange\\ ü'], "/v1/symptom", {"what": 'a-"strange\\-ü'}),
        (["ease"], "/v1/ease", None),
        (["stop"], "/v1/stop", None),
        (["break"], "/v1/break", None),
        (["speed", "5.5"], "/v1/operator", {"do": "speed", "value": 5.5}),
        (["incline", "0"], "/v1/operator", {"do": "incline", "value": 0}),
        (["resume", "--confirm", ON_BELT], "/v1/operator", {"do": "resume", "confirm": ON_BELT}),
        (["resume", f"--confirm={ON_BELT}"], "/v1/operator", {"do": "resume", "confirm": ON_BELT}),
        (
            ["resume", "--programme", "--confirm", ON_BELT],
            "/v1/operator",
            {"do": "programme", "confirm": ON_BELT},
        ),
    ],
)
def test_a_press_is_one_request(
    run: Run, service: FakeService, args: list[str], path: str, body: Any
) -> None:
    ended = run(*args)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.endswith(": sent (line 123)\n")
    assert service.seen == [("POST", path, body)]


def test_what_the_service_says_is_printed(run: Run, service: FakeService) -> None:
    service.reply = {"seq": 7, "say": ["Stopping: pain above 4.", "Sip water."]}
    assert run("pain", "6").out == "pain 6: sent (line 7)\nStopping: pain above 4.\nSip water.\n"


@pytest.mark.parametrize(
    ("status", "code"), [(400, 2), (404, 2), (401, 3), (403, 3), (409, 1), (500, 1)]
)
def test_a_refusal_is_its_sentence_and_an_exit_code(
    run: Run, service: FakeService, status: int, code: int
) -> None:
    service.status, service.reply = status, {"error": "the break runs for 60 s more"}
    ended = run("resume", "--confirm", ON_BELT)
    assert ended == (code, "", "treadguard: the break runs for 60 s more.\n")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"garbage",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n[1]",
        b"HTTP/1.1 200 OK\r\n\r\n{\xff}",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 60_000,
    ],
)
def test_an_answer_that_is_none_points_at_the_console(
    run: Run, service: FakeService, raw: bytes
) -> None:
    service.raw = raw
    ended = run("stop")
    assert (ended.code, ended.out) == (3, "")
    assert "didn't answer: if the belt moves, press Stop on its console" in ended.err


def test_a_service_that_hangs_is_given_up(
    run: Run, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "ANSWER_WITHIN_S", 0.05)
    service.hang_s = 0.3
    ended = run("stop")
    assert ended.code == 3
    assert "didn't answer" in ended.err


def test_without_a_service_exit_3_says_how_to_start_one(run: Run) -> None:
    ended = run("pain", "6")
    assert ended.code == 3
    assert "no treadguard service is running: start one with 'treadguard run" in ended.err
    assert "press Stop on its console or pull the safety key" in ended.err


def _gone_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_file_whose_process_is_gone_is_no_service(run: Run, service: FakeService) -> None:
    card = json.loads(service.runtime_file.read_text())
    service.runtime_file.write_text(json.dumps({**card, "pid": _gone_pid()}))
    assert run("stop").code == 3
    assert service.seen == []


def test_a_port_that_is_closed_points_at_the_console(run: Run, runtime: Path) -> None:
    with fake_service(runtime) as gone:
        pass
    assert gone.runtime_file.exists()
    ended = run("stop")
    assert ended.code == 3
    assert "didn't answer" in ended.err


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"{}",
        b'{"treadmill":"sim","port":"80","token":"x","pid":1}',
        b'{"treadmill":"sim","port":0,"token":"x","pid":1}',
        b'{"treadmill":"sim","port":99999,"token":"x","pid":1}',
        b'{"treadmill":"sim","port":80,"token":"x","pid":-1}',
    ],
)
def test_a_torn_or_foreign_file_is_no_service(run: Run, runtime: Path, content: bytes) -> None:
    (runtime / "sim.json").write_bytes(content)
    ended = run("stop")
    assert ended.code == 3
    assert "no treadguard service is running" in ended.err


@pytest.mark.parametrize(
    ("typed", "code", "sent"),
    [(f"{ON_BELT}\n", 0, 1), (f"  {ON_BELT} \n", 0, 1), ("yes\n", 2, 0), ("\n", 2, 0), ("", 2, 0)],
)
def test_resume_asks_for_the_words_on_a_terminal(
    run: Run,
    service: FakeService,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    code: int,
    sent: int,
) -> None:
    terminal = io.StringIO(typed)
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    ended = run("resume")
    assert ended.code == code
    assert f"type {ON_BELT}" in ended.out
    assert len(service.seen) == sent


# ---------------------------------------------------------------- several treadmills


def test_stop_goes_to_every_treadmill(run: Run, start: Callable[[str], FakeService]) -> None:
    left, right = start("left"), start("right")
    ended = run("stop")
    assert ended == (0, "stop: sent to left (line 123)\nstop: sent to right (line 123)\n", "")
    assert left.seen == right.seen == [("POST", "/v1/stop", None)]


@pytest.mark.parametrize("rating", ["5", "7", "10", "button"])
def test_unclear_pain_above_four_is_a_plain_stop_of_all(
    run: Run, start: Callable[[str], FakeService], rating: str
) -> None:
    left, right = start("left"), start("right")
    assert run("pain", rating).code == 0
    assert left.seen == right.seen == [("POST", "/v1/stop", None)]


@pytest.mark.parametrize(
    "args",
    [
        ["pain", "4"],
        ["pain", "0"],
        ["symptom", "fall"],
        ["ease"],
        ["break"],
        ["speed", "5"],
        ["incline", "1"],
        ["resume", "--confirm", ON_BELT],
    ],
)
def test_the_rest_refuse_and_list_them(
    run: Run, start: Callable[[str], FakeService], args: list[str]
) -> None:
    left, right = start("left"), start("right")
    ended = run(*args)
    assert ended.code == 2
    assert "say which with --treadmill: 'left', 'right'" in ended.err
    assert left.seen == right.seen == []


@pytest.mark.parametrize("name", ["the right one", "THE RIGHT ONE", "the-right-one", "aa:02"])
def test_treadmill_selects_by_name_or_by_file(
    run: Run, start: Callable[[str], FakeService], name: str
) -> None:
    left, right = start("left"), start("the right one")
    card = json.loads(right.runtime_file.read_text())
    right.runtime_file.write_text(json.dumps({**card, "address": "AA:02"}))
    assert run("pain", "6", "--treadmill", name).code == 0
    assert run("stop", f"--treadmill={name}").code == 0
    assert left.seen == []
    assert [path for _, path, _ in right.seen] == ["/v1/pain", "/v1/stop"]


def test_a_treadmill_that_nobody_guards_is_exit_3(run: Run, service: FakeService) -> None:
    ended = run("stop", "--treadmill", "other")
    assert ended.code == 3
    assert "no treadguard service is running for 'other'" in ended.err
    assert service.seen == []


def test_a_dead_service_keeps_no_other_from_stopping(
    run: Run, start: Callable[[str], FakeService]
) -> None:
    left, right = start("left"), start("right")
    left.raw = b""
    ended = run("stop")
    assert (ended.code, ended.out) == (3, "stop: sent to right (line 123)\n")
    assert "the service of left didn't answer" in ended.err
    assert right.seen == [("POST", "/v1/stop", None)]


# ---------------------------------------------------------------- small things that carry it


@pytest.mark.parametrize(
    "value",
    [
        {"treadmill": "sim", "port": 1234, "token": "abc-_", "pid": 7},
        {"treadmill": 'a "quoted, one": {x}', "port": 1},
        {"a": "b,c", "d": "e:f", "g": "{}"},
        {"a": '","', "b": '":"'},
        {"a": "x\\", "b": "line\nline"},
        {"treadmill": "Läufer"},
        {"say": ["x", "y"], "seq": 3},
        {"a": None, "b": True, "c": -1, "d": 1.5, "e": "ü\\"},
        {},
        [],
        "x",
        3,
    ],
)
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" ,", " :\t")])
def test_parse_reads_what_json_reads(value: object, separators: tuple[str, str]) -> None:
    for ascii_only in (True, False):
        text = json.dumps(value, separators=separators, ensure_ascii=ascii_only)
        assert client.parse(text) == json.loads(text)


def test_a_press_imports_next_to_nothing(runtime: Path, service: FakeService) -> None:
    code = (
        "import sys; from treadguard.cli.main import main; code = main(['pain', '6']);"
        "print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TREADGUARD_RUNTIME_DIR": str(runtime)},
    )
    heavy = {"typer", "asyncio", "json", "re", "socket", "enum", "dataclasses", "typing", "pathlib"}
    plain = subprocess.run(
        [sys.executable, "-I", "-c", "import sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(ran.stderr.split()) & (heavy - set(plain.stdout.split())) == set()
    assert service.seen == [("POST", "/v1/pain", {"level": 6})]
