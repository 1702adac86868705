"""Every hazard row has a home, and the check that says so can fail."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from proof.hazards import (
    ROOT,
    ROWS,
    TABLE,
    Hazard,
    Invariant,
    Table,
    figures,
    main,
    problems,
    read,
)
from proof.planted_bugs import BUGS

PLANTED = {row: bug.test for row, bug in BUGS.items()}
SEVERE = (
    "H01 H02 H05 H08 H10 H11 H12 H14 H16 H24 H27 H38 H40 H48 H49 H50 H53 H58 H63 H65 H70 H73 H75"
    " H79 H80"
)
"""Those that the analysis found severe: no row becomes harmless by an edit of the table."""

ASKED = {
    "E": "H11 H19 H21 H29 H38 H39 H40 H48 H85",
    "P": (
        "H03 H06 H11 H13 H17 H19 H25 H30 H32 H36 H42 H44 H45 H49 H54 H55 H57 H58 H66 H70 H75 H77"
    ),
    "D": (
        "H01 H02 H03 H04 H05 H06 H07 H08 H09 H10 H12 H13 H14 H15 H16 H18 H20 H21 H22 H24 H26 "
        "H27 H28 H33 H34 H41 H43 H47 H50 H53 H56 H59 H60 H62 H63 H64 H65 H67 H68 H72 H74 H75 "
        "H83"
    ),
    "R": "H81 H82 H84",
    "F": "H16 H25 H58 H61 H69 H78",
    "U": "H04 H09 H16 H23 H27 H29 H31 H35 H37 H39 H46 H51 H70 H71 H73 H76 H78 H79 H80 H86",
    "X": "H63",
    "M": "H27 H52",
}
"""The kinds of test that the analysis demands: no row gets cheaper by an edit of the table."""


def test_the_table_holds() -> None:
    assert list(problems(read(TABLE), ROOT, PLANTED)) == []


def test_no_severe_row_has_lost_its_severity() -> None:
    assert [h.id for h in read(TABLE).hazard if h.severity == 4] == SEVERE.split()


def test_no_row_asks_for_less_than_the_analysis_did() -> None:
    found: dict[str, list[str]] = {}
    for h in read(TABLE).hazard:
        for kind in h.asks:
            found.setdefault(kind, []).append(h.id)
    assert {kind: " ".join(rows) for kind, rows in found.items()} == ASKED


def test_each_planted_bug_is_that_of_its_row() -> None:
    rows = {h.id: h for h in read(TABLE).hazard if h.planted is not None}
    assert {row: h.planted for row, h in rows.items()} == {row: row for row in BUGS}
    assert set(BUGS) <= set(ROWS)


def test_the_page_names_every_invariant_as_the_table_does() -> None:
    page = (TABLE.parent / "README.md").read_text()
    for invariant in read(TABLE).invariant:
        assert f"| {invariant.id} | {invariant.what}" in page


def test_the_program_tells_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json"]) == 0
    told = msgspec.json.decode(capsys.readouterr().out)
    assert told["rows"] == len(ROWS)
    assert told["problems"] == 0
    assert told["asked"]["R"] == {"rows": 3, "shown": 3, "instead": 0, "later": 0}
    for kind, asked in told["asked"].items():
        assert asked["shown"] + asked["instead"] + asked["later"] == asked["rows"], kind


def test_the_figures_tell_what_is_asked_shown_excused_and_left_for_later() -> None:
    rows = (
        SOUND,
        {**SOUND, "asks": ["U"]},
        {**SOUND, "asks": ["R"], "instead": {"R": "rain can't be recorded"}},
        {**SOUND, "asks": ["R"], "decision": "article issue"},
    )
    asked = figures(Table(tuple(msgspec.convert(row, Hazard) for row in rows), ()))["asked"]
    assert isinstance(asked, dict)
    assert asked["U"] == {"rows": 2, "shown": 2, "instead": 0, "later": 0}
    assert asked["R"] == {"rows": 2, "shown": 0, "instead": 1, "later": 1}
    assert asked["M"] == {"rows": 0, "shown": 0, "instead": 0, "later": 0}


# ---------------------------------------------------------------- the check can fail

SOUND: dict[str, Any] = {
    "id": "H01",
    "what": "it rains",
    "severity": 4,
    "decision": "handled",
    "invariants": ["I1"],
    "reaction": "We have a roof.",
    "code": ["src/treadguard/roof.py", "src/treadguard/roof.py:Roof.keeps_dry"],
    "asks": ["U", "P"],
    "tests": [
        {"kind": "U", "id": "tests/test_roof.py::test_dry"},
        {"kind": "P", "id": "tests/test_roof.py::TestRain"},
        {"kind": "P", "id": "tests/test_roof.py::TestStorm::test_dry"},
        {"kind": "D", "id": "tests/scenarios/rain.toml"},
    ],
    "said_in": {"document": "docs/rain.md", "sentence": "Bring an umbrella."},
    "planted": "H01",
}
ALWAYS: dict[str, Any] = {
    "id": "I1",
    "what": "it is dry",
    "held_in": ["src/treadguard/roof.py"],
    "tests": [{"kind": "U", "id": "tests/test_roof.py::test_dry"}],
}
FILES = {
    "src/treadguard/roof.py": "class Roof:\n    def keeps_dry(self): ...\n",
    "tests/test_roof.py": (
        "TestRain = Rain.TestCase\ndef test_dry(): ...\n"
        "class TestStorm:\n    async def test_dry(self): ...\n"
    ),
    "tests/scenarios/rain.toml": "",
    "tests/other/rain.toml": "",
    "docs/rain.md": "Bring an\numbrella.",
}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def found(
    house: Path, *rows: dict[str, Any], always: tuple[dict[str, Any], ...] = (ALWAYS,)
) -> list[str]:
    table = Table(
        tuple(msgspec.convert(row, Hazard) for row in rows),
        tuple(msgspec.convert(one, Invariant) for one in always),
    )
    planted = {"H01": "tests/test_roof.py::test_dry", "H02": "tests/test_roof.py::test_wet"}
    return list(problems(table, house, planted, ["H01"], ["I1"]))


def test_a_sound_table_has_no_problem(house: Path) -> None:
    assert found(house, SOUND) == []


UNIT = [{"kind": "U", "id": "tests/test_roof.py::test_dry"}]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"id": "H87"}, ["H87: there is no such row", "H01: the row is missing"]),
        (
            {"tests": [], "severity": 3, "asks": ["U"], "instead": {"U": "it is plain"}},
            ["H01: it is handled, and no test shows it"],
        ),
        ({"asks": []}, ["H01: it isn't said which kind of test it asks for"]),
        ({"asks": ["R"]}, ["H01: it asks for a test of kind R, and none shows it"]),
        ({"asks": ["M"]}, ["H01: it asks for a test of kind M, and none shows it"]),
        (
            {"instead": {"R": "rain can't be recorded"}},
            ["H01: kind R is excused, and nobody asks for it"],
        ),
        (
            {"instead": {"P": "rain is rare"}},
            ["H01: kind P is excused, and there is a test of it"],
        ),
        (
            {"asks": ["R"], "instead": {"R": " "}},
            ["H01: kind R is excused for no reason"],
        ),
        (
            {"tests": [*SOUND["tests"], {"kind": "P", "id": "tests/test_roof.py::test_dry"}]},
            ["H01: tests/test_roof.py::test_dry is named 2 times"],
        ),
        ({"code": []}, ["H01: it is handled by no code"]),
        ({"invariants": ["I9"]}, ["H01: there is no invariant I9"]),
        ({"tests": UNIT, "asks": ["U"]}, ["H01: it is severe, and only one kind of test shows it"]),
        ({"planted": None}, ["H01: it is severe, and no bug is planted for it"]),
        ({"planted": "H77"}, ["H01: there is no planted bug H77"]),
        (
            {"planted": "H02"},
            ["H01: the test that catches its planted bug isn't among its tests"],
        ),
        (
            {"tests": [*SOUND["tests"], {"kind": "U", "id": "tests/test_roof.py::test_wet"}]},
            ["H01: there is no test test_wet in tests/test_roof.py"],
        ),
        (
            {"tests": [*SOUND["tests"], {"kind": "U", "id": "tests/test_roof.py"}]},
            ["H01: there is no test  in tests/test_roof.py"],
        ),
        (
            {"tests": [*SOUND["tests"], {"kind": "U", "id": "tests/test_cellar.py::test_dry"}]},
            ["H01: there is no tests/test_cellar.py"],
        ),
        (
            {"tests": [*SOUND["tests"], {"kind": "D", "id": "tests/other/rain.toml"}]},
            ["H01: no test plays tests/other/rain.toml"],
        ),
        (
            {"tests": [*SOUND["tests"], {"kind": "D", "id": "docs/rain.md"}]},
            ["H01: there is no docs/rain.md"],
        ),
        ({"code": ["src/treadguard/wall.py"]}, ["H01: there is no src/treadguard/wall.py"]),
        ({"code": ["tests/test_roof.py"]}, ["H01: there is no tests/test_roof.py"]),
        (
            {"code": ["src/treadguard/roof.py:keeps_dry"]},
            ["H01: there is no keeps_dry in src/treadguard/roof.py"],
        ),
        (
            {"said_in": {"document": "docs/rain.md", "sentence": "Bring a boat."}},
            ["H01: docs/rain.md doesn't say 'Bring a boat.'"],
        ),
        (
            {"said_in": {"document": "docs/sun.md", "sentence": "Bring a hat."}},
            ["H01: docs/sun.md doesn't say 'Bring a hat.'"],
        ),
        (
            {"decision": "out of reach", "said_in": None},
            ["H01: it is out of reach, and no document says so"],
        ),
    ],
)
def test_what_isnt_so_is_found(house: Path, change: dict[str, Any], says: list[str]) -> None:
    assert found(house, {**SOUND, **change}) == says


def test_a_kind_that_is_excused_or_of_later_work_is_no_problem(house: Path) -> None:
    assert found(house, {**SOUND, "asks": ["R"], "instead": {"R": "it can't be recorded"}}) == []
    assert found(house, {**SOUND, "asks": ["R"], "decision": "article issue"}) == []


def test_a_severe_row_of_later_work_that_claims_something_today_has_a_planted_bug(
    house: Path,
) -> None:
    later = {**SOUND, "decision": "article issue", "planted": None}
    assert found(house, later) == ["H01: it is severe, and no bug is planted for it"]
    assert found(house, {**later, "tests": []}) == []


def test_a_doubled_row_is_found(house: Path) -> None:
    assert found(house, SOUND, SOUND) == ["H01: the row is there 2 times"]


def test_rows_out_of_order_are_found(house: Path) -> None:
    table = Table(
        tuple(msgspec.convert({**SOUND, "id": id_}, Hazard) for id_ in ("H02", "H01")), ()
    )
    said = list(problems(table, house, {}, ["H01", "H02"], []))
    assert "the rows aren't in order" in said


@pytest.mark.parametrize(
    ("always", "says"),
    [
        ((), ["I1: the invariant is missing", "H01: there is no invariant I1"]),
        (({**ALWAYS, "tests": []},), ["I1: no test shows it"]),
        (({**ALWAYS, "held_in": []},), ["I1: no code holds it"]),
        (
            ({**ALWAYS, "held_in": ["src/treadguard/roof.py:Floor"]},),
            ["I1: there is no Floor in src/treadguard/roof.py"],
        ),
        ((ALWAYS, ALWAYS), ["I1: the invariant is there 2 times"]),
    ],
)
def test_an_invariant_that_nobody_shows_is_found(
    house: Path, always: tuple[dict[str, Any], ...], says: list[str]
) -> None:
    assert found(house, SOUND, always=always) == says


@pytest.mark.parametrize(
    "text",
    ['[[hazard]]\nid = "H01"\nplanned = "later"', "invariant = []", '[[invariant]]\nid = "I1"'],
)
def test_a_table_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hazards.toml"
    path.write_text(text)
    tomllib.loads(text)
    with pytest.raises(msgspec.ValidationError):
        read(path)
