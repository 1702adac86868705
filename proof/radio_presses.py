"""Presses over the real driver and a radio with faults: how late each Stop came, and each alarm.

    python -m proof.radio_presses --sessions 500 --jobs 2 --json
    python -m proof.radio_presses --sessions 1 --seed 42 --verbose

Each press is judged by what the simulated machine took and by the journal, in a class of its own:

* fair: the link works, telemetry is fresh, no answer takes over 300 ms;
* stale: the same, but the last speed is older than 3 s;
* pending: an answer takes over 300 ms, or never comes;
* no link: there is none, or it ends before the Stop can have come.

Exit code: 0 when no press breached its deadline; 1 when one did, or, in more than one session,
when a class was never met; 2 for bad usage.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from proof.arguments import positive, whole
from proof.radio_air import STOP, Taken, linked
from proof.radio_sessions import Pressed, Session, drawn, in_lines, play
from treadguard.ftms.control_point import OpCode

PENDING_MS: Final = 300
"""The issue's figure: an answer that takes longer is pending."""

FRESH_MS: Final = 3_000
"""DESIGN.md section 3: older, and nothing is raised."""

STOP_WITHIN_MS: Final = 500
"""The issue's figure, with a working link and no answer pending."""

WRITE_WITHIN_MS: Final = 1_000
"""DESIGN.md section 3: a write without its answer is past its deadline after this."""

LAST_TRY_MS: Final = 250
"""A Stop tried as a write command before the link is dropped (DESIGN.md section 3, no number)."""

ALARM_WITHIN_MS: Final = 1_000
"""HAZARDS.md H01, and the issue's figure."""

OWED_MS: Final = 1_500 + 2_000
"""DESIGN.md section 3: for a first sample after a reconnect, and for a second."""

TICK_MS: Final = 250
"""The guard looks at the time so often."""

CLOSE_MS: Final = 5_000
"""The longest disconnect that the driver waits for; BlueZ takes 2 to 3 s (DESIGN.md section 3)."""

SET_UP_MS: Final = 5_000
"""Scan, connect, discover, read, subscribe, where every answer takes 290 ms; BlueZ needs 0.4 s."""

PAUSE_MS: Final = 10_000
"""HAZARDS.md H01: the longest pause between two attempts to reconnect."""

BACK_MS: Final = 1_000
"""A machine that was away is there again so long after its fault (sim/faults.py)."""

Kind = Literal["fair", "stale", "pending", "no link"]
CLASSES: Final = ("fair", "pending", "no link")
"""Each of them must be met, or nothing was shown."""

PROGRESS_S: Final = 10.0


@dataclass(slots=True)
class Figures:
    """What was judged, what was worst (ms), and what was breached (ms and a sentence each)."""

    presses: Counter[str] = field(default_factory=Counter)
    worst: dict[str, int] = field(default_factory=dict)
    worst_seed: dict[str, int] = field(default_factory=dict)
    breaches: list[tuple[int, str]] = field(default_factory=list)

    def measure(self, name: str, ms: int, seed: int) -> None:
        """Keep the worst."""
        if ms > self.worst.get(name, -1):
            self.worst[name], self.worst_seed[name] = ms, seed

    def add(self, other: Figures) -> None:
        """Take in another session's."""
        self.presses.update(other.presses)
        for name, ms in other.worst.items():
            self.measure(name, ms, other.worst_seed[name])


# ---------------------------------------------------------------- one session


