"""Plays one plan: the real service, recorder and API round the simulated treadmill.

Here: the lives of the service over one session, and how each act is done. Not here: plans, and
what is made of the film. The rule to keep: nothing in a play reads a real clock, a real disk, a
socket or real chance, so that one plan gives one film.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from dataclasses import replace
from importlib.metadata import version
from typing import Any, Final

from proof.simulated_disk import Disk, Turned, virtual_disk
from proof.simulated_door import TOKEN, Door
from proof.simulated_film import Act, Film, FilmedTreadmill, Hand
from proof.simulated_plans import Plan
from proof.simulated_view import STARTS
from treadguard.guard.events import Posture
from treadguard.guard.kept import Kept
from treadguard.guard.policy import Policy, Profile
from treadguard.journal import Header, decoded
from treadguard.kernel import GateKeeper
from treadguard.session import virtual_time
from treadguard.session.api import ON_THE_BELT, Api
from treadguard.session.service import Companion, Crashed, Service, SessionOver, Trouble
from treadguard.sim.presets import preset_named
from treadguard.units import Decideg, Millis, kmh, pct

POSTURE_MS: Final = 200
ANSWERED_S: Final = 5.0
_OK: Final = 200
LOST: Final = "lines are lost"


def play(plan: Plan) -> Film:
    """The whole session, to the service's end."""
    return virtual_time.run(House(plan).play())


