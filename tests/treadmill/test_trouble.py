"""Every trouble on the air has a sentence that a person at a treadmill can act on."""

from __future__ import annotations

import asyncio

import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
    BleakGATTProtocolErrorCode,
)

from treadguard.treadmill.trouble import ON_AIR, in_words

DBUS = [
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.AccessDenied",
    "org.freedesktop.DBus.Error.NoReply",
    "org.freedesktop.DBus.Error.UnknownObject",
    "org.bluez.Error.NotReady",
    "org.bluez.Error.InProgress",
    "org.bluez.Error.Failed",
    "org.bluez.Error.NotSupported",
    "org.bluez.Error.NotConnected",
    "org.bluez.Error.NotAuthorized",
    "org.bluez.Error.AuthenticationFailed",
    "org.example.Unheard",
]
BODIES: list[list[str]] = [[], ["le-connection-abort-by-local"]]

ANY: list[Exception] = [
    *(BleakBluetoothNotAvailableError("why not", r) for r in BleakBluetoothNotAvailableReason),
    *(BleakDBusError(name, body) for name in DBUS for body in BODIES),
    *(BleakGATTProtocolError(code) for code in BleakGATTProtocolErrorCode),
    BleakDeviceNotFoundError("AA:BB:CC:DD:EE:FF"),
    BleakDeviceNotFoundError("AA:BB:CC:DD:EE:FF", "gone"),
    BleakCharacteristicNotFoundError("00002ad9-0000-1000-8000-00805f9b34fb"),
    BleakError("failed to discover services, device disconnected"),
    BleakError("Service Discovery has not been performed yet"),
    BleakError("adapter 'hci7' not found"),
    BleakError("device 'dev_AA_BB_CC_DD_EE_FF' not found"),
    BleakError("Not connected"),
    BleakError("The device is gone."),
    BleakError(),
    TimeoutError(),
    EOFError(),
    OSError(),
    ConnectionRefusedError(111, "Connection refused"),
    FileNotFoundError(2, "No such file or directory"),
    ConnectionResetError(104, "Connection reset by peer"),
    BrokenPipeError(32, "Broken pipe"),
    PermissionError(13, "Permission denied"),
]


@pytest.mark.parametrize("error", ANY, ids=repr)
def test_every_trouble_is_one_plain_sentence(error: Exception) -> None:
    said = in_words(error)
    assert said
    assert said == said.strip()
    assert "\n" not in said
    assert "Traceback" not in said
    assert "Error" not in said
    assert not said.endswith(".")
    assert said != repr(error)


@pytest.mark.parametrize("reason", list(BleakBluetoothNotAvailableReason))
def test_each_reason_why_bluetooth_is_not_there_says_the_way_out(
    reason: BleakBluetoothNotAvailableReason,
) -> None:
    said = in_words(BleakBluetoothNotAvailableError("why not", reason))
    assert "bluetooth" in said.lower()
    if reason is not BleakBluetoothNotAvailableReason.UNKNOWN:
        assert "why not" not in said
        assert ":" in said, "after the colon stands what to do"


def test_a_reason_that_nobody_knows_is_told_as_bleak_tells_it() -> None:
    unknown = BleakBluetoothNotAvailableReason.UNKNOWN
    assert "why not" in in_words(BleakBluetoothNotAvailableError("why not", unknown))


@pytest.mark.parametrize(
    ("error", "way_out"),
    [
        (BleakBluetoothNotAvailableError("", BleakBluetoothNotAvailableReason.POWERED_OFF), "on"),
        (BleakDBusError("org.bluez.Error.NotReady", []), "switch it on"),
        (BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", []), "bluez"),
        (FileNotFoundError(2, "No such file or directory"), "D-Bus"),
        (ConnectionRefusedError(111, "Connection refused"), "D-Bus"),
        (BleakDBusError("org.freedesktop.DBus.Error.AccessDenied", []), "allow"),
        (BleakDBusError("org.bluez.Error.InProgress", []), "busy"),
        (BleakDeviceNotFoundError("AA:BB:CC:DD:EE:FF"), "switch it on"),
        (BleakError("device 'dev_AA' not found"), "switch it on"),
        (BleakError("adapter 'hci7' not found"), "no Bluetooth adapter 'hci7'"),
        (TimeoutError(), "come closer"),
    ],
    ids=repr,
)
def test_the_usual_troubles_have_their_own_way_out(error: Exception, way_out: str) -> None:
    assert way_out in in_words(error)


def test_what_nobody_knows_passes_through_on_one_line() -> None:
    assert in_words(BleakError("the moon\nis in\t the way")) == "the moon is in the way"


@pytest.mark.parametrize("error", ANY, ids=repr)
def test_all_of_it_is_caught_where_the_air_is_used(error: Exception) -> None:
    assert isinstance(error, ON_AIR)


def test_a_fault_of_our_own_is_not_the_airs() -> None:
    assert not issubclass(KeyError, ON_AIR)
    assert not issubclass(asyncio.CancelledError, ON_AIR)