class Judge:
    """One session, looked at press by press. All times are the loop's ms."""

    def __init__(self, session: Session) -> None:
        self.figures = Figures()
        self._session = session
        self._seed = session.plan.seed
        self._air = session.plan.air
        self._log = session.log
        self._links = [(t, line["state"] == "up") for t, line in session.at("link")]
        self._alarms = [t for t, _ in session.at("alarm")]
        self._speeds = [t for t, line in session.at("telemetry") if line.get("speed") is not None]
        self._over = session.plan.length_ms

    def judged(self) -> Figures:
        """Every press, every lost link and every frame after a press."""
        presses = [one for one in self._session.pressed if one.hand.press]
        for press in presses:
            self._press(press)
        self._reconnects()
        if presses:
            self._rises()
        if self._session.failure is not None:
            self._breach(0, f"the service failed: {self._session.failure}")
        return self.figures

    def _breach(self, t: int, what: str) -> None:
        self.figures.breaches.append((t, what))

    def _measure(self, name: str, ms: int) -> None:
        self.figures.measure(name, ms, self._seed)

    # ------------------------------------------------------------ a press

    def _press(self, press: Pressed) -> None:
        t, what = press.t, f"{press.hand.name} at {press.t} ms"
        if not press.taken:
            self._breach(t, f"{what}: the service didn't take it")
        if press.belt not in ("running", "countdown") and not self._starts(t):
            self.figures.presses["belt at rest or stopping"] += 1
            return
        kind = self._kind(t)
        self.figures.presses[kind] += 1
        stop = self._stop(t)
        what = f"{what}, {kind}"
        match kind:
            case "fair" | "stale":
                late = None if stop is None else stop - t
                if late is not None:
                    self._measure(f"{kind}: Stop", late)
                if late is None or late > STOP_WITHIN_MS:
                    self._breach(t, f"{what}: Stop after {late} ms")
            case "pending":
                self._alarmed(t, stop, what, kind)
                self._through_a_hang(t, stop, what)
            case "no link":
                self._alarmed(t, stop, what, kind)
                self._owed(t, stop, what, kind)

    def _kind(self, t: int) -> Kind:
        # A link that comes within the press's own moment was none when the press came.
        if not all(
            linked(links, at) for links in (self._links, self._log.links) for at in (t - 1, t)
        ):
            return "no link"
        if self._log.pending(t, PENDING_MS, self._air.latency_ms, STOP_WITHIN_MS):
            return "pending"
        stop = self._stop(t)
        late = t + STOP_WITHIN_MS if stop is None else min(stop, t + STOP_WITHIN_MS)
        if any(t < at <= late and not up for at, up in self._log.links):
            return "no link"
        seen = max((at for at in self._speeds if at <= t), default=None)
        return "fair" if seen is not None and t - seen < FRESH_MS else "stale"

    def _starts(self, t: int) -> bool:
        """Whether a Start was on its way to the machine."""
        starts = [one for one in self._log.taken if one.frame[0] == OpCode.START_OR_RESUME]
        return any(one.t > t and self._handed_before(t, one) for one in starts)

    def _stop(self, t: int) -> int | None:
        """When the machine took the first Stop from `t` on."""
        return next(
            (one.t for one in self._log.taken if t <= one.t < self._over and one.frame == STOP),
            None,
        )

    def _alarmed(self, t: int, stop: int | None, what: str, kind: Kind) -> None:
        if stop is not None and stop - t <= ALARM_WITHIN_MS:
            return
        alarm = next((at for at in self._alarms if at >= t), None)
        if alarm is None or alarm - t > ALARM_WITHIN_MS:
            late = None if alarm is None else alarm - t
            self._breach(t, f"{what}: no Stop within {ALARM_WITHIN_MS} ms, and alarm after {late}")
        if alarm is not None:
            self._measure(f"{kind}: alarm", alarm - t)

    def _through_a_hang(self, t: int, stop: int | None, what: str) -> None:
        given_up = t + WRITE_WITHIN_MS + LAST_TRY_MS
        if stop is None or stop > given_up:
            down = next((at for at, up in self._links if at >= t and not up), None)
            if down is None or down > given_up:
                late = None if down is None else down - t
                self._breach(t, f"{what}: no Stop, and the link is given up after {late} ms")
            else:
                self._measure("pending: link given up", down - t)
        self._owed(t, stop, what, "pending")

    def _owed(self, t: int, stop: int | None, what: str, kind: Kind) -> None:
        """After the reconnect, by the rule for a Stop that is owed."""
        ups = [at for at, up in self._links if up and at >= t]
        up = next((at for at in ups if self._undisturbed(at)), None)
        if stop is not None and not any(at <= stop for at in ups):
            self._measure(f"{kind}: Stop", stop - t)
            return
        if up is not None and up + OWED_MS + TICK_MS + STOP_WITHIN_MS > self._over:
            up = None
        if stop is None and up is None:
            self.figures.presses["no link again before the end"] += 1
            return
        if up is not None and (stop is None or stop > up + OWED_MS + TICK_MS + STOP_WITHIN_MS):
            self._breach(t, f"{what}: link again at {up}, Stop at {stop}")
        elif stop is not None:
            last = max(at for at in ups if at <= stop)
            alone = up == ups[0] == last and self._back(t) is None
            name = f"{kind}: Stop" + ("" if alone else ", more trouble meanwhile")
            self._measure(name, stop - t)
            self._measure(f"{kind}: reconnect to Stop", stop - last)

    def _undisturbed(self, up: int) -> bool:
        """Whether the radio gave an owed Stop its time on this connection."""
        late = up + OWED_MS + TICK_MS + STOP_WITHIN_MS
        away = any(up < at <= late and not is_up for at, is_up in self._log.links)
        return not away and not any(up - TICK_MS <= at <= late for at in self._log.withheld)

    # ------------------------------------------------------------ links and frames

    def _reconnects(self) -> None:
        """A link ends for a reason, and is there again in time."""
        for n, (down, is_up) in enumerate(self._links):
            if is_up or down >= self._over:
                continue
            began = self._links[n - 1][0] if n else 0
            hung = self._log.hung(down - WRITE_WITHIN_MS - LAST_TRY_MS, down, PENDING_MS)
            lost = any(began <= at <= down for at, up in self._log.links if not up)
            if not (hung or lost):
                self._breach(down, f"the link was given up at {down} ms, and nothing was wrong")
            back = self._back(down)
            pause_ms = 0 if back is None else PAUSE_MS
            late = (back or down) + min(self._air.disconnect_ms, CLOSE_MS) + pause_ms + SET_UP_MS
            again = self._links[n + 1][0] if n + 1 < len(self._links) else None
            if (again or self._over) > late:
                self._breach(down, f"link lost at {down} ms, back at {again}, due at {late}")
            elif again is not None and back is None:
                self._measure("link given up to reconnect", again - down)

    def _back(self, down: int) -> int | None:
        """When a machine is back that was away as the link ended, or went before a new one."""
        reach = down + CLOSE_MS + SET_UP_MS
        away = [fault for fault in self._air.faults if fault.where == "link"]
        spans = ((fault.at_ms, fault.at_ms + fault.for_ms + BACK_MS) for fault in away)
        return max((end for at, end in spans if at <= reach and end >= down), default=None)

    def _rises(self) -> None:
        """From a press to the runner's own resume nothing starts the belt or raises it."""
        pressed: int | None = None
        hands = list(self._session.pressed)
        for one in self._log.taken:
            while hands and hands[0].t <= one.t:
                hand = hands.pop(0)
                if hand.hand.do == "resume":
                    pressed = None
                elif hand.hand.press and pressed is None:
                    pressed = hand.t
            judged = pressed is not None and one.t < self._over and _rises(one)
            if judged and not self._handed_before(pressed, one):
                self._breach(one.t, f"{one.frame.hex()} is taken after the press at {pressed} ms")

    def _handed_before(self, pressed: int | None, one: Taken) -> bool:
        """It was in the radio's hands before the press, and nobody can call it back."""
        last = max((t for t, frame in self._log.handed if frame == one.frame and t <= one.t))
        return pressed is None or last <= pressed