class House:
    """One machine, and whoever guards it."""

    def __init__(self, plan: Plan) -> None:
        self.film = Film()
        self.service: Service
        self._plan = plan
        self._ids = random.Random(f"{plan.seed} consents")
        self._header = Header(
            session=f"{random.Random(f'{plan.seed} session').getrandbits(64):016x}",
            started="2000-01-01T00:00:00+00:00",
            treadguard=version("treadguard"),
            mode=plan.mode,
            treadmill="the simulated treadmill",
            is_real=False,
            proven=True,
            policy=Policy(),
            profile=Profile(),
            initial=Kept(),
            programme=plan.programme,
        )
        self._keeper: GateKeeper
        self._sink: Turned
        self._life: asyncio.Task[None]
        self._crash: asyncio.Future[None]
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def now(self) -> int:
        """Milliseconds since the play began."""
        return round(self._loop.time() * 1000)

    async def play(self) -> Film:
        """Do each act at its time, then end the session in order."""
        plan, film = self._plan, self.film
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(lambda _, context: film.stray.append(str(context)))
        self._disk = Disk(plan.disk)
        self._door = Door(self._loop)
        self._treadmill = FilmedTreadmill(
            preset_named(plan.preset),
            film,
            check=self._check,
            quirks=plan.quirks,
            faults=plan.faults,
            seed=plan.seed,
            jitter=plan.jitter,
        )
        with virtual_disk(self._disk):
            self._live(Kept(), None)
            for act in plan.acts:
                await self._until(act.t)
                self._do(act)
            await self._until(plan.length_ms)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            film.over_at = self.now
            self.service.stop("the session is over")
            await self._life
        film.lost = next(
            (text for t, text in film.said if t >= film.over_at and LOST in text), None
        )
        film.journal, film.kept = bytes(self._disk.journal), self._disk.taken
        return film

    def _check(self, frame: bytes) -> str | None:
        # Each life of the service has a gate of its own.
        return self._keeper.check(frame)

    async def _until(self, t: int) -> None:
        await asyncio.sleep(max(0.0, t / 1000 - self._loop.time()))

    # ------------------------------------------------------------ lives of the service

    def _live(self, kept: Kept, after: Crashed | None) -> None:
        film = self.film
        self._keeper = GateKeeper()
        service = self.service = Service(
            replace(self._header, initial=kept),
            self._treadmill,
            self._keeper,
            self._recorder,
            new_id=lambda: f"{self._ids.getrandbits(64):016x}",
            say=lambda text: film.said.append((self.now, text)),
            after=after,
        )
        service.stream._watchers.add(_Spy(film.lines))  # type: ignore[arg-type]
        self._crash = self._loop.create_future()
        companions: dict[str, Companion] = {
            "API": Api(service, TOKEN, lambda _: None).run,
            "odd": self._odd,
        }
        film.lives.append((self.now, None))

        async def life() -> None:
            film.code = await service.run(companions)
            film.lives[-1] = (film.lives[-1][0], self.now)
            film.failure = film.failure or service.failure

        self._life = self._loop.create_task(life())

    def _recorder(self, trouble: Trouble) -> Turned:
        self._sink = Turned(self._disk, trouble)
        return self._sink

    async def _odd(self) -> None:
        await self._crash

    async def _die(self, for_ms: int) -> None:
        """As SIGKILL: what the recorder hadn't written is gone; then the service starts again."""
        service, self._sink.killed = self.service, True
        service.die()
        await asyncio.wait((self._life,))
        self._life.result()
        await asyncio.sleep(for_ms / 1000)
        last = decoded(bytes(self._disk.journal).splitlines()[-1])
        after = Crashed(last.get("seq", 0), Millis(max(last.get("t", 0), self.now)))
        self._live(self._disk.kept() or Kept.most_restrictive(), after)

    # ------------------------------------------------------------ acts

    def _do(self, act: Act) -> None:
        if act.role == "api":
            self._soon(self._press(act))
            return
        taken = True
        try:
            self._done(act)
        except SessionOver:
            taken = False
        self.film.hands.append(Hand(self.now, act, taken))

    def _done(self, act: Act) -> None:
        service, machine = self.service, self._treadmill
        role: Any = act.role
        match act.do:
            case "pain" | "button":
                level = None if act.do == "button" else act.value
                service.pain(
                    level, "mqtt" if role == "remote" else "local", role, retained=act.retained
                )
            case "symptom":
                service.symptom(act.what)
            case "console_speed":
                machine.console(kmh=kmh(act.value or 0))
            case "console_grade":
                machine.console(pct=pct(act.value or 0))
            case "console_start" | "console_stop":
                machine.console(start=act.do == "console_start", stop=act.do == "console_stop")
            case "safety_key":
                machine.safety_key()
            case "go":
                self._goes_on(act.t)
            case "posture":
                self._soon(self._stands(act))
            case "kill":
                if not self._life.done() and not self._sink.killed:
                    self._soon(self._die(act.value or 0))
            case "stall":
                self._stall(act.value or 0)
            case "crash":
                if self._life.done() or self._sink.killed:
                    raise SessionOver("nobody lives")
                if not self._crash.done():
                    self._crash.set_exception(RuntimeError("a companion failed"))
            case "flood":
                for n in range(act.value or 0):
                    self._soon(self._press(Act(act.t, "posture", n % 10, "api")))
            case _:
                service.operator(act.do, act.value, role)  # type: ignore[arg-type]

    def _soon(self, work: Any) -> None:
        self._tasks.add(self._loop.create_task(work))

    def _goes_on(self, t: int) -> None:
        """Somebody who finds the belt standing rates, comes back and speeds up again."""
        if self._treadmill.measured_speed == 0:
            self._do(Act(t, "pain", 0))
            self._do(Act(t, "resume"))
            self._tasks.add(self._loop.create_task(self._later(6_000, Act(t, "speed", 600))))

    async def _later(self, after_ms: int, act: Act) -> None:
        await asyncio.sleep(after_ms / 1000)
        self._do(act)

    def _stall(self, for_ms: int) -> None:
        """The loop stands still: the clock goes on, and nothing else."""
        begin = self.now
        assert isinstance(self._loop, virtual_time.VirtualTimeLoop)
        self._loop._jump.passed_s += for_ms / 1000
        self.film.stalls.append((begin, begin + for_ms))

    async def _press(self, act: Act) -> None:
        t = self.now
        path, body = _request(act)
        status = 0
        with contextlib.suppress(TimeoutError):
            status = await asyncio.wait_for(self._door.post(path, body), ANSWERED_S)
        if act.do != "posture":
            self.film.hands.append(Hand(t, act, status == _OK))

    async def _stands(self, act: Act) -> None:
        """Posture samples for a while, as the sensor's faults let them through."""
        for _ in range(int(act.what) // POSTURE_MS):
            lean = Decideg(act.value or 0)
            sample = self._treadmill.faults.posture(Posture(Millis(self.now), lean, Decideg(0)))
            if sample is not None:
                late_s = max(0, sample.t - self.now) / 1000
                self._loop.call_later(late_s, self._shown, sample)
            await asyncio.sleep(POSTURE_MS / 1000)

    def _shown(self, sample: Posture) -> None:
        self.service.feed(replace(sample, t=self.service.clock()))


class _Spy:
    """Reads along on the stream, whatever the disk does."""

    def __init__(self, lines: list[bytes]) -> None:
        self._lines = lines

    def offer(self, line: bytes) -> bool:
        self._lines.append(line)
        return True

    def finish(self) -> None:
        pass


def _request(act: Act) -> tuple[str, dict[str, object]]:
    match act.do:
        case "pain":
            return "/v1/pain", {"level": act.value}
        case "symptom":
            return "/v1/symptom", {"what": act.what}
        case "posture":
            return "/v1/posture", {"trunk_deg": (act.value or 0) / 10}
        case "button" | "stop" | "break" | "ease":
            return f"/v1/{act.do}", {}
    body: dict[str, object] = {"do": act.do}
    if act.do in STARTS:
        body["confirm"] = ON_THE_BELT
    if act.do in ("speed", "warm-up"):
        body["value"] = kmh(act.value or 0)
    elif act.do == "incline":
        body["value"] = pct(act.value or 0)
    return "/v1/operator", body
