"""The page: whole, well formed, harmless whatever the journal says, and true to the session."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, date, timedelta, timezone
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from tests.report.conftest import SESSIONS, Altered, Lines
from tests.report.markup import Element, Page

from treadguard.config import policy_as_toml_dict
from treadguard.guard.policy import Policy
from treadguard.report import words
from treadguard.report.page import overview_page, session_page
from treadguard.report.reading import Told, told

PATHS = sorted(SESSIONS.glob("*.jsonl"))
EVIL = '<script>alert("x")</script><img src=http://evil.example/x onerror=alert(1)>{{ 7*7 }}'


@pytest.fixture(scope="module")
def walk() -> Told:
    return told(SESSIONS / "walk_with_a_break.jsonl")


def is_sound(html: str) -> Page:
    """What holds of every page."""
    page = Page(html)
    assert html.startswith("<!DOCTYPE html>")
    (root,) = page.all("html")
    assert root.attrs["lang"] == "en"
    assert not page.all("script")
    assert not page.all("img")
    assert not page.all("link")
    asks = ("src", "srcset", "style", "data", "action", "xlink:href")
    for element in page.elements:
        assert not any(name in asks or name.startswith("on") for name in element.attrs)
        href = element.attrs.get("href")
        assert href is None or href.startswith("#")
    ids = [e.attrs["id"] for e in page.elements if "id" in e.attrs]
    assert len(ids) == len(set(ids))
    for element in page.elements:
        for name in (element.attrs.get("aria-labelledby") or "").split():
            assert page.by_id(name).text
        href = element.attrs.get("href")
        assert href is None or page.by_id(href[1:]).tag in ("tr", "details", "section")
    for th in page.all("th"):
        assert th.attrs.get("scope") in ("col", "row")
    for table in page.all("table"):
        assert table.has("caption", page.elements)
    for svg in page.all("svg"):
        assert svg.attrs["role"] in ("img", "group")
        assert svg.has("title", page.elements)
        assert svg.has("desc", page.elements)
    levels = [int(e.tag[1]) for e in page.elements if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    return page


def rows(page: Page, table: Element) -> list[list[str]]:
    """The body of a table, as texts."""
    return [
        [e.text for e in page.elements if tr in e.within[-1:]]
        for tr in page.all("tr")
        if table in tr.within and any(e.tag == "tbody" for e in tr.within)
    ]


def table(page: Page, caption: str) -> list[list[str]]:
    """The rows of the one table with this in its caption."""
    (found,) = [e.within[-1] for e in page.all("caption") if caption in e.text]
    return rows(page, found)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_recorded_session_makes_a_sound_page_with_every_act_and_reason(path: Path) -> None:
    found = told(path)
    page = is_sound(session_page(found))
    session = found.session
    numbers = [a for a in page.all("a") if "-act-" in (a.attrs["href"] or "")]
    assert len(numbers) == len(session.acts)
    for n, act in enumerate(session.acts, start=1):
        row = page.by_id(f"s1-act-{n}")
        assert words.clock(act.t) in row.text
        assert words.change(act) in row.text
        for why in act.why:
            assert words.REASONS[why] in row.text
    said = " ".join(e.text for e in page.all("td"))
    for one in session.said:
        if one.kind in ("cue", "alarm"):
            assert " ".join(one.text.split()) in said
    assert "recomputed from" in page.all("main")[0].text
    assert "does not hold" not in page.all("main")[0].text


def test_a_walk_with_a_break_in_numbers(walk: Told) -> None:
    page = is_sound(session_page(walk))
    assert page.all("h1")[0].text == "Treadmill session of Saturday 1 January 2000, 00:00"
    assert table(page, "Each intervention") == [
        [
            *("1", "0:50", "Told the belt to slow down", "6.0 → 5.2 km/h", "1 s"),
            "The runner reported pain. Last: 2 of 10, at 0:50.",
        ],
        [
            *("2", "1:10", "Told the belt to stop", "5.2 → 0.0 km/h", "at once"),
            "The runner reported pain. Last: 6 of 10, at 1:10.A break was due.",
        ],
    ]
    assert table(page, "Ratings, symptoms and wishes") == [
        ["0:05", "Asked for: start", "at rest"],
        ["0:17", "Asked for: speed 6 km/h", "at 1.0 km/h on the flat"],
        ["0:50", "Pain 2 of 10", "at 6.0 km/h on the flat"],
        ["1:10", "Pain 6 of 10", "at 5.2 km/h on the flat"],
        ["3:25", "Pain 1 of 10", "at rest"],
        ["3:30", "Asked for: resume", "at rest"],
        ["3:42", "Asked for: speed 6 km/h", "at 1.0 km/h on the flat"],
        ["4:10", "Asked for: end", "at 3.1 km/h on the flat"],
    ]
    minutes = table(page, "Lowest to highest")
    assert len(minutes) == 28
    assert minutes[5] == ["0:50", "5.2 to 6.0", "5.2 to 5.5", "5.2", "0.0", "2", "–", "–"]


def test_nothing_runs_and_nothing_is_fetched(walk: Told) -> None:
    html = session_page(walk)
    (policy,) = [e for e in Page(html).all("meta") if "http-equiv" in e.attrs]
    css = html[html.index("<style>") + 7 : html.index("</style>")]
    digest = b64encode(sha256(css.encode()).digest()).decode()
    assert policy.attrs["content"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert "http:" not in html
    assert "https:" not in html
    assert "url(" not in css
    assert "@import" not in css


def test_what_a_journal_says_stays_text(altered: Altered) -> None:
    def change(lines: Lines) -> None:
        lines[0]["treadmill"]["name"] = EVIL
        lines[0]["session"] = EVIL
        lines[0]["treadguard"] = EVIL
        for line in lines:
            if line["kind"] in ("cue", "alarm"):
                line["say"] = EVIL
            if line["kind"] == "command" and line["op"] == "set_speed" and line["why"] == ["pain"]:
                line["why"] = [EVIL]
            if line["kind"] == "veto":
                line["why"] = EVIL
            if line["kind"] == "symptom":
                line["what"] = EVIL

    for name in ("walk_with_a_break", "ideal_red_flag", "ideal_dropped_link", "fitshow_red_flag"):
        found = told(altered(change, of=name))
        html = session_page(found, runner=EVIL)
        page = is_sound(html)
        assert "<script" not in html
        assert "<img" not in html
        assert EVIL in page.all("main")[0].text
        assert (
            "49" not in page.by_id("s1").text.split("Where this comes from")[1].split("In num")[0]
        )
        is_sound(overview_page([found, found], [EVIL], date(2000, 1, 1), runner=EVIL))


def test_no_control_character_and_no_turned_text_reaches_the_page(altered: Altered) -> None:
    bad = "a\x1b[2Jb\u202ec\x00d\u2066e\x9bf"

    def change(lines: Lines) -> None:
        lines[0]["treadmill"]["name"] = bad
        next(line for line in lines if line["kind"] == "cue")["say"] = bad

    html = session_page(told(altered(change)), runner=bad)
    assert not set(bad) & set(html) - set("abcdef[2J")
    assert html.count("a\N{REPLACEMENT CHARACTER}[2Jb\N{REPLACEMENT CHARACTER}c") == 3


def test_a_journal_that_does_not_hold_is_said_at_the_top(altered: Altered, walk: Told) -> None:
    def change(lines: Lines) -> None:
        next(line for line in lines if line["kind"] == "cue")["say"] = "All is well."

    page = is_sound(session_page(told(altered(change))))
    first = next(e for e in page.elements if e.attrs.get("role") == "note")
    assert first.text.startswith("This journal does not hold: recomputed,")
    assert "All is well." in first.text
    notes = [e.text for e in Page(session_page(walk)).elements if e.attrs.get("role") == "note"]
    assert notes[0] == "This session ran on the simulated treadmill: nobody walked."
    assert "The treadmill's own safety key and Stop button come first, always." in notes[1]
    assert "no medical device" in notes[1]


def test_a_symptom_stands_at_the_top_and_among_what_was_said() -> None:
    page = is_sound(session_page(told(SESSIONS / "ideal_red_flag.jsonl")))
    notes = [e.text for e in page.elements if e.attrs.get("role") == "note"]
    assert "The runner reported: numbness. Please look at that first." in notes
    assert any(row[1] == "Symptom: numbness" for row in table(page, "Ratings, symptoms"))


def test_a_journal_that_breaks_off_is_said(altered: Altered) -> None:
    page = is_sound(session_page(told(altered(lambda lines: lines[:-1]))))
    notes = [e.text for e in page.elements if e.attrs.get("role") == "note"]
    assert "There is no end line: the session was cut off, or still runs." in notes


def test_settings_that_differ_come_first_and_all_of_them_last(altered: Altered) -> None:
    page = is_sound(session_page(told(SESSIONS / "walk_with_a_break.jsonl")))
    assert not [e for e in page.all("caption") if "not the default" in e.text]
    every = [row[0] for row in table(page, "Every number in force")]
    assert every == [
        f"{name}.{key}" for name, keys in policy_as_toml_dict(Policy()).items() for key in keys
    ]

    def change(lines: Lines) -> None:
        lines[0]["policy"]["break"]["min_s"] = 150.0
        lines[0]["profile"]["speed_max_kmh"] = 7.5

    page = is_sound(session_page(told(altered(change))))
    assert table(page, "not the default") == [["break.min_s", "150", "120"]]
    assert table(page, "own profile")[0] == ["Highest speed, km/h", "7.5"]
    assert table(page, "own profile")[1] == ["Highest incline, %", "none of its own"]


def test_refused_and_unclear_commands_and_lost_links_are_told() -> None:
    page = is_sound(session_page(told(SESSIONS / "drop_and_owed_stop.jsonl")))
    assert table(page, "Commands that were not sent") == [
        ["1:00", "the radio link", "lost"],
        ["1:13", "the radio link", "back"],
    ]
    page = is_sound(session_page(told(SESSIONS / "deaf_to_fault.jsonl")))
    unclear = table(page, "Commands that were not sent")
    assert ["0:50", "stop (pain, break)", "the treadmill was not seen to follow"] in unclear


def test_the_time_of_day_says_its_zone(walk: Told) -> None:
    zone = timezone(timedelta(hours=2), "CEST")
    page = is_sound(session_page(walk, runner="A. Runner", zone=zone))
    facts = [dd.text for dd in page.all("dd")]
    assert facts[0] == "A. Runner"
    assert facts[1] == "Saturday 1 January 2000, 02:00 to 02:04 (CEST, UTC+02:00)"
    assert page.all("title")[0].text == "Treadmill session of Saturday 1 January 2000, 02:00"


def test_many_sessions_on_one_page() -> None:
    names = ("walk_with_a_break", "ideal_red_flag", "uphill_with_posture")
    found = [told(SESSIONS / f"{name}.jsonl") for name in names]
    html = overview_page(found, ["gone.jsonl, line 1: it isn't JSON."], date(2000, 1, 1), zone=UTC)
    page = is_sound(html)
    assert page.all("h1")[0].text == "Treadmill sessions since 1 January 2000"
    listed = table(page, "The sessions, oldest first")
    assert listed[0][2:] == [
        *("1:49", "103", "1", "6", "1", "1", "1", "1", "none", "simulated", "yes"),
    ]
    assert listed[1][5:7] == ["–", "–"]
    assert listed[1][10] == "numbness"
    assert next(li.text for li in page.all("li")) == "gone.jsonl, line 1: it isn't JSON."
    sections = [e.attrs["id"] for e in page.all("section")]
    assert sections == ["s1", "s2", "s3"]
    assert "1 journal could not be read" in page.all("main")[0].text


def test_the_same_journal_makes_the_same_page(walk: Told) -> None:
    assert session_page(walk, zone=UTC) == session_page(told(walk.path), zone=UTC)


def luminance(colour: str) -> float:
    """Of WCAG 2."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def test_every_colour_of_text_and_line_is_seen_against_the_page(walk: Told) -> None:
    html = session_page(walk)
    css = html[html.index("<style>") : html.index("</style>")]
    text = set(re.findall(r"[{; ]color: (#[0-9a-f]{6})", css))
    assert {"#1a1a1a", "#4d4d4d", "#00457a"} <= text
    for colour in text:
        for ground in ("#ffffff", "#f3f3f3", "#fdf1f1", "#fff3c4"):
            assert contrast(colour, ground) >= 4.5, colour
    page = Page(html)
    faint = {"#d0d0d0", "#8c8c8c", "none", "#ffffff"}  # grid, hatching, rims
    lines = {e.attrs.get("stroke") or "none" for e in page.all("path")} - faint
    assert len(lines) >= 5
    for colour in lines:
        assert contrast(colour, "#ffffff") >= 3, colour
    for element in page.all("text"):
        fill = element.attrs.get("fill") or "#1a1a1a"
        assert fill == "#ffffff" or contrast(fill, "#f4f4f4") >= 4.5
