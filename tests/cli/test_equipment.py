"""The equipment check of `inspect`: who is asked what, what is kept, and which word counts."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bleak.backends.device import BLEDevice
from tests.cli.conftest import Ran, Run

from treadguard.cli import inspect, questions
from treadguard.cli.equipment import completed, lines, shoe_hours, told, untold
from treadguard.cli.looking_back import now
from treadguard.ftms import ranges
from treadguard.report import diary, index
from treadguard.report.equipment import Facts, graded
from treadguard.report.equipment_file import (
    Answers,
    RunnerAnswers,
    ShoeAnswers,
    TreadmillAnswers,
    equipment_file,
)
from treadguard.session import virtual_time
from treadguard.treadmill.finding import Found
from treadguard.treadmill.fingerprint import Fingerprint
from treadguard.treadmill.offer import Heard, Offer
from treadguard.units import Grade, Speed

EXAMPLE = Path(__file__).parents[2] / "configs" / "equipment.toml"
FOUND = Found(BLEDevice("AA:BB", "Pad", None), "Pad\x1b", "aa:bb", -60, ftms=True, treadmill=True)
OFFER = Offer(
    Fingerprint(),
    {"2acd": ("notify",), "2ad4": ("read",), "2ad5": ("read",), "2ad9": ("indicate", "write")},
    {"2ad4": ranges.encode_speed(100, 1600, 10), "2ad5": ranges.encode_incline(-30, 150, 5)},
    Heard(5.0, 5, speed=(Speed(0), Speed(0))),
)
ALL_SKIPPED = 7 + 7 + 2
"""Questions about a machine that says its own ranges."""

DAY = date(2026, 11, 22)
LATER = date(2026, 12, 24)


@pytest.fixture(autouse=True)
def there(monkeypatch: pytest.MonkeyPatch) -> None:
    async def look(*_: Any) -> tuple[Found, Offer]:
        return FOUND, OFFER

    monkeypatch.setattr(inspect, "inspected", look)
    monkeypatch.setattr(inspect, "today", lambda: DAY)


@pytest.fixture
def typed(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """`treadguard inspect Pad ARGS` on a terminal where `text` is typed."""

    def go(text: str, *args: str) -> Ran:
        terminal = io.StringIO(text)
        monkeypatch.setattr(terminal, "isatty", lambda: True)
        monkeypatch.setattr(sys, "stdin", terminal)
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        return run("inspect", "Pad", *args)

    return go


def kept() -> dict[str, Any]:
    return tomllib.loads(equipment_file().read_text())


def lines_of(ended: Ran) -> str:
    """The check, unfolded."""
    return " ".join(ended.out[ended.out.index("How good it is") :].split())


# ---------------------------------------------------------------- on a terminal


def test_what_no_machine_says_is_asked_once_and_shown_with_its_date(
    typed: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = typed("clipped\n2,5 hp\n" + "\n" * 12 + "178 cm\n3\n")
    assert first.code == 0
    assert f"1/{ALL_SKIPPED}  Is there a safety key" in first.out
    assert kept() == {
        "treadmill": {
            "AA:BB": {"answered": DAY, "name": "Pad\ufffd", "key": "clipped", "power": "2,5 hp"}
        },
        "shoes": {"answered": DAY},
        "runner": {"answered": DAY, "height": "178 cm", "runs_a_week": 3},
    }
    assert equipment_file().stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr(inspect, "today", lambda: LATER)
    written = equipment_file().read_bytes()
    second = typed("")
    assert "Is there a safety key" not in second.out
    assert lines_of(second) == lines_of(first)
    assert "good motor (A23): 2.5 hp (1864 W) continuous" in lines_of(second)
    assert "Your answers: treadmill 2026-11-22, runner 2026-11-22." in lines_of(second)
    assert equipment_file().read_bytes() == written


def test_every_question_can_be_skipped_and_then_nothing_is_claimed(
    typed: Callable[..., Ran],
) -> None:
    ended = typed("\n" * ALL_SKIPPED)
    assert ended.code == 0
    assert "UNKNOWN safety key (H50): Nobody has said" in lines_of(ended)
    assert "unknown motor (A23)" in lines_of(ended)
    assert "Your answers" not in ended.out
    assert "You skipped every question. On a terminal, --ask asks anew." in lines_of(ended)


@pytest.mark.parametrize("text", ["48", "48 cm", "2.5 hpp", "yes", "--"])
def test_what_cant_be_understood_is_asked_again(typed: Callable[..., Ran], text: str) -> None:
    ended = typed(f"\n{text}\n2 hp\n" + "\n" * (ALL_SKIPPED - 2))
    assert "say it like 2.5 hp or 1900 W; Enter skips it." in " ".join(ended.out.split())
    assert kept()["treadmill"]["AA:BB"]["power"] == "2 hp"


def test_asked_anew_an_answer_stays_changes_or_is_forgotten(
    typed: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed("clipped\n2 hp\n122 cm\n" + "\n" * (ALL_SKIPPED - 3))
    monkeypatch.setattr(inspect, "today", lambda: LATER)
    ended = typed("\n-\n54 in\n" + "\n" * (ALL_SKIPPED - 3), "--ask")
    assert "[clipped]" in ended.out
    assert kept()["treadmill"]["AA:BB"] == {
        "answered": LATER,
        "name": "Pad\ufffd",
        "key": "clipped",
        "belt_length": "54 in",
    }


@pytest.mark.parametrize("breaks", [EOFError, KeyboardInterrupt])
def test_who_breaks_off_has_answered_nothing(
    typed: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, breaks: type[BaseException]
) -> None:
    answers = iter(["clipped", "2 hp"])

    def told_so_far(_: str) -> str:
        try:
            return next(answers)
        except StopIteration:
            raise breaks from None

    monkeypatch.setattr("builtins.input", told_so_far)
    ended = typed("")
    assert ended.code == (0 if breaks is EOFError else 1)
    assert "nothing was changed" in ended.err
    assert not equipment_file().exists()


def test_of_another_treadmill_only_the_machine_is_asked(
    typed: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed("\n" * ALL_SKIPPED)

    async def other(*_: Any) -> tuple[Found, Offer]:
        return replace(FOUND, address="CC:DD"), OFFER

    monkeypatch.setattr(inspect, "inspected", other)
    ended = typed("\n" * 7)
    assert "7/7  Does it stand firm" in ended.out
    assert "Your shoes" not in ended.out
    assert [*kept()["treadmill"]] == ["AA:BB", "CC:DD"]


def test_what_the_profile_tells_of_the_runner_isnt_asked(typed: Callable[..., Ran]) -> None:
    profile = equipment_file().with_name("profile.toml")
    profile.parent.mkdir(parents=True)
    profile.write_text("[runner]\nheight_cm = 190\nruns_a_week = 4\n")
    ended = typed("\n2 hp\n48 in\n" + "\n" * 11)
    assert "How tall" not in ended.out
    assert "weak motor (A23)" in lines_of(ended)
    assert "weak belt length (A24)" in lines_of(ended)


# ---------------------------------------------------------------- without one


def test_into_a_pipe_nobody_is_asked_and_nothing_is_written(run: Run) -> None:
    ended = run("inspect", "Pad")
    assert ended.code == 0
    assert "Is there a safety key" not in ended.out
    assert "You were asked nothing yet." in ended.out
    assert not equipment_file().exists()


def test_a_file_of_answers_counts_and_is_kept(run: Run) -> None:
    ended = run("inspect", "Pad", "--answers", str(EXAMPLE), "--json")
    verdicts = {one["what"]: one for one in json.loads(ended.out)["equipment"]}
    assert verdicts["safety key"]["mark"] == "good"
    assert verdicts["safety key"]["safety"] is True
    assert (verdicts["motor"]["row"], verdicts["motor"]["mark"]) == ("A23", "good")
    assert verdicts["choice of shoes"]["mark"] == "weak"
    assert verdicts["top speed"]["why"].startswith("Up to 16 km/h")
    assert kept()["treadmill"]["AA:BB"]["power"] == "2.5 hp"
    assert run("inspect", "Pad", "--json").out == ended.out


def test_json_never_asks(typed: Callable[..., Ran]) -> None:
    ended = typed("clipped\n", "--json")
    assert {one["mark"] for one in json.loads(ended.out)["equipment"]} >= {"good", "unknown"}
    assert not equipment_file().exists()


@pytest.mark.parametrize("args", [["--ask"], ["--ask", "--json"], ["--ask", "--answers", "x"]])
def test_asking_needs_a_terminal(run: Run, args: list[str]) -> None:
    ended = run("inspect", "Pad", *args)
    assert (ended.code, ended.out) == (2, "")
    assert "--ask needs a terminal" in ended.err


@pytest.mark.parametrize("text", ["[treadmill]\npower = '2'", "[", "[treadmil]"])
def test_a_bad_file_is_refused_before_anything_else(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(inspect, "inspected", None)
    bad = tmp_path / "mine.toml"
    bad.write_text(text)
    ended = run("inspect", "Pad", "--answers", str(bad))
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"treadguard: {bad}: ")
    assert not equipment_file().exists()
    equipment_file().parent.mkdir(parents=True)
    equipment_file().write_text("[")
    assert run("inspect", "Pad").code == 2
    assert equipment_file().read_text() == "["


def test_what_is_no_treadmill_isnt_judged(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def other(*_: Any) -> tuple[Found, Offer]:
        return FOUND, Offer(Fingerprint(), {}, {}, Heard(0.0))

    monkeypatch.setattr(inspect, "inspected", other)
    ended = run("inspect", "Pad", "--json")
    assert (ended.code, json.loads(ended.out)["equipment"]) == (3, [])
    assert "How good it is" not in run("inspect", "Pad").out


def test_the_simulated_treadmill_is_judged_by_its_own_ranges(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(asyncio, "run", virtual_time.run)
    ended = run("inspect", "sim-radio", "--json", "--for", "1")
    marks = {one["what"]: one["mark"] for one in json.loads(ended.out)["equipment"]}
    assert marks["top speed"] == marks["incline"] == marks["a Stop from treadguard"] == "good"
    assert marks["motor"] == "unknown"


# ---------------------------------------------------------------- which word counts


def value(char: str, data: bytes) -> Offer:
    return replace(OFFER, values={**OFFER.values, char: data})


@pytest.mark.usefixtures("runtime")
def test_the_machine_s_own_ranges_count_and_arent_asked() -> None:
    facts = told(OFFER)
    assert (facts.speed_max, facts.incline_min, facts.incline_max) == (1600, -30, 150)
    assert (facts.speed_cap, facts.grade_cap) == (1200, 100)
    assert facts.takes_stop is True
    assert untold(facts) == (False, False, True, True)
    boast = Answers(TreadmillAnswers(top_speed="30 km/h", incline="40 %"))
    assert completed(facts, boast).speed_max == 1600
    assert completed(facts, boast).incline_max == 150


@pytest.mark.usefixtures("runtime")
@pytest.mark.parametrize(
    "offer",
    [
        replace(OFFER, values={}),
        value("2ad4", bytes(6)),
        replace(OFFER, heard=replace(OFFER.heard, speed=(Speed(0), Speed(1700)))),
    ],
)
def test_a_speed_range_that_isnt_true_is_asked_for(offer: Offer) -> None:
    facts = told(offer)
    assert facts.speed_max is None
    assert untold(facts).top_speed
    asked = completed(facts, Answers(TreadmillAnswers(top_speed="10 mph")))
    assert asked.speed_max == 1609


@pytest.mark.usefixtures("runtime")
@pytest.mark.parametrize("data", [b"", bytes(6), ranges.encode_incline(0, 0, 5)])
def test_an_incline_range_that_is_none_is_asked_for(data: bytes) -> None:
    facts = told(value("2ad5", data))
    assert (facts.incline_min, facts.incline_max) == (None, None)
    assert completed(facts, Answers(TreadmillAnswers(incline="0 %"))).incline_max == 0


@pytest.mark.usefixtures("runtime")
@pytest.mark.parametrize("properties", [None, ("indicate",), ("notify", "read")])
def test_without_a_control_point_that_takes_writes_no_stop_can_be_sent(
    properties: tuple[str, ...] | None,
) -> None:
    others = {char: how for char, how in OFFER.properties.items() if char != "2ad9"}
    given = others if properties is None else {**others, "2ad9": properties}
    assert told(replace(OFFER, properties=given)).takes_stop is False


@pytest.mark.usefixtures("runtime")
def test_the_runner_s_own_caps_are_told_and_a_bad_file_tells_none() -> None:
    profile = equipment_file().with_name("profile.toml")
    profile.parent.mkdir(parents=True)
    profile.write_text("speed_max_kmh = 6\ngrade_max_pct = 0\n")
    assert (told(OFFER).speed_cap, told(OFFER).grade_cap) == (600, 0)
    profile.write_text('[runner]\nconditions = ["sciatica"]\n')
    assert (told(OFFER).speed_cap, told(OFFER).grade_cap) == (1200, 30)
    profile.write_text("speed_max_kmh = 99\n")
    assert (told(OFFER).speed_cap, told(OFFER).grade_cap) == (None, None)


@pytest.mark.usefixtures("runtime")
def test_the_hours_in_these_shoes_come_from_the_history() -> None:
    assert shoe_hours() is None
    diary.add(diary.diary_file(), diary.Shoes(now(), "Brand X", date(1999, 1, 1)))
    assert shoe_hours() == 0
    folder = index.sessions_folder()
    folder.mkdir(parents=True)
    recorded = Path(__file__).parents[1] / "sessions" / "walk_with_a_break.jsonl"
    text = recorded.read_text(encoding="utf-8").replace('"is_real":false', '"is_real":true', 1)
    (folder / "real.jsonl").write_text(text, encoding="utf-8")
    assert shoe_hours() == pytest.approx(109 / 3_600)


def test_every_answer_reaches_a_fact() -> None:
    said = Answers(
        TreadmillAnswers(
            key="loose",
            power="1 kW",
            belt_length="122 cm",
            belt_width="46 cm",
            incline="12 %",
            top_speed="16 km/h",
            panel=True,
            cushioning=False,
            stable=True,
        ),
        ShoeAnswers(fitted=True, toe_box=False),
        RunnerAnswers(height="178 cm", runs_a_week=0),
    )
    facts = completed(Facts(), said, 12.0)
    assert facts == Facts(
        height_cm=178,
        runs_a_week=0,
        key="loose",
        power_w=1000,
        belt_length_cm=122,
        belt_width_cm=46,
        incline_max=Grade(120),
        speed_max=Speed(1600),
        panel=True,
        cushioning=False,
        stable=True,
        shoes=replace(Facts().shoes, fitted=True, toe_box=False),
        shoe_hours=12.0,
    )


def test_there_is_a_question_for_every_answer() -> None:
    for kind, texts in (
        (TreadmillAnswers, questions.TREADMILL),
        (ShoeAnswers, questions.SHOES),
        (RunnerAnswers, questions.RUNNER),
    ):
        assert {*texts} == {*kind.__struct_fields__} - {"answered", "name"}


@pytest.mark.parametrize(
    ("key", "text", "meant"),
    [
        ("key", "c", "clipped"),
        ("key", "None", "none"),
        ("panel", "Yes", True),
        ("panel", "n", False),
        ("runs_a_week", "0", 0),
        ("height", "5 ft   10 in", "5 ft 10 in"),
    ],
)
def test_an_answer_is_understood(key: str, text: str, meant: object) -> None:
    assert questions.understood(key, text) == meant


@pytest.mark.parametrize(
    ("key", "text"),
    [("key", "x"), ("panel", "maybe"), ("runs_a_week", "22"), ("runs_a_week", "٣"), ("power", "y")],
)
def test_another_answer_is_refused(key: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"^(say|give|')"):
        questions.understood(key, text)


def test_a_missing_key_stands_out_and_comes_first() -> None:
    verdicts = graded(Facts(key="none", takes_stop=True))
    shown = lines(verdicts, Answers())
    assert shown[2].startswith("  MISSING  safety key (H50): Without a key nothing stops the belt")
    assert shown[3].startswith("  good     a Stop from treadguard (A1):")
