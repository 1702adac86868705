"""`treadguard report`: what is written where, who may read it, and what is refused."""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkstemp
from types import ModuleType

import pytest
from tests.cli.conftest import Run

RECORDED = Path(__file__).parents[1] / "sessions"


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "walk.jsonl"
    path.write_bytes((RECORDED / "walk_with_a_break.jsonl").read_bytes())
    return path


@pytest.fixture
def sessions(tmp_path: Path) -> Path:
    """The sessions folder, with one of each of three days."""
    folder = tmp_path / "data" / "treadguard" / "sessions"
    folder.mkdir(parents=True)
    for day in ("2026-06-30", "2026-07-01", "2026-07-02"):
        first, rest = (RECORDED / "walk_with_a_break.jsonl").read_text().split("\n", 1)
        header = json.loads(first) | {"started": f"{day}T22:30:00+00:00"}
        text = json.dumps(header, separators=(",", ":"))
        (folder / f"{day}.jsonl").write_text(f"{text}\n{rest}")
    return folder


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_the_page_stands_beside_the_journal_and_is_private(run: Run, journal: Path) -> None:
    before = os.umask(0)
    try:
        ended = run("report", str(journal), "--name", "A. Runner")
    finally:
        os.umask(before)
    page = journal.with_suffix(".html")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"{page}: written, and private: only you can read it.\n"
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert "A. Runner" in page.read_text()
    assert set(files(journal.parent)) == {"walk.jsonl", "walk.html"}


def test_nothing_that_is_there_goes_unasked(run: Run, journal: Path) -> None:
    page = journal.with_suffix(".html")
    page.write_text("mine")
    other = journal.with_name("other.html")
    other.write_text("mine as well")
    for options, there in (([], page), (["--out", str(other)], other)):
        ended = run("report", str(journal), *options)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err == (
            f"treadguard: {there} is there already: --overwrite replaces it, --out FILE takes"
            " another name.\n"
        )
    assert (page.read_text(), other.read_text()) == ("mine", "mine as well")
    assert run("report", str(journal), "--out", str(other), "--overwrite").code == 0
    assert "<html" in other.read_text()
    assert page.read_text() == "mine"


@pytest.mark.parametrize("name", ["walk.jsonl", "policy.toml", "page", "page.pdf"])
def test_only_a_page_is_ever_replaced(run: Run, journal: Path, name: str) -> None:
    before = files(journal.parent)
    ended = run("report", str(journal), "--out", str(journal.parent / name), "--overwrite")
    assert ended.code == 2
    assert "the report's name ends in .html" in ended.err
    assert files(journal.parent) == before


def test_a_folder_that_is_not_there_or_in_the_place_of_the_file(
    run: Run, journal: Path, tmp_path: Path
) -> None:
    (tmp_path / "folder.html").mkdir()
    ended = run("report", str(journal), "--out", str(tmp_path / "folder.html"), "--overwrite")
    assert (ended.code, "is a directory" in ended.err) == (2, True)
    ended = run("report", str(journal), "--out", str(tmp_path / "gone" / "page.html"))
    assert (ended.code, "can't be written: No such file" in ended.err) == (2, True)


def test_when_the_disk_refuses_the_old_page_stays(
    run: Run, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = journal.with_suffix(".html")
    page.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("treadguard.private_file.os.fsync", full)
    ended = run("report", str(journal), "--overwrite")
    assert (ended.code, ended.out) == (2, "")
    assert f"the report {page} can't be written: No space left on device" in ended.err
    assert set(files(journal.parent)) == {"walk.jsonl", "walk.html"}
    assert page.read_text() == "old"


def test_it_is_written_beside_its_place_so_that_it_can_be_put_there_at_once(
    run: Run, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside: list[Path] = []

    def made(*, dir: Path, prefix: str, suffix: str) -> tuple[int, str]:  # noqa: A002 - its name
        beside.append(dir)
        return mkstemp(dir=dir, prefix=prefix, suffix=suffix)

    monkeypatch.setattr("treadguard.private_file.mkstemp", made)
    assert run("report", str(journal)).code == 0
    assert beside == [journal.parent]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], "say which: a JOURNAL, or --since DATE"),
        (["walk.jsonl", "--since", "2026-07-01"], "say which: a JOURNAL, or --since DATE"),
        (["--since", "yesterday"], "--since takes a day as 2026-07-01, not 'yesterday'"),
        (["--since", ""], "--since takes a day as 2026-07-01, not ''"),
        (["--since", "2026-07-01"], "no session since 2026-07-01 is in "),
        (["gone.jsonl"], "gone.jsonl can't be read: No such file or directory"),
        (["--nonsense"], "see 'treadguard report --help'"),
    ],
)
def test_bad_usage_is_one_sentence(run: Run, args: list[str], words: str) -> None:
    ended = run("report", *args)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("treadguard: ")
    assert words in ended.err
    assert ended.err.count("\n") == 1


