"""A bent neck: how long, how far, and what a glance down is not."""

from __future__ import annotations

from tests.guard.rig import Rig
from tests.guard.test_posture import cues, first_back_off, rate

from treadguard.guard.policy import Profile
from treadguard.units import Decideg


def test_a_bent_neck_for_ten_seconds_brings_a_cue() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.leans(9.5, neck=25.1)
    assert cues(rig, since) == []
    rig.leans(1, neck=25.1)
    assert len(cues(rig, since)) == 1
    assert first_back_off(rig, since) is None


def test_a_neck_at_exactly_twenty_five_is_fine() -> None:
    rig = Rig().walking()
    since = rig.now
    rig.leans(60, neck=25)
    assert cues(rig, since) == []
    assert first_back_off(rig, since) is None


def test_a_neck_bent_for_thirty_of_sixty_seconds_backs_off() -> None:
    rig = Rig().walking()
    since = rig.now
    for _ in range(6):
        rig.leans(5.25, neck=26)
        rig.leans(4.75, neck=5)
    rig.leans(5, neck=5)
    assert first_back_off(rig, since) is not None
    assert rig.speed == 540


def test_a_neck_bent_without_a_break_backs_off_after_thirty_seconds() -> None:
    rig = Rig().walking()
    rig.leans(62, neck=5)
    since = rig.now
    rig.leans(29.5, neck=26)
    assert first_back_off(rig, since) is None
    rig.leans(1.5, neck=26)
    assert first_back_off(rig, since) is not None


def test_a_neck_bent_for_less_than_thirty_of_sixty_seconds_does_not_back_off() -> None:
    rig = Rig().walking()
    since = rig.now
    for _ in range(15):
        rig.leans(4.5, neck=26)
        rig.leans(5.5, neck=5)
        rate(rig)
    assert first_back_off(rig, since) is None


def test_a_glance_down_is_nothing() -> None:
    """H44."""
    rig = Rig().walking()
    since = rig.now
    for _ in range(6):
        rig.leans(2, neck=40)
        rig.leans(8, neck=5)
    assert cues(rig, since) == []
    assert first_back_off(rig, since) is None


def test_the_neck_has_its_own_baseline() -> None:
    rig = Rig(profile=Profile(neck_baseline=Decideg(50))).walking()
    since = rig.now
    rig.leans(20, neck=29)
    assert cues(rig, since) == []
