"""One process per treadmill, and files that only their owner can read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from treadguard.session.runtime import RuntimeRefused, TreadmillBusy, claim, slug


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "run"
    monkeypatch.setenv("TREADGUARD_RUNTIME_DIR", str(directory))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return directory


def test_two_treadmills_of_one_name_have_a_lock_and_a_card_each(directory: Path) -> None:
    with claim("Pad", "AA:01") as one, claim("Pad", "AA:02") as other:
        one.publish(1, "secret")
        other.publish(2, "secret")
        cards = [json.loads(card.read_bytes()) for card in directory.glob("*.json")]
        assert {(card["treadmill"], card["address"]) for card in cards} == {
            ("Pad", "AA:01"),
            ("Pad", "AA:02"),
        }
        with pytest.raises(TreadmillBusy, match="already guarded by process"):
            claim("Another name", "AA:01")


def test_the_card_says_where_the_service_is_to_its_owner_alone(directory: Path) -> None:
    with claim("sim") as mine:
        mine.publish(4711, "secret")
        (card,) = directory.glob("*.json")
        assert json.loads(card.read_bytes()) == {
            "treadmill": "sim",
            "address": "sim",
            "port": 4711,
            "token": "secret",
            "pid": os.getpid(),
        }
        assert card.name == "sim.json"
        assert card.stat().st_mode & 0o777 == 0o600
        assert directory.stat().st_mode & 0o777 == 0o700
    assert not list(directory.glob("*.json"))


def test_a_treadmill_is_taken_once(directory: Path) -> None:
    with claim("My Belt", "AA:BB"):
        with pytest.raises(TreadmillBusy, match=f"process {os.getpid()}"):
            claim("aa:bb by another name", "AA:BB")
        claim("Another", "AA:BC").release()
    claim("My Belt", "AA:BB").release()
    assert directory.is_dir()


def test_a_refused_claim_leaves_the_card_of_the_first(directory: Path) -> None:
    with claim("sim") as mine:
        mine.publish(1, "t")
        with pytest.raises(TreadmillBusy):
            claim("sim")
        assert (directory / "sim.json").exists()


@pytest.mark.usefixtures("directory")
def test_the_lock_dies_with_its_process() -> None:
    holds = (
        "import os, signal\n"
        "from treadguard.session.runtime import claim\n"
        "claim('sim').publish(1, 't')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", holds], check=False).returncode == -9
    claim("sim").release()


def test_a_directory_that_others_could_read_is_closed(directory: Path) -> None:
    directory.mkdir(mode=0o755)
    claim("sim").release()
    assert directory.stat().st_mode & 0o777 == 0o700


def test_a_directory_that_is_none_is_one_sentence(directory: Path) -> None:
    directory.write_text("")
    with pytest.raises(RuntimeRefused, match="TREADGUARD_RUNTIME_DIR"):
        claim("sim")


def test_two_names_never_share_a_file() -> None:
    names = ["sim", "Sim", "s im", "s-im", "ß", "", "/", "..", "a" * 60, "a" * 61, "AA:BB", "AA-BB"]
    slugs = [slug(name) for name in names]
    assert len(set(slugs)) == len(names)
    for each in slugs:
        assert set(each) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert 0 < len(each) <= 60
    assert slug("sim") == "sim"


def test_a_runtime_directory_that_vanishes_lets_no_second_service_in(directory: Path) -> None:
    with claim("sim") as first:
        first.publish(1, "t")
        shutil.rmtree(directory)
        with pytest.raises(TreadmillBusy):
            claim("sim")
        first.renew(1, "t")
        assert [path.suffix for path in directory.iterdir()] == [".json"]