def _rises(one: Taken) -> bool:
    value = int.from_bytes(one.frame[1:3], "little", signed=True)
    match one.frame[0]:
        case OpCode.START_OR_RESUME:
            return True
        case OpCode.SET_TARGET_SPEED:
            return value > one.heads_for
        case OpCode.SET_TARGET_INCLINE:
            return value > one.deck
    return False


# ---------------------------------------------------------------- many


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one seed showed, and what it cost."""

    seed: int
    figures: Figures
    cpu_s: float

    @property
    def command(self) -> str:
        """What repeats it alone."""
        return f".venv/bin/python -m proof.radio_presses --sessions 1 --seed {self.seed} --verbose"


def run(seed: int) -> Outcome:
    """Draw, play and judge one session."""
    began = time.process_time()
    figures = Judge(play(drawn(seed))).judged()
    gc.collect()
    return Outcome(seed, figures, time.process_time() - began)


def outcomes(seeds: Sequence[int], processes: int) -> Iterator[Outcome]:
    """Each seed's outcome, in order."""
    if processes == 1:
        yield from map(run, seeds)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap(run, seeds, chunksize=8)


def parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options; argparse leaves with 2 where they are wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m proof.radio_presses",
        description="Presses over the real driver and a simulated radio with faults.",
        epilog="Example: python -m proof.radio_presses --sessions 500 --seed 0 --jobs 2 --json",
    )
    parser.add_argument(
        "--sessions", type=positive, default=500, metavar="N", help="how many (default 500)"
    )
    parser.add_argument("--seed", type=whole, default=0, metavar="S", help="seed of the first")
    parser.add_argument(
        "--jobs", type=positive, default=1, metavar="N", help="processes (default 1)"
    )
    parser.add_argument("--json", action="store_true", help="figures as one line of JSON on stdout")
    parser.add_argument("--verbose", action="store_true", help="tell what happened in each session")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Play, tell, and say whether anything was breached."""
    options = parsed(argv)
    figures, failing, violations, cpu_s = Figures(), list[int](), 0, 0.0
    began = told = time.monotonic()
    seeds = range(options.seed, options.seed + options.sessions)
    for n, outcome in enumerate(outcomes(seeds, options.jobs), start=1):
        figures.add(outcome.figures)
        cpu_s += outcome.cpu_s
        if outcome.figures.breaches:
            failing.append(outcome.seed)
            violations += len(outcome.figures.breaches)
            for _, what in outcome.figures.breaches[:10]:
                print(f"seed {outcome.seed}: {what}", file=sys.stderr)
            print(f"  repeat it: {outcome.command}", file=sys.stderr)
        if options.verbose:
            print("\n".join(in_lines(play(drawn(outcome.seed)))), file=sys.stderr)
        if time.monotonic() - told >= PROGRESS_S or n == len(seeds):
            told = time.monotonic()
            rate = n / max(told - began, 0.001)
            print(f"{n} of {len(seeds)}, {rate:.1f}/s, {len(failing)} failing", file=sys.stderr)
    unmet = [name for name in CLASSES if not figures.presses[name]] if len(seeds) > 1 else []
    for name in unmet:
        print(f"no press was met in the class '{name}'", file=sys.stderr)
    summary = {
        "sessions": len(seeds),
        "presses": dict(sorted(figures.presses.items())),
        "worst_ms": dict(sorted(figures.worst.items())),
        "worst_seeds": dict(sorted(figures.worst_seed.items())),
        "violations": violations,
        "failing_seeds": failing,
        "classes_unmet": unmet,
        "cpu_s_per_session": round(cpu_s / len(seeds), 3),
    }
    print(json.dumps(summary) if options.json else "\n".join(map(str, summary.items())))
    return 1 if violations or unmet else 0


if __name__ == "__main__":
    sys.exit(main())
