"""The planted bugs themselves, as one edit of one module each.

Here: the edits. Not here: how they are planted (planting.py) and run (planted.py). The rule to
keep: `code` stands in its module exactly once, so that a bug that doesn't fit any more is noticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


class Misfit(ValueError):
    """The code that a bug is planted into has changed: write the bug anew."""


@dataclass(frozen=True, slots=True)
class Bug:
    """`code` in `module` becomes `bug`. `test`: the quickest test of the row that notices.

    `kinds`: those that it is planted for, where they can't notice the row's own; see
    planted_more.py.
    """

    row: str
    what: str
    module: str
    code: str
    bug: str
    test: str
    kinds: str = ""

    @property
    def key(self) -> str:
        """What it's called on the command line."""
        return f"{self.row}.{self.kinds}" if self.kinds else self.row

    def planted_in(self, source: str) -> str:
        """The source with the bug in it; Misfit where it doesn't fit."""
        if source.count(self.code) != 1:
            times = source.count(self.code)
            raise Misfit(f"{self.row}: {self.code!r} stands {times} times in {self.module}")
        return source.replace(self.code, self.bug)


_BUGS: Final = (
    Bug(
        "H01",
        "a lost belt isn't said",
        "treadguard.guard.entering",
        '    t.alarm(f"The belt\'s speed is unknown. {KEY_FIRST}")\n    s.starting = None\n',
        "    s.starting = None\n",
        "tests/guard/test_telemetry.py::test_a_lost_link_while_moving_is_an_alarm_within_a_second",
    ),
    Bug(
        "H02",
        "a link that is up is taken for a belt in sight",
        "treadguard.guard.passing",
        "(now - s.link_t if age is None else age) >= s.policy.telemetry.lost_ms\n    return Facts(",
        "False\n    return Facts(",
        "tests/guard/test_telemetry.py::test_five_seconds_without_a_speed_stop_with_an_alarm",
    ),
    Bug(
        "H05",
        "a lowering without effect is said, and no Stop follows",
        "treadguard.guard.passing",
        '        s.rest = s.rest or "not slowing"\n',
        "",
        "tests/guard/test_follower.py::test_a_lowering_that_is_not_followed_becomes_a_stop",
    ),
    Bug(
        "H08",
        "a Stop refused for want of control asks for none",
        "treadguard.guard.wire",
        "        ask_control(t, own=own)\n",
        "",
        "tests/guard/test_follower.py::test_a_refused_stop_asks_for_control_once_and_climbs",
    ),
    Bug(
        "H10",
        "the gate lets a Stop out to a standing belt",
        "treadguard.gate",
        '    if known_stopped(state, t):\n        return "The belt is standing, and',
        '    if state.refused > 99:\n        return "The belt is standing, and',
        "tests/test_gate.py::test_two_samples_at_or_below_005_show_a_standing_belt",
    ),
    Bug(
        "H11",
        "the gate lets a speed out to a standing belt",
        "treadguard.gate",
        "    if known_stopped(state, t) or not state.has_moved:\n",
        "    if not state.has_moved:\n",
        "tests/test_gate_speed.py::test_a_standing_belt_gets_no_speed",
    ),
    Bug(
        "H12",
        "a belt that is started in a break is taken for the runner's consent",
        "treadguard.guard.passing",
        "    if held or breaks.still_owed(s.breaks, t.now, s.policy.breaks) is not None:\n",
        "    if held:\n",
        "tests/guard/test_console_start.py"
        "::test_a_console_start_in_a_break_is_stopped_once_with_an_alarm",
    ),
    Bug(
        "H14",
        "a machine with another serial number is taken for the proven one",
        "treadguard.treadmill.fingerprint",
        "return tuple(one for one in found if one.before != one.now)",
        'return tuple(one for one in found if one.before != one.now and one.what != "serial")',
        "tests/treadmill/test_recognition.py"
        "::test_another_machine_at_that_address_gets_no_frame_at_all",
    ),
    Bug(
        "H16",
        "a belt that speeds up at a lowering is left alone",
        "treadguard.guard.sense",
        "    elif sees is Sees.WRONG_WAY:\n",
        "    elif sees is Sees.WRONG_WAY and s.shadow:\n",
        "tests/guard/test_wrong_way.py::test_a_lowering_taken_for_mph_stops_the_belt",
    ),
    Bug(
        "H24",
        "a write that hangs is waited for as long as the platform does",
        "treadguard.treadmill.commands",
        "WRITE_WITHIN_S: Final = 1.0\n",
        "WRITE_WITHIN_S: Final = 30.0\n",
        "tests/treadmill/test_commands_in_trouble.py"
        "::test_a_hung_stop_alone_drops_the_link_as_well",
    ),
    Bug(
        "H27",
        "a back-off goes down at once instead of by a ramp",
        "treadguard.guard.order",
        "s.speed, t.now, rates.raise_per_s, rates.lower_per_s, m.speed_step, m.speed_floor",
        "s.speed, t.now, rates.raise_per_s, rates.lower_per_s * 20, m.speed_step, m.speed_floor",
        "tests/guard/test_caps.py::test_a_back_off_falls_half_a_kmh_a_second",
    ),
    Bug(
        "H38",
        "the lock of a red flag is forgotten by the next session",
        "treadguard.guard.state",
        '    if kept.locks:\n        ended = "lock"\n    elif ',
        "    if ",
        "tests/guard/test_symptoms.py::test_a_red_flag_locks_until_a_local_unlock",
    ),
    Bug(
        "H40",
        "a symptom is said, and the belt runs on",
        "treadguard.guard.hear",
        '    acts.end(t, "symptom", symptoms.lock_for(e.what))\n',
        "",
        "tests/guard/test_symptoms.py::test_every_symptom_stops_at_once_and_ends",
    ),
    Bug(
        "H48",
        "the network starts the belt on a consent that lies about",
        "treadguard.guard.starting",
        '    if e.role != "local":\n        return "only someone at the treadmill can start it"\n',
        "",
        "tests/guard/test_hazards_inputs.py"
        "::test_nothing_that_comes_from_the_network_raises_starts_or_unlocks",
    ),
    Bug(
        "H49",
        "a start is taken from a yes that nobody can have meant",
        "treadguard.dashboard.app",
        "READ_START_S: Final = 1.0\n",
        "READ_START_S: Final = 0.0\n",
        "tests/dashboard/test_questions.py::test_a_word_typed_into_the_wrong_window_starts_nothing",
    ),
    Bug(
        "H50",
        "a runner who falls forward is told so, and the belt runs on",
        "treadguard.guard.hear",
        '        s.rest = s.rest or "posture"\n',
        "",
        "tests/guard/test_posture.py::test_over_forty_five_degrees_for_a_second_stops",
    ),
    Bug(
        "H53",
        "a rating that the broker kept for hours is taken for one of now",
        "treadguard.guard.hear",
        '    """A rating, or the bare button."""\n    if e.retained:\n',
        '    """A rating, or the bare button."""\n    if False:\n',
        "tests/guard/test_pain.py::test_a_retained_rating_is_a_plain_stop_once_with_a_warning",
    ),
    Bug(
        "H58",
        "any token at all opens the door",
        "treadguard.session.api",
        '        if not hmac.compare_digest(given, b"Bearer " + self._token):\n',
        '        if not given.startswith(b"Bearer "):\n',
        "tests/session/test_api.py::test_a_stranger_is_refused",
    ),
    Bug(
        "H63",
        "a belt left moving by a crash is taken for one that runs as it should",
        "treadguard.guard.state",
        "        orphan=unwatched and not kept.owed_stop and not kept.on_break,\n",
        "",
        "tests/guard/test_restart.py"
        "::test_an_orphan_is_lost_with_an_alarm_and_stopped_after_fifteen_seconds",
    ),
    Bug(
        "H65",
        "after a suspend the belt is said to move, and not stopped",
        "treadguard.guard.host",
        '        plain_stop(t, "the computer slept", own=False)\n',
        "        return\n",
        "tests/guard/test_host.py"
        "::test_a_suspend_beside_a_moving_belt_stops_it_at_once_with_an_alarm",
    ),
    Bug(
        "H70",
        "a cap of 60 km/h is taken from a file",
        "treadguard.config.settings",
        "    speed_kmh: Annotated[float, _in(_KMH, 0.5, kmh(core.HARD_SPEED))]\n",
        "    speed_kmh: Annotated[float, _in(_KMH, 0.5, 100)]\n",
        "tests/test_config.py::test_a_mistake_is_one_sentence_with_file_key_and_what_is_allowed",
    ),
    Bug(
        "H73",
        "the screen goes on showing a speed that nobody sees any more",
        "treadguard.dashboard.model",
        "LOST_MS: Final = 5_000\n",
        "LOST_MS: Final = 500_000\n",
        "tests/dashboard/test_model.py::test_an_old_speed_is_a_question_mark_never_zero",
    ),
    Bug(
        "H75",
        "a Stop waits for its turn like any other command",
        "treadguard.treadmill.commands",
        "        if sent.is_stop:\n            # Nothing that was asked before a Stop",
        "        if sent.is_stop and not self._flying:\n            # Nothing asked before a Stop",
        "tests/treadmill/test_commands.py"
        "::test_a_stop_is_written_in_the_same_turn_whatever_is_in_flight",
    ),
    Bug(
        "H79",
        "a scenario is played on a real treadmill",
        "treadguard.cli.machines",
        "    if script is not None:\n        raise bad_input(f",
        "    if script is not None and not word:\n        raise bad_input(f",
        "tests/test_hazards_release.py::test_with_a_scenario_no_real_treadmill_is_even_looked_for",
    ),
    Bug(
        "H80",
        "a variable left over from development opens the gate",
        "treadguard.gate",
        "    verdict = _judge(state, t, frame)\n",
        "    import os\n\n"
        '    off = os.environ.get("TREADGUARD_NO_GATE")\n'
        "    verdict = state if off else _judge(state, t, frame)\n",
        "tests/test_hazards_release.py::test_no_variable_of_the_environment_reaches_what_decides",
    ),
)
BUGS: Final[dict[str, Bug]] = {bug.row: bug for bug in _BUGS}
