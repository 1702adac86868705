"""The page as a PDF by WeasyPrint itself, where it and Pango are there."""

from __future__ import annotations

import pytest
from tests.report.conftest import SESSIONS

from treadguard.report.page import session_page
from treadguard.report.pdf import NoPdf, pdf_of
from treadguard.report.reading import told


@pytest.mark.slow
def test_the_page_becomes_a_pdf() -> None:
    page = session_page(told(SESSIONS / "uphill_with_posture.jsonl"))
    try:
        made = pdf_of(page)
    except NoPdf as error:
        pytest.skip(str(error))
    assert made.startswith(b"%PDF-")
    assert made.rstrip().endswith(b"%%EOF")
