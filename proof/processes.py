"""Real processes on the real clock: killed, stopped, told to end, flooded, with the belt apart."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

ROOT: Final = Path(__file__).parents[1]


def main(argv: Sequence[str] | None = None) -> int:
    """Run tests/processes; the exit code is pytest's own."""
    parser = argparse.ArgumentParser("python -m proof.processes", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the figures as one line on stdout")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        pytest = [sys.executable, "-m", "pytest", "-q", "-m", "slow", f"--junitxml={report}"]
        ran = subprocess.run([*pytest, "tests/processes"], cwd=ROOT, stdout=sys.stderr, check=False)
        # Written by our own pytest just now.
        suite = ET.parse(report).find("testsuite") if report.exists() else None  # noqa: S314
    counts = {} if suite is None else suite.attrib
    figures = {name: int(counts.get(name, 0)) for name in ("tests", "failures", "errors")}
    print(json.dumps(figures) if options.json else figures)
    return ran.returncode


if __name__ == "__main__":
    sys.exit(main())
