"""What the stream leaves: the strip of the last minute, alarms that stay, posture."""

from __future__ import annotations

from tests.dashboard.moments import HEADER, command, line, run_of_a_minute

from treadguard.dashboard.history import Angle, Column, History


def told(*lines: dict[str, object]) -> History:
    history = History()
    for one in (HEADER, *lines):
        history.take(one)
    return history


def test_an_alarm_stays_until_it_is_acknowledged() -> None:
    history = told(line(1, 0, "alarm", say="Pull the key.", level=2))
    history.take(line(2, 500_000, "cue", say="Eyes ahead."))
    assert history.alarm is not None
    assert history.alarm.text == "Pull the key."
    assert history.acknowledge()
    assert history.alarm is None
    assert not history.acknowledge()


def test_a_newer_alarm_replaces_an_older_one() -> None:
    history = told(
        line(1, 0, "alarm", say="one", level=1), line(2, 10, "alarm", say="two", level=2)
    )
    assert history.alarm is not None
    assert (history.alarm.text, history.alarm.level) == ("two", 2)


def test_a_cue_is_news_for_half_a_minute() -> None:
    history = told(line(1, 0, "cue", say="Eyes ahead."), line(2, 29_999, "tick"))
    assert history.cue_now() is not None
    history.take(line(3, 30_000, "tick"))
    assert history.cue_now() is None


def test_the_strip_shows_the_speed_and_what_was_done() -> None:
    strip = told(*run_of_a_minute()).strip(60)
    assert strip[0] == Column(1.0)
    assert strip[20] == Column(5.0)
    assert strip[40] == Column(4.7, "▼")
    assert strip[59] == Column(4.2)


def test_a_silence_is_a_gap_on_the_strip_not_a_zero() -> None:
    lines = [line(s, s * 1000, "telemetry", speed=500, incline=0) for s in range(1, 51)]
    strip = told(*lines, line(51, 60_000, "tick")).strip(60)
    assert strip[49].speed_kmh == 5.0
    assert strip[53] == Column(None)
    assert strip[59] == Column(None)


def test_a_speed_that_the_record_leaves_out_is_unknown() -> None:
    strip = told(line(1, 60_000, "telemetry", incline=0)).strip(60)
    assert strip[59] == Column(None)


def test_a_stop_outranks_a_back_off_and_that_a_rating() -> None:
    strip = told(
        line(1, 59_500, "pain", level=6),
        command(2, 59_500, "set_speed", 400, "pain"),
        command(3, 59_600, "stop", None, "pain"),
        line(4, 60_000, "tick"),
    ).strip(60)
    assert strip[59].mark == "■"


def test_what_the_runner_does_is_no_intervention() -> None:
    strip = told(
        command(2, 30_000, "set_speed", 600, "consent"),
        command(3, 40_000, "set_speed", 500, "wanted"),
        line(4, 60_000, "tick"),
    ).strip(60)
    assert all(column.mark == "" for column in strip)


def test_what_shadow_would_have_done_is_marked_apart() -> None:
    strip = told(command(2, 60_000, "stop", None, "pain", shadow=True)).strip(60)
    assert strip[59].mark == "□"


def test_the_strip_fits_any_width() -> None:
    history = told(*run_of_a_minute())
    assert [len(history.strip(n)) for n in (0, 1, 7, 72, 200)] == [0, 1, 7, 72, 200]


def test_posture_is_over_the_baseline_with_its_thresholds() -> None:
    history = told(line(1, 100, "posture", trunk_deg=14.0, neck_deg=30.0, source="imu"))
    trunk, neck = history.posture()
    assert trunk == Angle("trunk", 12.0, (15.0, 20.0, 45.0), 50.0)
    assert neck == Angle("neck", 30.0, (25.0,), 50.0)


def test_a_silent_posture_sensor_is_unknown() -> None:
    history = told(line(1, 100, "posture", trunk_deg=14.0, source="imu"), line(2, 2_099, "tick"))
    assert history.posture() != []
    history.take(line(3, 2_100, "tick"))
    assert history.posture() == []
    assert history.posture_age_ms() == 2_000


def test_ramps_and_ticks_are_no_events() -> None:
    events = told(*run_of_a_minute()).newest(9)
    assert [event.text for event in events] == [
        "link up",
        "OFF -> RUNNING",
        "pain 3",
        "Easing to 4.2 km/h.",
    ]
    assert [event.text for event in told(*run_of_a_minute()).newest(1)] == ["Easing to 4.2 km/h."]


def test_another_session_begins_anew_and_the_same_goes_on() -> None:
    history = told(*run_of_a_minute(), line(999, 61_000, "end", summary={"belt": "at rest"}))
    history.take(HEADER)
    assert (history.seq, history.over) == (999, "at rest")
    history.take({**HEADER, "session": "another"})
    assert (history.seq, history.over, history.newest(9)) == (0, None, [])
