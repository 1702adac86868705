"""`--treadmill sim-radio --adapter tcp-client:127.0.0.1:PORT`: the radio in another process."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from tests.processes.rig import environment

from treadguard.cli.failure import BAD_INPUT, NO_SERVICE, Failure
from treadguard.cli.machines import choose
from treadguard.cli.main import main
from treadguard.scenario import scenario_from_dict


def quiet(said: str) -> None:
    pytest.fail(f"said {said!r}")


def test_the_treadmill_at_its_end_is_simulated_and_proven() -> None:
    choice = choose("sim-radio", "tcp-client:127.0.0.1:7000", None, quiet)
    assert (choice.key, choice.is_real, choice.proven) == ("sim-radio", False, True)
    assert "simulated" in choice.name


@pytest.mark.parametrize(
    "adapter",
    [
        "hci0",
        "",
        "usb:0",
        "tcp-client:10.0.0.1:7000",
        "tcp-client:127.0.0.1:7000,usb:0",
        "tcp-client:127.0.0.1:x",
        "tcp-client:127.0.0.1:٧",
    ],
)
def test_no_radio_that_could_reach_a_real_treadmill_is_taken(adapter: str) -> None:
    with pytest.raises(Failure, match="knows no adapter") as failed:
        choose("sim-radio", adapter, None, quiet)
    assert failed.value.code == BAD_INPUT


def test_a_scenario_is_played_on_a_machine_of_its_own() -> None:
    script = scenario_from_dict({"name": "x", "duration_s": 1.0}, "x")
    with pytest.raises(Failure, match="brings its own machine") as failed:
        choose("sim-radio", "tcp-client:127.0.0.1:7000", script, quiet)
    assert failed.value.code == BAD_INPUT


@pytest.mark.parametrize("port", [None, 99_999])
def test_where_there_is_no_such_process_it_says_so_in_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    port: int | None,
) -> None:
    for name, where in environment(tmp_path).items():
        monkeypatch.setenv(name, where)
    with socket.create_server(("127.0.0.1", 0)) as was:
        free = was.getsockname()[1] if port is None else port
    code = main(["serve", "--treadmill=sim-radio", f"--adapter=tcp-client:127.0.0.1:{free}"])
    (said,) = capsys.readouterr().err.splitlines()
    assert code == NO_SERVICE
    assert "there is no virtual radio at" in said
