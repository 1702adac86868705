"""What people rate and show, each rule a machine of its own: pain, ratings, breaks, posture.

Time moves by whole seconds on policies whose times are a few seconds, so that every order of their
thresholds comes up; a moment older than the last threshold is forgotten. The laws are DESIGN
section 4's lines. The rule to keep: a rule is asked only what its own file answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from proof.enumerate.search import Found, Taken, search
from treadguard.guard.belt import Machine
from treadguard.guard.policy import BreakPolicy, PainPolicy, PosturePolicy, PromptPolicy
from treadguard.guard.rules import breaks, corrections, pain, posture, ratings
from treadguard.guard.rules.backoff import Backoff
from treadguard.guard.rules.corrections import Corrections, Kind
from treadguard.units import Decideg, Millis

T0 = Millis(1_000_000)
BELT = Machine(speed_min=100, speed_step=50)


def ago(t: int | None, now: int, cap: int) -> Millis | None:
    """The moment as seen at T0; one at least `cap` old is never."""
    return None if t is None or now - t >= cap else Millis(T0 - (now - t))


def backed(b: Backoff | None, now: int) -> Backoff | None:
    """A back-off as seen at T0."""
    if b is None:
        return None
    return replace(b, since=T0, until=None if b.until is None else Millis(T0 + b.until - now))


# ---------------------------------------------------------------- pain

PAIN = PainPolicy(rerate_ms=Millis(2_000), repeat_window_ms=Millis(5_000), hold_ms=Millis(4_000))
_SEVERITY = list(pain.Act)


def _pain_normal(p: pain.Pain, now: int) -> pain.Pain:
    open_ = p.same_rating(Millis(now))
    return replace(
        p,
        opened=ago(p.opened, now, 2_000),
        peak=p.peak if open_ else 0,
        base=None,
        four=ago(p.four, now, PAIN.repeat_window_ms + 1),
        rerate_at=None,
        backoff=backed(p.backoff, now),
    )


def _felt(p: pain.Pain, level: int, *, local: bool, answers: bool) -> Taken[pain.Pain]:
    act = pain.act_of(p, T0, level, PAIN, answers=answers)
    after = pain.rated(p, T0, level, PAIN, local=local)
    noise = p.same_rating(T0) and level <= p.peak
    if level >= PAIN.end_at:
        assert act is pain.Act.END or noise, "pain of 7 ends the session"
    elif level > PAIN.stop_above:
        assert act is pain.Act.TRIGGER or noise, "pain above 4 stops the belt"
    if level == 0:
        assert act is pain.Act.NOTHING, "no pain asks for nothing"
    if level == 4 and p.four is not None and not noise:
        assert act is pain.Act.TRIGGER, "a second 4 is a trigger"
    if level in (1, 2, 3) and not noise and not answers:
        assert act is pain.Act.BACK_OFF, "a press acts each time"
    if level < 10 and not p.same_rating(T0):
        more = pain.act_of(p, T0, level + 1, PAIN, answers=answers)
        assert _SEVERITY.index(more) >= _SEVERITY.index(act), "more pain asks for no less"
    if p.backoff is not None and after.backoff is None:
        assert local, "a remote rating ends no back-off"
        assert p.last is not None, "the first rating ends nothing"
        assert level < p.last, "only a lower rating ends a back-off"
    if act is pain.Act.BACK_OFF:
        until = None if level == 4 else Millis(T0 + PAIN.hold_ms)
        after = replace(after, backoff=Backoff("pain", 100, None, T0, until, 28 - level, 0))
    return Taken(_pain_normal(after, T0), act.value, act.value)


def _pain_waits(p: pain.Pain, ms: int) -> Taken[pain.Pain]:
    now = Millis(T0 + ms)
    after = pain.elapsed(p, now)
    if p.backoff is not None:
        over = p.backoff.until is not None and now >= p.backoff.until
        assert (after.backoff is None) == over, "a back-off lasts exactly its time"
    return Taken(_pain_normal(after, now), "", "")


def _pain(p: pain.Pain) -> Iterable[tuple[str, Callable[[], Taken[pain.Pain]]]]:
    for level in (0, 3, 4, 5, 7):
        for local in (True, False):
            for answers in (True, False):
                name = f"{level} {'local' if local else 'remote'}{' answers' if answers else ''}"
                yield (
                    name,
                    partial(_felt, p, level, local=local, answers=answers),
                )
    for ms in (1_000, 2_000):
        yield f"waits {ms}", partial(_pain_waits, p, ms)


# ---------------------------------------------------------------- ratings

PROMPTS = PromptPolicy(Millis(3_000), Millis(9_000), Millis(5_000), Millis(2_000))


@dataclass(frozen=True)
class Asking:
    """The questions, and whether any rating of the session was above 0."""

    rule: ratings.Ratings
    pained: bool


def _asking_normal(r: ratings.Ratings, now: int) -> ratings.Ratings:
    ran = None if r.ran_since is None else Millis(T0 - min(now - r.ran_since, 9_000))
    return replace(
        r,
        ran_since=ran,
        quiet_since=Millis(T0 - min(now - r.quiet_since, 5_000)),
        open_since=None if r.open_since is None else Millis(T0 - min(now - r.open_since, 2_000)),
        missed=min(r.missed, 4),
        backoff=backed(r.backoff, now),
    )


def _asks(a: Asking) -> Taken[Asking]:
    now = Millis(T0 + 1_000)
    after, asked = ratings.due(a.rule, now, PROMPTS, None, pained=a.pained)
    missed = a.rule.open_since is not None and now - a.rule.open_since >= PROMPTS.open_ms
    assert after.missed == a.rule.missed + missed, "each unanswered question counts once"
    if asked in (ratings.Asked.BACK_OFF, ratings.Asked.BREAK):
        assert a.pained, "without pain, silence brings a cue and no raise, never more"
        assert after.missed == 2 or asked is ratings.Asked.BREAK, "the second backs off"
        assert after.missed >= 3 or asked is ratings.Asked.BACK_OFF, "the third is a break"
    if missed and a.pained and after.missed >= 2:
        assert asked in (ratings.Asked.BACK_OFF, ratings.Asked.BREAK), "silence has its end"
    if asked is ratings.Asked.ASK:
        ran = 0 if a.rule.ran_since is None else now - a.rule.ran_since
        least = PROMPTS.early_every_ms if ran < PROMPTS.early_for_ms else PROMPTS.every_ms
        assert now - a.rule.quiet_since >= least, "not asked too often"
    if asked is ratings.Asked.BACK_OFF:
        after = replace(after, backoff=Backoff("no rating", 100, None, T0, None, 27, 0))
    if asked is ratings.Asked.BREAK:
        after = replace(after, missed=0, backoff=None)
    assert after.limit.may_raise == (after.missed == 0), "silence raises nothing"
    return Taken(replace(a, rule=_asking_normal(after, now)), asked.value, asked.value)


def _answers(a: Asking, *, local: bool, pained: bool) -> Taken[Asking]:
    after = ratings.answered(a.rule, T0, local=local)
    assert after.open_since is None, "a rating answers the question"
    if not local:
        assert after.backoff == a.rule.backoff, "a remote rating releases no back-off"
        assert a.rule.backoff is None or not after.limit.may_raise, "nor lets it raise"
    return Taken(Asking(_asking_normal(after, T0), a.pained or pained), "", "")


def _ratings(a: Asking) -> Iterable[tuple[str, Callable[[], Taken[Asking]]]]:
    yield "waits", lambda: _asks(a)
    for local in (True, False):
        for pained in (True, False):
            yield (
                f"rated {'local' if local else 'remote'} {'pain' if pained else '0'}",
                partial(_answers, a, local=local, pained=pained),
            )
    yield "moves", lambda: Taken(replace(a, rule=ratings.moving(a.rule, T0)), "", "")


# ---------------------------------------------------------------- breaks

BREAKS = BreakPolicy(
    min_ms=Millis(2_000),
    max_ms=Millis(5_000),
    extend_ms=Millis(1_000),
    stage1_ms=Millis(1_000),
    stage2_ms=Millis(1_000),
)


def _break_normal(b: breaks.Breaks, now: int) -> breaks.Breaks:
    return replace(
        b,
        zero=None if b.zero is None else Millis(T0 - min(now - b.zero, 6_000)),
        stage_from=None if b.stage_from is None else Millis(T0 - min(now - b.stage_from, 2_000)),
        extra=min(b.extra, 5_000),
    )


def _broken(before: breaks.Breaks, after: breaks.Breaks, now: int = T0) -> Taken[breaks.Breaks]:
    assert after.triggers >= before.triggers, "triggers are counted for good"
    if before.ceiling is not None:
        assert after.ceiling is not None, "a ceiling stays"
        assert after.ceiling <= before.ceiling, "a ceiling only falls"
    cap = breaks.limit(after, Millis(now), BREAKS, BELT)
    assert cap.speed_max >= BELT.speed_min, "a stage is never below what the machine can do"
    if after.ceiling is not None:
        assert cap.speed_max <= max(after.ceiling, BELT.speed_min), "the ceiling binds"
    return Taken(_break_normal(after, now), "", "")


def _triggered(b: breaks.Breaks, level: int, speed: int | None) -> Taken[breaks.Breaks]:
    after = breaks.triggered(b, "pain", level, speed, BREAKS, BELT)
    assert after.triggers == b.triggers + (speed is not None), "counted where the belt moved"
    if speed is not None:
        assert after.ceiling is not None, "a counted trigger leaves a ceiling"
        assert after.ceiling <= max(speed * 9 // 10, 100), "of 90 %"
    assert breaks.still_owed(after, T0, BREAKS) is not None, "a break can't be over at its start"
    return _broken(b, after)


def _rated(b: breaks.Breaks, level: int, *, local: bool) -> Taken[breaks.Breaks]:
    after = breaks.rated(b, level, BREAKS, local=local)
    owed, still = (breaks.still_owed(x, T0, BREAKS) for x in (b, after))
    assert local or owed is None or still is not None, "a remote rating meets no condition"
    assert after.extra >= b.extra, "a rating never shortens a break"
    return _broken(b, after)


def _resumes(b: breaks.Breaks) -> Taken[breaks.Breaks]:
    age = None if b.zero is None else T0 - b.zero
    if b.active and b.level is not None:
        assert age is not None, "at zero first"
        assert age >= BREAKS.min_ms + b.extra, "the least time is over"
        assert b.rated is not None, "rated"
        assert b.rated <= min(2, max(0, b.level - 2)), "low enough"
    after = breaks.resumed(b, T0)
    if b.active and b.speed is not None:
        low = max(BELT.speed_floor(b.speed * 60 // 100), 100)
        assert breaks.stage_cap(after, T0, BREAKS, BELT) == low, "at 60 % first"
    return _broken(b, after)


def _breaks(b: breaks.Breaks) -> Iterable[tuple[str, Callable[[], Taken[breaks.Breaks]]]]:
    runs = not b.active
    if runs and b.triggers <= BREAKS.max_triggers:
        for speed in (200, None):
            yield f"trigger at {speed}", partial(_triggered, b, 6, speed)
    if runs:
        yield "asked", lambda: _broken(b, breaks.requested(b, 200))
        yield "halts", lambda: _broken(b, breaks.halted(b, T0, BREAKS))
    else:
        for level in (2, 6):
            yield f"rated {level}", partial(_rated, b, level, local=True)
            yield f"rated {level} remote", partial(_rated, b, level, local=False)
        yield "stands", lambda: _broken(b, breaks.standing(b, T0))
    if breaks.still_owed(b, T0, BREAKS) is None:
        yield "resumes", lambda: _resumes(b)
    yield "waits", lambda: _broken(b, b, T0 + 1_000)


# ---------------------------------------------------------------- posture

POSTURE = PosturePolicy(
    trunk_cue_ms=Millis(2_000),
    trunk_backoff_ms=Millis(2_000),
    trunk_break_after_ms=Millis(3_000),
    trunk_stop_ms=Millis(1_000),
    neck_cue_ms=Millis(2_000),
    neck_backoff_ms=Millis(1_500),
    neck_window_ms=Millis(2_000),
    gap_ms=Millis(3_000),
)


def _window(w: posture.Window, now: int) -> posture.Window:
    return posture.Window(tuple((T0 - (now - t), over) for t, over in w.samples), w.over)


def _posture_normal(p: posture.Posture, now: int) -> posture.Posture:
    return replace(
        p,
        trunk_t=ago(p.trunk_t, now, 60_000),
        trunk_kept=ago(p.trunk_kept, now, 60_000),
        neck_t=ago(p.neck_t, now, 60_000),
        neck_kept=ago(p.neck_kept, now, 60_000),
        trunk_cue=_window(p.trunk_cue, now),
        trunk_backoff=_window(p.trunk_backoff, now),
        trunk_stop=_window(p.trunk_stop, now),
        neck_cue=_window(p.neck_cue, now),
        neck_backoff=_window(p.neck_backoff, now),
        last_backoff=ago(p.last_backoff, now, 3_000),
        break_due=None if p.break_due is None else Millis(T0 + max(0, p.break_due - now)),
    )


def _stood(p: posture.Posture, trunk: int, neck: int | None) -> Taken[posture.Posture]:
    now = Millis(T0 + 1_000)
    lean = Decideg(trunk)
    after, saw = posture.saw(p, now, lean, neck, 0, POSTURE)
    assert after.backoffs <= POSTURE.max_backoffs, "three a session"
    if saw is posture.Saw.BACK_OFF:
        assert p.last_backoff is None or now - p.last_backoff >= POSTURE.gap_ms, "one a minute"
        assert after.backoffs == p.backoffs + 1, "each is counted"
    if saw is posture.Saw.BREAK:
        assert p.trunk_backoffs >= 2, "a break only after two back-offs"
        assert trunk > POSTURE.trunk_backoff, "while leaning"
    if saw is posture.Saw.STOP:
        assert trunk > POSTURE.trunk_stop, "a stop only while far over"
    return Taken(_posture_normal(after, now), saw.value, saw.value)


def _silent(p: posture.Posture) -> Taken[posture.Posture]:
    now = Millis(T0 + 2_000)
    after = posture.elapsed(p, now, POSTURE)
    assert not after.trunk_backoff.samples, "a silent sensor is unknown"
    assert after.backoffs == p.backoffs, "what was counted stays"
    return Taken(_posture_normal(after, now), "", "")


def _trunk(p: posture.Posture) -> Iterable[tuple[str, Callable[[], Taken[posture.Posture]]]]:
    for trunk in (0, 210, 460):
        yield f"leans {trunk // 10}", partial(_stood, p, trunk, None)
    yield "silent", lambda: _silent(p)


def _neck(p: posture.Posture) -> Iterable[tuple[str, Callable[[], Taken[posture.Posture]]]]:
    yield "looks up", lambda: _stood(p, 0, 0)
    yield "looks down", lambda: _stood(p, 0, 260)
    yield "silent", lambda: _silent(p)


# ---------------------------------------------------------------- corrections

EVERY = Millis(5_000)
HEARD: tuple[Kind, ...] = ("trunk", "neck", "strides")


def _corrections_normal(c: Corrections, now: int) -> Corrections:
    order = sorted(c.said, key=lambda each: each[1])
    waiting = ((kind, ago(t, now, corrections.LAPSES_MS)) for kind, t in sorted(c.waiting))
    return Corrections(
        spoke=ago(c.spoke, now, EVERY),
        said=tuple((kind, Millis(n)) for n, (kind, _) in enumerate(order)),
        waiting=tuple((kind, t) for kind, t in waiting if t is not None),
    )


def _looked(c: Corrections, kind: Kind, ms: int, *, wrong: bool) -> Taken[Corrections]:
    now = Millis(T0 + ms)
    after, say = corrections.judged(c, kind, now, EVERY, wrong=wrong)
    said = [k for k, _ in sorted(c.said, key=lambda each: each[1])]
    before = [k for k in HEARD if k not in said] + said[: said.index(kind)] if kind in said else []
    waits = any(k in before and now - t < corrections.LAPSES_MS for k, t in c.waiting)
    paced = c.spoke is not None and now - c.spoke < EVERY
    assert say is (wrong and not paced and not waits), "one at a time, the longest unsaid first"
    unsaid = {k for k, _ in after.waiting}
    assert (kind in unsaid) is (wrong and not say), "what is wrong and unsaid waits"
    return Taken(_corrections_normal(after, now), kind if say else "", kind if say else "nothing")


def _corrections(c: Corrections) -> Iterable[tuple[str, Callable[[], Taken[Corrections]]]]:
    for kind in HEARD:
        for ms in (0, 2_500):
            for wrong in (True, False):
                what = f"{kind} {'wrong' if wrong else 'right'} after {ms} ms"
                yield what, partial(_looked, c, kind, ms, wrong=wrong)


RULES: dict[str, Callable[[], Found[Any]]] = {
    "pain": lambda: search("rule: pain", (pain.Pain(),), _pain),
    "ratings": lambda: search(
        "rule: ratings", (Asking(ratings.Ratings(quiet_since=T0), False),), _ratings
    ),
    "breaks": lambda: search("rule: breaks", (breaks.Breaks(),), _breaks),
    "trunk": lambda: search("rule: posture, trunk", (posture.Posture(),), _trunk),
    "neck": lambda: search("rule: posture, neck", (posture.Posture(),), _neck),
    "corrections": lambda: search("rule: corrections", (Corrections(),), _corrections),
}
"""Each of these rules, to be searched to the end."""
