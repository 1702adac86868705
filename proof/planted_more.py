"""More planted bugs: for a kind of test that can't notice the bug of its row (planted_bugs.py).

A test of the decoders, say, sees nothing of what the guard forgets. The rule to keep: such a bug,
too, breaks what the row claims.
"""

from __future__ import annotations

from typing import Final

from proof.planted_bugs import BUGS, Bug
from proof.planted_plans import PLANS

_MORE: Final = (
    Bug(
        "H05",
        "a Stop without effect isn't sent again",
        "treadguard.guard.passing",
        "    elif s.follow.stops < MAX_STOPS:\n",
        "    elif s.follow.stops < 1:\n",
        "tests/sessions/deaf_to_fault.jsonl",
        "R",
    ),
    Bug(
        "H08",
        "a Stop that was refused isn't followed any further",
        "treadguard.guard.wire",
        "        s.follow = replace(s.follow, pending=())\n    if e.result == NO_CONTROL:\n",
        "        s.follow = Follow(last_stop=s.follow.last_stop)\n    if e.result == NO_CONTROL:\n",
        "tests/guard/test_histories.py"
        "::test_every_command_of_a_random_history_keeps_the_invariants",
        "P",
    ),
    Bug(
        "H11",
        "the gate never looks whether the belt moves before a speed",
        "treadguard.gate",
        "    if known_stopped(state, t) or not state.has_moved:\n",
        "    if state.refused > 9_999:\n",
        "tests/test_gate_laws.py::TestLaws",
        "P",
    ),
    Bug(
        "H11",
        "the guard sets a speed while the belt stands",
        "treadguard.guard.order",
        "    speed_due = _speed_due(t, limit) if runs else None\n",
        "    speed_due = s.machine.speed_min\n",
        "tests/scenarios/set_speed_never_starts_the_belt.toml",
        "DE",
    ),
    Bug(
        "H16",
        "the speed is read with its bytes the wrong way round",
        "treadguard.ftms.treadmill_data",
        "            value = read(data, at, field.width, signed=field.signed)\n",
        "            value = read(data[:at] + data[at : at + field.width][::-1], at, field.width)"
        "\n",
        "tests/ftms/test_treadmill_data.py::test_what_is_encoded_decodes_to_the_same",
        "PF",
    ),
    Bug(
        "H24",
        "what hangs isn't in the way of the next command",
        "treadguard.treadmill.commands",
        "        elif self._flying:\n            older",
        "        elif len(self._flying) > 1:\n            older",
        "tests/treadmill/test_commands_laws.py::test_laws_of_every_history",
        "P",
    ),
    Bug(
        "H38",
        "a red flag is a break like any other",
        "treadguard.guard.hear",
        '    acts.end(t, "symptom", symptoms.lock_for(e.what))\n',
        '    acts.trigger(t, 5, "symptom", e.what)\n',
        "tests/scenarios/symptom_ends.toml",
        "D",
    ),
    Bug(
        "H38",
        "a lock in a file that can't be read is no lock",
        "treadguard.session.state_file",
        "        pass\n    return Kept.most_restrictive()\n",
        "        pass\n    return Kept()\n",
        "tests/session/test_state_file.py::test_every_flipped_bit_is_the_most_restrictive",
        "F",
    ),
    Bug(
        "H65",
        "a suspend is taken for a process that was held up",
        "treadguard.session.host_time",
        "        return Lost(Millis(round((slept_s + stalled_s) * 1000)), slept_s > STALL_S)\n",
        "        return Lost(Millis(round((slept_s + stalled_s) * 1000)), slept_s < 0)\n",
        "tests/session/test_host_time.py::test_a_moving_belt_is_stopped_after_a_suspend_and_a_press_from_before_raises_nothing",
        "D",
    ),
    Bug(
        "H08",
        "a Stop that one write type refuses is given up",
        "treadguard.treadmill.commands",
        "            # Refused, so the machine has taken nothing.\n"
        "            await self._written(sent, not self._request)\n",
        "",
        "tests/treadmill/test_commands_in_trouble.py"
        "::test_a_stop_that_one_write_type_refuses_is_tried_by_the_other",
        "D",
    ),
    Bug(
        "H12",
        "the third start against a break is taken like the first",
        "treadguard.guard.sense",
        "    starts = s.breaks.console_starts + 1\n",
        "    starts = 1\n",
        "tests/scenarios/console_start_in_a_break.toml",
        "D",
    ),
    Bug(
        "H14",
        "a machine that was never proven is driven",
        "treadguard.guard.state",
        '    shadow = mode == "shadow" or not proven\n',
        '    shadow = mode == "shadow"\n',
        "tests/guard/test_shadow.py::test_nothing_is_sent_on_stale_data_or_gaps",
        "U",
    ),
    Bug(
        "H48",
        "a consent to a start never runs out",
        "treadguard.gate",
        "    if state.start is None or t >= state.start:\n",
        "    if state.start is None:\n",
        "tests/test_gate_laws.py::test_no_consent_carries_two_starts",
        "P",
    ),
    Bug(
        "H48",
        "whoever asks from the network consents by it",
        "treadguard.session.service",
        '        if for_ is not None and role == "local":\n',
        "        if for_ is not None:\n",
        "tests/session/test_service.py::test_a_remote_request_never_carries_a_consent",
        "D",
    ),
    Bug(
        "H58",
        "a pain of 11 is taken",
        "treadguard.session.api",
        "    level: Annotated[int, Meta(ge=0, le=10)]\n",
        "    level: Annotated[int, Meta(ge=0, le=1000)]\n",
        "tests/proof/test_fuzz_corpora.py::test_nothing_that_was_kept_is_a_finding",
        "F",
    ),
    Bug(
        "H63",
        "a session that had ended goes on after the crash",
        "treadguard.guard.state",
        "    ended = kept.ended\n",
        "    ended: str | None = None\n",
        "tests/proof/test_core_sessions.py::test_random_sessions_keep_every_invariant",
        "P",
    ),
    Bug(
        "H65",
        "the computer's word that it goes to sleep is heard, and not passed on",
        "treadguard.session.staying_awake",
        '                    self._service.feed(Host(self._service.clock(), "sleep"))\n',
        "                    pass\n",
        "tests/session/test_staying_awake.py"
        "::test_a_sleep_stops_the_belt_first_and_waits_until_it_stands",
        "X",
    ),
    Bug(
        "H73",
        "a belt that still stops is shown as the break that was hoped for",
        "treadguard.dashboard.model",
        '    "STOPPING": Face("STOPPING", "■", "stop"),\n',
        '    "STOPPING": Face("BREAK", "■", "stop"),\n',
        "tests/dashboard/test_end_to_end.py::test_pain_six_stops_a_real_session_for_a_break",
        "X",
    ),
    Bug(
        "H75",
        "a Stop waits for its turn behind a speed that was just written",
        "treadguard.guard.passing",
        '    none_sent = s.follow.kind != "stop" or s.follow.stops == 0\n',
        "    young = s.speed.wrote is not None and t.now - s.speed.wrote < 1_000\n"
        '    none_sent = not young and (s.follow.kind != "stop" or s.follow.stops == 0)\n',
        "tests/guard/test_pain.py::test_a_stop_for_pain_jumps_ahead_of_a_raise_under_way",
        "U",
    ),
    Bug(
        "H79",
        "a replay loads the radio",
        "treadguard.replay.check",
        "from treadguard.replay.reader import DamagedJournal, read\n",
        "from treadguard.replay.reader import DamagedJournal, read\nimport bleak\n",
        "tests/test_hazards_release.py::test_what_replays_or_simulates_never_loads_a_radio",
        "X",
    ),
    Bug(
        "H80",
        "what the gate refuses goes out all the same",
        "treadguard.treadmill.gated",
        "        if why is not None:\n            raise GateRefused(why)\n",
        "",
        "tests/treadmill/test_contract.py::test_what_the_gate_refuses_reaches_nobody",
        "D",
    ),
)
MORE: Final[dict[str, Bug]] = {bug.key: bug for bug in _MORE}
"""By row and kinds: `H16.PF`."""

ALL: Final[dict[str, Bug]] = {**BUGS, **MORE, **PLANS}


def for_kind(row: str, kind: str) -> Bug:
    """The bug of a row that a test of this kind is to notice."""
    own = (bug for bug in _MORE if bug.row == row and kind in bug.kinds)
    return next(own, BUGS[row])
