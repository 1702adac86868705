"""Real processes on the real clock: killed, stopped, told to end, flooded, with the belt apart.

All of tests/processes, and wherever else the hazard table names a test of kind X: a real process,
disk, socket or bus. The rule to keep: a test that the table rests on has run, or this doesn't hold;
one that is skipped for want of a bus or of a right to mount shows nothing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from proof.hazards import TABLE, read

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = "tests/processes"


def named() -> list[str]:
    """The tests of kind X in the hazard table, as pytest takes them."""
    return sorted({t.id for h in read(TABLE).hazard for t in h.tests if t.kind == "X"})


def not_run(tests: Iterable[str], report: ET.Element) -> list[str]:
    """Those of which a case was skipped, or of which there is none in pytest's report."""
    ran: dict[tuple[str, str], bool] = {}
    for case in report.iter("testcase"):
        key = (case.get("classname", ""), case.get("name", "").partition("[")[0])
        ran[key] = ran.get(key, True) and case.find("skipped") is None
    return [test for test in tests if not ran.get(_in_report(test), False)]


def _in_report(test: str) -> tuple[str, str]:
    file, *inside, name = test.split("::")
    return ".".join([*Path(file).with_suffix("").parts, *inside]), name


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code is pytest's own, and 1 where a test that the table names didn't run."""
    parser = argparse.ArgumentParser("python -m proof.processes", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the figures as one line on stdout")
    options = parser.parse_args(argv)
    tests = named()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.xml"
        pytest = [sys.executable, "-m", "pytest", "-q", "-m", "", f"--junitxml={path}", FOLDER]
        apart = [test for test in tests if not test.startswith(f"{FOLDER}/")]
        ran = subprocess.run([*pytest, *apart], cwd=ROOT, stdout=sys.stderr, check=False)
        # Written by our own pytest just now.
        report = ET.parse(path).getroot() if path.exists() else ET.Element("none")  # noqa: S314
    missing = not_run(tests, report)
    for test in missing:
        print(f"Not run, though the hazard table rests on it: {test}", file=sys.stderr)
    suite = report.find("testsuite")
    counts = {} if suite is None else suite.attrib
    figures = {name: int(counts.get(name, 0)) for name in ("tests", "failures", "errors")}
    figures["not_run"] = len(missing)
    print(json.dumps(figures) if options.json else figures)
    return ran.returncode or (1 if missing else 0)


if __name__ == "__main__":
    sys.exit(main())
