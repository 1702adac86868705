"""Many mutants judged, on several processors, so that a broken-off campaign goes on where it was.

Here: which tests a mutant faces and in which order, the division of work, the results file. Not
here: how one mutant is judged. The rule to keep: a verdict is used again only while the whole code
and all tests are as they were, a kill like a survivor: whatever killed may be gone.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from proof.mutation.judging import Ask, loaded, swapping
from proof.mutation.mutants import Key, Mutant
from proof.mutation.reach import Reach, existing

FIRST_FILES: Final = 3
"""Test files that a mutant of a module's own level faces before all others are loaded too."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`is_` is killed, timeout, survived, or unseen: no test runs the line."""

    key: Key
    is_: str
    by: str


@dataclass(frozen=True, slots=True)
class Suite:
    """What may judge."""

    names: tuple[str, ...]
    reach: Reach

    def facing(self, mutant: Mutant) -> list[str]:
        edit = mutant.edit
        if is_early(mutant, self.reach):
            # A constant may decide in any function of any module that imports it.
            chosen = set(self.reach.cpu)
        else:
            chosen = self.reach.of_lines(mutant.file, edit.lines)
        cpu = self.reach.cpu
        return sorted(chosen, key=lambda t: (cpu[t], t))


def is_early(mutant: Mutant, reach: Reach) -> bool:
    """Whether the line runs while modules are imported, where no swap of a function reaches it."""
    early = reach.early.get(mutant.file, frozenset())
    return mutant.edit.function is None or any(line in early for line in mutant.edit.lines)


class Results:
    """The file of verdicts: one JSON line each, appended whole, whoever writes it."""

    def __init__(self, path: Path, suite: Suite) -> None:
        self._path = path
        self._suite = suite.reach.print
        path.parent.mkdir(parents=True, exist_ok=True)

    def known(self) -> dict[Key, Verdict]:
        if not self._path.exists():
            return {}
        found: dict[Key, Verdict] = {}
        for line in self._path.read_text("utf-8").splitlines():
            entry = json.loads(line)
            if entry["suite"] == self._suite:
                key = Key(**entry["key"])
                found[key] = Verdict(key, entry["is"], entry["by"])
        return found

    def add(self, verdict: Verdict) -> None:
        entry = {
            "key": asdict(verdict.key),
            "suite": self._suite,
            "is": verdict.is_,
            "by": verdict.by,
        }
        with self._path.open("ab", buffering=0) as out:
            out.write(json.dumps(entry).encode() + b"\n")


def run(mutants: Sequence[Mutant], suite: Suite, results: Results, jobs: int) -> list[Verdict]:
    """Every mutant's verdict; those that are known already aren't judged again."""
    known = results.known()
    todo = [m for m in mutants if m.key not in known]
    workers = [_worker(todo[n::jobs], suite, results) for n in range(jobs)] if todo else []
    _wait(workers, results, known, len(todo))
    known = results.known()
    return [known.get(m.key, Verdict(m.key, "unjudged", "")) for m in mutants]


def _worker(mutants: Sequence[Mutant], suite: Suite, results: Results) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        _judge_all(mutants, suite, results)
        code = 0
    except Exception:  # noqa: BLE001 (the worker's last words)
        traceback.print_exc()
    finally:
        os._exit(code)


def _judge_all(mutants: Sequence[Mutant], suite: Suite, results: Results) -> None:
    killers: dict[str, Counter[str]] = defaultdict(Counter)

    def settle(batch: Iterable[Mutant], ask: Ask) -> None:
        tried = False
        for mutant in batch:
            tests = suite.facing(mutant)
            if tests and not tried:
                tried = True
                said = ask(mutant.undone(), tests)
                assert said["verdict"] == "survived", f"{said['by']} fails without a mutant"
            best = killers[mutant.file]
            tests.sort(key=lambda t: -best[t])
            said = ask(mutant, tests) if tests else {"verdict": "unseen", "by": ""}
            best[said["by"]] += 1
            results.add(Verdict(mutant.key, said["verdict"], said["by"]))

    swapped = [m for m in mutants if not is_early(m, suite.reach)]
    early = [m for m in mutants if is_early(m, suite.reach)]
    if swapped:
        swapping(existing(suite.names), suite.reach.cpu, lambda ask: settle(swapped, ask))
    settle(early, lambda mutant, tests: _in_two_goes(mutant, tests, suite, killers))


def _in_two_goes(
    mutant: Mutant, tests: Sequence[str], suite: Suite, killers: dict[str, Counter[str]]
) -> dict[str, Any]:
    """First the likeliest few files: to load them all takes longer than to run them."""
    ours = suite.reach.of_file(mutant.file)
    stem = Path(mutant.file).stem
    score: Counter[str] = Counter()
    for test in tests:
        file = test.partition("::")[0]
        named = 100 * (stem in Path(file).stem)
        score[file] += (test in ours) + 1000 * killers[mutant.file][test]
        score[file] = max(score[file], named)
    first = {file for file, _ in score.most_common(FIRST_FILES)}
    likely = [t for t in tests if t.partition("::")[0] in first]
    said = loaded(mutant, likely, suite.reach.cpu)
    if said["verdict"] != "survived" or len(likely) == len(tests):
        return said
    rest = [t for t in tests if t.partition("::")[0] not in first]
    return loaded(mutant, rest, suite.reach.cpu)


def _wait(workers: Sequence[int], results: Results, known: dict[Key, Verdict], todo: int) -> None:
    began, left = time.monotonic(), set(workers)
    tell: Callable[[str], object] = sys.stderr.write
    while left:
        done, _ = os.waitpid(-1, os.WNOHANG)
        left.discard(done)
        if done == 0:
            time.sleep(1)
        judged = [v for key, v in results.known().items() if key not in known]
        spent = time.monotonic() - began
        eta = spent / len(judged) * (todo - len(judged)) if judged else 0
        alive = sum(v.is_ in ("survived", "unseen") for v in judged)
        tell(f"\r{len(judged)} of {todo} mutants, {alive} survive, {spent:.0f} s, "
             f"{eta:.0f} s to go   ")  # fmt: skip
        sys.stderr.flush()
    if workers:
        tell("\n")
