"""The page as a PDF, by WeasyPrint (the extra `pdf`).

Here: the one call, and what may be missing for it. Not here: the page (page.py). The rule to keep:
nothing is fetched, whatever stands on the page.
"""

from __future__ import annotations

from typing import Any


class NoPdf(Exception):
    """A PDF can't be made here; the text is one sentence with the way out."""


def pdf_of(page: str) -> bytes:
    """The page on A4. NoPdf where WeasyPrint or Pango is missing."""
    try:
        from weasyprint import HTML  # noqa: PLC0415 - an extra, and slow to import
    except ImportError:
        raise NoPdf(
            "a PDF needs WeasyPrint: pip install 'treadguard[pdf]', or leave out --pdf and print"
            " the page from a browser"
        ) from None
    except OSError:
        raise NoPdf(
            "WeasyPrint finds no Pango on this system (Debian: apt install libpango-1.0-0"
            " libpangoft2-1.0-0 libharfbuzz-subset0): install it, or leave out --pdf and print the"
            " page from a browser"
        ) from None
    return bytes(HTML(string=page, url_fetcher=_fetches_nothing).write_pdf())


def _fetches_nothing(url: str, *_: Any, **__: Any) -> Any:
    raise ValueError(f"the report stands for itself and fetches nothing: {url}")
