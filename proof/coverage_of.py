"""How much of the code the tests run: lines and branches together, per part and as a whole.

Coverage says what was run, not what was checked: mutation does that.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
PARTS: Final[Mapping[str, str]] = {
    "guard": "src/treadguard/guard/",
    "gate": "src/treadguard/gate",
    "ftms": "src/treadguard/ftms/",
    "whole": "src/treadguard/",
}
CORE: Final = ("guard", "gate", "ftms")
WHOLE_PCT: Final = 95.0
CORE_TESTS: Final = ("tests/guard", "tests/ftms", "tests/test_gate*.py")
"""The tests of these parts: what only another part's test runs by the way isn't theirs."""


def share(summaries: Iterable[Mapping[str, int]]) -> float:
    """Percent of the statements and branches that were run, as coverage.py adds them up."""
    run = total = 0
    for one in summaries:
        run += one["covered_lines"] + one["covered_branches"]
        total += one["num_statements"] + one["num_branches"]
    return 0.0 if total == 0 else 100.0 * run / total


def missing(files: Mapping[str, Any], within: str) -> list[str]:
    """`file: line, from->to` of what no test of the core runs."""
    found = []
    for name, each in sorted(files.items()):
        if not name.startswith(within):
            continue
        gaps = [str(line) for line in each["missing_lines"]]
        gaps += [f"{a}->{b}" for a, b in each.get("missing_branches", [])]
        if gaps:
            found.append(f"{name}: {', '.join(gaps)}")
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tests under coverage; 1 where they fail or a goal is missed."""
    parser = argparse.ArgumentParser("python -m proof.coverage_of", description=__doc__)
    parser.add_argument("tests", nargs="*", help="test files (default: all)")
    parser.add_argument("--core", action="store_true", help="guard, gate and ftms, by their tests")
    parser.add_argument("--json", action="store_true", help="the figures as one line on stdout")
    options = parser.parse_args(argv)
    if options.core:
        options.tests += sorted(str(p.relative_to(ROOT)) for t in CORE_TESTS for p in ROOT.glob(t))
    parts = CORE if options.core else tuple(PARTS)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        pytest = [sys.executable, "-m", "pytest", "-q", "--no-header", "--cov", "--cov-branch"]
        ran = subprocess.run(
            [*pytest, f"--cov-report=json:{report}", *options.tests],
            cwd=ROOT,
            stdout=sys.stderr,
            check=False,
        )
        files = json.loads(report.read_bytes())["files"] if report.exists() else {}
    figures = {
        part: round(share(f["summary"] for name, f in files.items() if name.startswith(path)), 2)
        for part, path in PARTS.items()
        if part in parts
    }
    for part in CORE:
        for line in missing(files, PARTS[part]):
            print(line, file=sys.stderr)
    if options.json:
        print(json.dumps({**figures, "tests_passed": ran.returncode == 0}))
    else:
        print("\n".join(f"{part}: {pct} %" for part, pct in figures.items()))
    return 0 if ran.returncode == 0 and files and reached(figures, files) else 1


def reached(figures: Mapping[str, float], files: Mapping[str, Any]) -> bool:
    """Whether nothing of the core was left out, and enough of the whole was run."""
    gaps = any(missing(files, PARTS[part]) for part in CORE)
    seen = all(any(name.startswith(PARTS[part]) for name in files) for part in CORE)
    return seen and not gaps and figures.get("whole", WHOLE_PCT) >= WHOLE_PCT


if __name__ == "__main__":
    sys.exit(main())
