from treadguard.ftms.characteristics import Characteristic, Service


def test_uuids_are_the_assigned_numbers_on_the_bluetooth_base() -> None:
    assert Characteristic.TREADMILL_DATA.uuid == "00002acd-0000-1000-8000-00805f9b34fb"
    assert Service.FITNESS_MACHINE.uuid == "00001826-0000-1000-8000-00805f9b34fb"
    assert Service.HEART_RATE.uuid == "0000180d-0000-1000-8000-00805f9b34fb"


def test_the_numbers_are_those_of_the_spec() -> None:
    assert {one.name: one.short for one in Characteristic} == {
        "MODEL": "2a24",
        "SERIAL": "2a25",
        "FIRMWARE": "2a26",
        "HARDWARE": "2a27",
        "SOFTWARE": "2a28",
        "MAKER": "2a29",
        "HEART_RATE_MEASUREMENT": "2a37",
        "FEATURE": "2acc",
        "TREADMILL_DATA": "2acd",
        "TRAINING_STATUS": "2ad3",
        "SPEED_RANGE": "2ad4",
        "INCLINE_RANGE": "2ad5",
        "CONTROL_POINT": "2ad9",
        "MACHINE_STATUS": "2ada",
    }