def test_a_damaged_journal_is_refused_and_nothing_is_written(run: Run, journal: Path) -> None:
    journal.write_text(journal.read_text().replace('"kind":"cue"', '"kind":"cue', 1))
    ended = run("report", str(journal))
    assert (ended.code, ended.out) == (2, "")
    assert f"treadguard: {journal}, line " in ended.err
    assert set(files(journal.parent)) == {"walk.jsonl"}


def test_a_journal_that_does_not_hold_is_reported_and_said(run: Run, journal: Path) -> None:
    journal.write_text(journal.read_text().replace("Easing to 5.2", "Easing to 4.2", 1))
    ended = run("report", str(journal))
    assert ended.code == 0
    assert ended.out.splitlines()[0] == (
        f"{journal} could not be recomputed exactly, and its report says so."
    )
    assert "This journal does not hold" in journal.with_suffix(".html").read_text()


def test_all_sessions_since_a_day(run: Run, sessions: Path) -> None:
    ended = run("report", "--since", "2026-07-01")
    page = sessions / "since-2026-07-01.html"
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"{page}: written, and private: only you can read it.\n"
    text = page.read_text()
    assert "Treadmill sessions since 1 July 2026" in text
    earlier = text.index("session of Wednesday 1 July 2026, 22:30")
    assert earlier < text.index("session of Thursday 2 July 2026, 22:30")
    assert "30 June" not in text


def test_sessions_come_in_order_of_time_whatever_their_names(run: Run, sessions: Path) -> None:
    (sessions / "2026-07-02.jsonl").rename(sessions / "2026-01-01.jsonl")
    assert run("report", "--since", "2026-06-30").code == 0
    text = (sessions / "since-2026-06-30.html").read_text()
    starts = [
        text.index(f"session of {day}") for day in ("Tuesday 30", "Wednesday 1", "Thursday 2")
    ]
    assert starts == sorted(starts)


def test_the_day_is_the_runners_own(
    run: Run, sessions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    assert run("report", "--since", "2026-07-01").code == 0
    text = (sessions / "since-2026-07-01.html").read_text()
    assert "session of Wednesday 1 July 2026, 00:30" in text  # 30 June, 22:30 UTC
    assert "times in CEST, UTC+02:00" in text


def test_damaged_journals_are_named_and_left_out(run: Run, sessions: Path) -> None:
    (sessions / "2026-07-03.jsonl").write_text("{}\n")
    ended = run("report", "--since", "2026-07-02")
    assert ended.code == 0
    assert ended.out.startswith("Left out: 2026-07-03.jsonl, line 1: ")
    text = (sessions / "since-2026-07-02.html").read_text()
    assert "2026-07-03.jsonl, line 1: " in text
    assert str(sessions) not in text
    assert "Thursday 2 July 2026" in text
    ended = run("report", "--since", "2027-01-01")
    assert ended.code == 2
    assert "Left out: 2026-07-03.jsonl, line 1: " in ended.err


def test_without_weasyprint_the_way_out_is_said(
    run: Run, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    ended = run("report", str(journal), "--pdf")
    assert (ended.code, ended.out) == (1, "")
    assert "pip install 'treadguard[pdf]', or leave out --pdf" in ended.err
    assert set(files(journal.parent)) == {"walk.jsonl"}


def test_without_pango_the_way_out_is_said(
    run: Run, journal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "packages" / "weasyprint"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('raise OSError("cannot load library libpango-1.0-0")\n')
    monkeypatch.syspath_prepend(package.parent)
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    ended = run("report", str(journal), "--pdf")
    assert (ended.code, ended.out) == (1, "")
    assert "WeasyPrint finds no Pango on this system" in ended.err
    assert "Traceback" not in ended.err


def test_a_pdf_is_made_of_the_page_and_fetches_nothing(
    run: Run, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Html:
        def __init__(self, string: str, url_fetcher: object) -> None:
            assert "<html" in string
            assert callable(url_fetcher)
            with pytest.raises(ValueError, match="fetches nothing"):
                url_fetcher("file:///etc/passwd", timeout=1)

        def write_pdf(self) -> bytes:
            return b"%PDF-1.7 made up"

    fake = ModuleType("weasyprint")
    fake.HTML = Html  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "weasyprint", fake)
    ended = run("report", str(journal), "--pdf")
    assert (ended.code, ended.err) == (0, "")
    made = journal.with_suffix(".pdf")
    assert made.read_bytes() == b"%PDF-1.7 made up"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert not journal.with_suffix(".html").exists()
    ended = run("report", str(journal), "--pdf", "--out", str(journal.with_name("p.html")))
    assert (ended.code, "ends in .pdf" in ended.err) == (2, True)


def test_the_help_has_examples(run: Run) -> None:
    ended = run("report", "--help")
    assert ended.code == 0
    assert "Example: treadguard report session.jsonl" in ended.out
    assert "Example: treadguard report --since 2026-07-01" in ended.out
