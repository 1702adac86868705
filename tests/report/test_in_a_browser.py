"""The page in a real browser, where there is one: nothing is refused by its own policy, and on
paper all is open.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.report.conftest import SESSIONS

from treadguard.report.page import session_page
from treadguard.report.reading import told

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here"),
]


def browse(page: Path, *options: str) -> subprocess.CompletedProcess[str]:
    home = f"--user-data-dir={page.parent / 'browser'}"
    command = [CHROMIUM or "", "--headless", "--no-sandbox", "--disable-gpu", home]
    return subprocess.run(
        [*command, *options, page.as_uri()], capture_output=True, text=True, timeout=50, check=True
    )


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(session_page(told(SESSIONS / "uphill_with_posture.jsonl")), "utf-8")
    return path


def test_the_policy_refuses_nothing_of_the_page(page: Path) -> None:
    ran = browse(page, "--enable-logging=stderr", "--v=0", "--dump-dom")
    assert "What treadguard did" in ran.stdout
    assert "Content Security Policy" not in ran.stderr


def test_the_policy_would_refuse_a_script(page: Path) -> None:
    evil = page.with_name("evil.html")
    text = page.read_text("utf-8")
    evil.write_text(text.replace("<main>", "<main><script>document.title = 'run'</script>"))
    ran = browse(evil, "--enable-logging=stderr", "--v=0", "--dump-dom")
    assert "<title>run</title>" not in ran.stdout
    assert "Content Security Policy" in ran.stderr


def test_on_paper_what_is_folded_is_open(page: Path) -> None:
    out = page.with_suffix(".pdf")
    browse(page, f"--print-to-pdf={out}", "--no-pdf-header-footer")
    closed = page.with_name("closed.html")
    text = page.read_text("utf-8")
    start = text.index("<details")
    closed.write_text(text[:start] + "</section></main></body></html>", "utf-8")
    short = closed.with_suffix(".pdf")
    browse(closed, f"--print-to-pdf={short}", "--no-pdf-header-footer")
    pages = [path.read_bytes().count(b"/Type /Page\n") for path in (out, short)]
    assert pages[0] > pages[1] > 0
