"""Makes docs/pictures/report.png from the real program: the page of a played session, in Chromium.

The session is configs/scenarios/walk_with_a_lean_and_a_break.toml on the simulated treadmill; the
picture shows the page's head and time line. Run it as: python docs/make_report_picture.py
"""

# ruff: noqa: INP001, S603, T201 - a program beside the package, which starts treadguard itself
from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PICTURE = Path(__file__).parent / "pictures" / "report.png"
SCENARIO = Path(__file__).parents[1] / "configs/scenarios/walk_with_a_lean_and_a_break.toml"


def main() -> None:
    """Play, report, and take the picture."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("this picture needs Chromium")
    with tempfile.TemporaryDirectory() as scratch:
        journal = Path(scratch, "walk.jsonl")
        treadguard = [sys.executable, "-m", "treadguard"]
        for args in (["simulate", str(SCENARIO), "--journal", str(journal)], ["report", journal]):
            subprocess.run([*treadguard, *args], check=True, stdout=subprocess.DEVNULL)
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        options += [f"--user-data-dir={scratch}/browser", "--force-device-scale-factor=0.75"]
        options += ["--window-size=860,1500", f"--screenshot={PICTURE}"]
        page = journal.with_suffix(".html").as_uri()
        subprocess.run([chromium, *options, page], check=True, stderr=subprocess.DEVNULL)
    print(PICTURE)


if __name__ == "__main__":
    main()
