"""Is this journal what the guard does? Every output is recomputed and must be equal.

Here: the recorded inputs through the same kernel, guard and gate as in the session, with a sender
that asks the gate and sends nothing. Not here: closed loops with a simulated belt. The rule to
keep: a check that compared nothing has failed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from treadguard import journal
from treadguard.config.toml import printable
from treadguard.ftms.control_point import frame_of
from treadguard.guard.events import Event, Output, Veto
from treadguard.guard.kept import Kept
from treadguard.guard.state import initial
from treadguard.journal import BadLine, Header, Line, canonical, event_of, kept_of
from treadguard.kernel import GateKeeper, Kernel
from treadguard.replay.reader import DamagedJournal, read


@dataclass(frozen=True, slots=True)
class Report:
    """How a check went. `difference` is the first one, in plain words, or None."""

    inputs: int
    compared: int
    difference: str | None
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """True when every output was equal, and there was at least one."""
        return self.difference is None

    @property
    def sentence(self) -> str:
        """The outcome, as a person reads it."""
        said = f"{self.compared} outputs recomputed from {self.inputs} inputs"
        outcome = f"{said}, all equal" if self.ok else f"{said}, then {self.difference}"
        return "; ".join((outcome, *self.notes)) + "."


def check(path: Path) -> Report:
    """Recompute the journal at `path`; DamagedJournal when it can't be read."""
    found = read(path)
    run = _Run(found.header)
    difference = None
    for line in found.lines:
        try:
            difference = run.take(line)
        except BadLine as error:
            # Header is line 1, and seq counts from 1: the line's number is its seq and one.
            raise DamagedJournal(f"{path}, line {line['seq'] + 1}: {error}.") from None
        if difference is not None:
            break
    else:
        difference = run.left_over(cut=not found.ended)
        if difference is None and run.compared == 0:
            difference = "nothing was compared: the journal holds no output of the guard"
    return Report(run.inputs, run.compared, difference, found.notes)


class _Run:
    """One pass: what the kernel puts out waits until the journal's next line claims it."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._expected: list[bytes] = []
        self.inputs = 0
        self.compared = 0
        self._start(header.initial, seq=0)

    def _start(self, kept: Kept, seq: int) -> None:
        header = self._header
        keeper = GateKeeper()
        state = initial(
            header.policy, header.profile, header.mode, header.proven, kept, header.programme
        )
        self._kernel = Kernel(
            state, keeper, lambda command: keeper.check(frame_of(command)), self._emit, seq=seq
        )

    def _emit(self, line: bytes, item: Event | Output | None) -> None:
        if isinstance(item, Veto | Output):
            self._expected.append(line)

    def take(self, line: Line) -> str | None:
        """One recorded line; what differs, or None."""
        kind, place = line["kind"], f"line {line['seq'] + 1}"
        if kind == "restart":
            # The process died within a turn: what it didn't write down any more isn't missing.
            self._expected.clear()
            self._start(kept_of(line), seq=line["seq"])
            return None
        if kind == "alarm" and line.get("from") == "service":
            self._kernel.seq += 1
            return None
        if kind == "end":
            return None
        if kind in journal.OUTPUT_KINDS:
            return self._compare(line, place)
        if self._expected:
            return self._missing(place)
        event = event_of(line)
        self.inputs += 1
        try:
            self._kernel.feed(event)
        except Exception as error:  # noqa: BLE001 - whatever the guard raises is the finding
            return f"{place} makes the guard fail ({type(error).__name__}: {error})"
        return None

    def left_over(self, *, cut: bool) -> str | None:
        """Outputs that the journal should have had at its end; none are due where it is cut."""
        return None if cut or not self._expected else self._missing("the end")

    def _missing(self, place: str) -> str:
        return f"at {place} an output is missing: the guard says {_text(self._expected[0])}"

    def _compare(self, line: Line, place: str) -> str | None:
        if not self._expected:
            return f"{place} is an output that the guard doesn't give: {_text(canonical(line))}"
        expected = self._expected.pop(0)
        self.compared += 1
        if canonical(line) == canonical(journal.decoded(expected)):
            return None
        return (
            f"{place} differs: it says {_text(canonical(line))},"
            f" and the guard says {_text(canonical(journal.decoded(expected)))}"
        )


def _text(line: bytes) -> str:
    return printable(line.decode())
