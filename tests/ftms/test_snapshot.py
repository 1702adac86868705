import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ftms.records import FULL, records

from treadguard.ftms.snapshot import Snapshot
from treadguard.ftms.treadmill_data import FIELDS, TreadmillData, decode, encode_split
from treadguard.units import Millis


def merged(*notifications: TreadmillData) -> Snapshot:
    """One notification a second, from 1000 ms on."""
    snapshot = Snapshot()
    for i, data in enumerate(notifications, start=1):
        snapshot.merge(data, Millis(1000 * i))
    return snapshot


def test_a_fresh_snapshot_knows_nothing() -> None:
    snapshot = Snapshot()
    assert snapshot.latest == TreadmillData()
    assert {snapshot.age_ms(field, Millis(5)) for field in FIELDS} == {None}


def test_a_speed_counts_before_its_record_is_whole() -> None:
    snapshot = merged(decode(bytes.fromhex("00206400fa00")))
    assert snapshot.latest.speed == 100
    assert snapshot.age_ms("speed", Millis(1250)) == 250


@pytest.mark.parametrize("order", [1, -1])
def test_a_split_record_merges_in_either_order(order: int) -> None:
    parts = [decode(part) for part in encode_split(FULL)][::order]
    assert merged(*parts).latest == FULL


def test_a_notification_without_speed_neither_clears_nor_refreshes_it() -> None:
    snapshot = merged(TreadmillData(speed=300), TreadmillData(steps_vendor=7, more_data=True))
    assert (snapshot.latest.speed, snapshot.latest.steps_vendor) == (300, 7)
    assert snapshot.age_ms("speed", Millis(2000)) == 1000
    assert snapshot.age_ms("steps_vendor", Millis(2000)) == 0


def test_a_zero_is_a_value_and_replaces_the_last_one() -> None:
    snapshot = merged(TreadmillData(speed=300, incline=10), TreadmillData(speed=0, incline=0))
    assert (snapshot.latest.speed, snapshot.latest.incline) == (0, 0)


def test_the_same_value_again_is_fresh() -> None:
    snapshot = merged(TreadmillData(speed=300), TreadmillData(speed=300))
    assert snapshot.age_ms("speed", Millis(2000)) == 0


def test_an_unavailable_value_leaves_the_last_one_to_age() -> None:
    snapshot = merged(TreadmillData(incline=10), decode(bytes.fromhex("08000000ff7f0500")))
    assert snapshot.latest.incline == 10
    assert snapshot.age_ms("incline", Millis(3000)) == 2000


def test_the_marks_of_one_notification_dont_stick() -> None:
    snapshot = merged(TreadmillData(more_data=True, truncated=True, trailing=b"x"))
    assert snapshot.latest == TreadmillData()


def test_asking_for_a_field_that_isnt_one_is_an_error_not_an_unknown() -> None:
    with pytest.raises(KeyError):
        Snapshot().age_ms("velocity", Millis(0))


@given(st.lists(records(), max_size=5))
def test_each_field_is_the_last_one_that_came(notifications: list[TreadmillData]) -> None:
    snapshot = merged(*notifications)
    now = Millis(1000 * len(notifications))
    for field in FIELDS:
        came = [i for i, data in enumerate(notifications) if getattr(data, field) is not None]
        last = getattr(notifications[came[-1]], field) if came else None
        age = 1000 * (len(notifications) - 1 - came[-1]) if came else None
        assert getattr(snapshot.latest, field) == last
        assert snapshot.age_ms(field, now) == age
