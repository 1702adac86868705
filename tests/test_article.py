"""docs/article.md against the code: a row has a home and a test that exist, or says "not yet"."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from proof import hazards
from treadguard.cli.main import COMMANDS
from treadguard.config import policy_as_toml_dict, profile_as_toml_dict
from treadguard.guard.policy import Policy, Profile
from treadguard.units import Grade, Speed

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "article.md").read_text(encoding="utf-8")
ROWS = [f"A{n}" for n in range(1, 31)]

NOT_YET: set[str] = set()
PARTLY = {"A4", "A8", "A21", "A28"}
"""Rows of which something is missing: as the work goes on, both sets must shrink."""

SETTINGS = {
    *(f"{table}.{key}" for table, keys in policy_as_toml_dict(Policy()).items() for key in keys),
    *(f"profile.{key}" for key in profile_as_toml_dict(Profile(Speed(600), Grade(0)))),
}


class Row(NamedTuple):
    id: str
    article: str
    today: str
    where: str
    shown: str


def rows(page: str) -> list[Row]:
    """The cells of each row of the table."""
    lines = [line for line in page.splitlines() if re.match(r"\| A\d", line)]
    return [Row(*(cell.strip() for cell in line.strip("|").split("|"))) for line in lines]


def problems(row: Row, root: Path = ROOT) -> list[str]:
    """What isn't so."""
    if row.where == "not yet":
        return [f"{row.id}: not yet, and yet it says something"] if row.today or row.shown else []
    homes = re.findall(r"`([^`]+)`", row.where)
    tests = re.findall(r"`([^`]+)`", row.shown)
    found = [f"{row.id}: it has no home"] if not homes else []
    found += [f"{row.id}: no test shows it"] if not tests else []
    found += [f"{row.id}: it says nothing"] if not row.article or not row.today else []
    code = [home for home in homes if home.startswith("src/")]
    shown = [hazards.Shown("U", test) for test in tests]
    found += hazards._missing(row.id, root, code, shown)
    for home in homes:
        command = home.removeprefix("treadguard ")
        if home in code or home in SETTINGS or (command != home and command in COMMANDS):
            continue
        if not home.startswith("configs/") or not (root / home).is_file():
            found.append(f"{row.id}: there is no {home}")
    return found


def test_every_row_of_the_article_is_there_once_and_in_order() -> None:
    assert [row.id for row in rows(PAGE)] == ROWS


@pytest.mark.parametrize("row", rows(PAGE), ids=lambda row: row.id)
def test_a_row_has_a_home_and_a_test_that_exist(row: Row) -> None:
    assert problems(row) == []


def test_what_is_not_there_yet_is_known() -> None:
    assert {row.id for row in rows(PAGE) if row.where == "not yet"} == NOT_YET
    assert {row.id for row in rows(PAGE) if "**Not yet:**" in row.today} == PARTLY


def test_the_readings_that_are_ours_are_stated() -> None:
    ours = PAGE[PAGE.index("## Two readings that are ours") : PAGE.index("## The rows")]
    assert re.findall(r"^- \*\*(A\d+)\.\*\*", ours, re.MULTILINE) == ["A2", "A3"]


@pytest.mark.parametrize(
    ("where", "shown", "says"),
    [
        ("", "`tests/test_article.py::rows`", "A1: it has no home"),
        ("`treadguard pain`", "", "A1: no test shows it"),
        ("`treadguard pane`", "`tests/test_article.py::rows`", "A1: there is no treadguard pane"),
        ("`pain.stop`", "`tests/test_article.py::rows`", "A1: there is no pain.stop"),
        ("`pain`", "`tests/test_article.py::rows`", "A1: there is no pain"),
        ("`configs/x.toml`", "`tests/test_article.py::rows`", "A1: there is no configs/x.toml"),
        ("`src/treadguard/x.py`", "`tests/test_article.py::rows`", "there is no src/treadguard/x"),
        ("`src/treadguard/gate.py:x`", "`tests/test_article.py::rows`", "there is no x in src"),
        ("`treadguard pain`", "`tests/test_article.py::x`", "there is no test x in tests/"),
        ("`treadguard pain`", "`tests/scenarios/x.toml`", "there is no tests/scenarios/x.toml"),
        ("not yet", "`tests/test_article.py::rows`", "not yet, and yet"),
    ],
)
def test_what_isnt_so_is_found(where: str, shown: str, says: str) -> None:
    (problem,) = problems(Row("A1", "more than 4", "It stops.", where, shown))
    assert says in problem


def test_a_row_without_a_problem_has_none() -> None:
    home = "`treadguard pain`, `pain.stop_above`, `configs/policy.toml`, `src/treadguard/gate.py`"
    assert problems(Row("A1", "x", "y", home, "`tests/test_article.py::rows`")) == []
    assert problems(Row("A1", "x", "", "not yet", "")) == []
