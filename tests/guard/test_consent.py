"""A consent: what may be asked for with it, and how long it is good for."""

from __future__ import annotations

import pytest
from tests.guard.rig import Rig
from tests.guard.test_caps import consent, press

from treadguard.guard import events as ev


def test_a_raise_without_a_consent_does_nothing() -> None:
    rig = Rig().walking(400)
    since = rig.now
    press(rig, "speed", 600)
    press(rig, "incline", 30)
    rig.run(20)
    assert rig.ops(since) == []


def test_a_lowering_needs_no_consent() -> None:
    rig = Rig().walking(600, grade=20)
    press(rig, "speed", 400)
    press(rig, "incline", 0)
    rig.run(20)
    assert (rig.speed, rig.grade) == (400, 0)


def test_a_remote_request_may_lower_but_not_raise() -> None:
    rig = Rig().walking(600)
    rig.ask("speed", 500, role="remote")
    rig.run(10)
    assert rig.speed == 500
    since = rig.now
    rig.ask("speed", 600, role="remote")
    rig.ask("incline", 20, role="remote")
    rig.run(10)
    assert rig.ops(since) == []


def test_a_remote_request_uses_no_local_consent() -> None:
    rig = Rig().walking(400)
    since = rig.now
    consent(rig, "speed", 600)
    rig.ask("speed", 600, role="remote")
    rig.run(10)
    assert rig.ops(since) == []


@pytest.mark.parametrize("do", ["start", "resume"])
def test_a_start_needs_its_own_consent(do: ev.OperatorDo) -> None:
    rig = Rig()
    rig.connect()
    rig.run(5)
    press(rig, do)
    rig.run(3)
    assert rig.ops() == []
    consent(rig, "speed", 300)
    press(rig, do)
    rig.run(3)
    assert rig.ops() == []


def test_a_consent_is_used_once() -> None:
    rig = Rig().walking(400)
    consent(rig, "speed", 500)
    press(rig, "speed", 500)
    rig.run(15)
    assert rig.speed == 500
    press(rig, "speed", 400)
    rig.run(10)
    since = rig.now
    press(rig, "speed", 500)
    rig.run(15)
    assert rig.ops(since) == []
    assert rig.speed == 400


@pytest.mark.parametrize(("after", "moves"), [(9.75, True), (10.25, False)])
def test_a_consent_is_used_within_ten_seconds(after: float, moves: bool) -> None:
    rig = Rig().walking(400)
    consent(rig, "speed", 500)
    rig.run(after)
    since = rig.now
    press(rig, "speed", 500)
    rig.run(15)
    assert bool(rig.ops(since)) is moves


def test_a_consent_is_good_for_its_target_alone() -> None:
    rig = Rig().walking(400)
    consent(rig, "speed", 450)
    press(rig, "speed", 900)
    rig.run(30)
    assert rig.speed <= 450


def test_a_consent_for_the_speed_raises_no_incline() -> None:
    rig = Rig().walking(400)
    since = rig.now
    consent(rig, "speed", 450)
    press(rig, "incline", 20)
    rig.run(10)
    assert rig.ops(since) == []


def test_a_consent_alone_does_nothing() -> None:
    rig = Rig().walking(400)
    since = rig.now
    consent(rig, "speed", 600)
    rig.run(15)
    assert rig.ops(since) == []


def test_the_ramp_may_take_longer_than_the_consent() -> None:
    rig = Rig().walking(300)
    rig.ask("speed", 1_100)
    rig.run(50)
    assert rig.speed == 1_100


def test_a_target_above_the_limit_is_clipped_when_it_is_given() -> None:
    rig = Rig().walking(600)
    rig.pain(6)
    rig.run(140)
    rig.pain(0)
    rig.run(2)
    rig.ask("resume")
    rig.run(10)
    rig.ask("speed", 600)
    rig.run(200)
    assert rig.speed == 360, "60 % when the consent was given; what rises later moves nothing"


def test_a_lowering_ends_a_raise_for_good() -> None:
    rig = Rig().walking(300)
    rig.ask("speed", 900)
    rig.run(4.25)
    press(rig, "speed", 350)
    rig.run(60)
    assert rig.speed == 350


def test_a_stop_ends_a_raise_for_good() -> None:
    rig = Rig().walking(300)
    rig.ask("speed", 900)
    rig.run(4.25)
    rig.ask("stop")
    rig.run(15)
    rig.ask("resume")
    rig.run(60)
    assert rig.speed == 100


def test_a_start_leads_to_the_minimum_and_no_further() -> None:
    rig = Rig()
    rig.connect()
    rig.run(5)
    rig.ask("start")
    rig.run(60)
    assert rig.ops() == ["start"]
    assert rig.speed == 100


def test_a_consent_for_a_start_does_not_outlive_its_use() -> None:
    rig = Rig()
    rig.connect()
    rig.run(5)
    rig.ask("start")
    rig.run(20)
    rig.ask("stop")
    rig.run(20)
    since = rig.now
    press(rig, "resume")
    press(rig, "start")
    rig.run(5)
    assert rig.ops(since) == []
