"""What goes wrong on the air, in words for the person at the treadmill, with the way out.

The rule to keep: nothing here decides anything. Whatever bleak raises has a sentence; one that
isn't known is passed on as bleak says it.
"""

from __future__ import annotations

from typing import Final

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)

ON_AIR: Final = (BleakError, TimeoutError, OSError, EOFError)
"""What a scan, a connection or a GATT procedure may raise, on any platform."""

NOT_THERE: Final = (
    "the treadmill isn't in sight: switch it on, come closer, and close every other app that is"
    " connected to it"
)
_NO_ANSWER: Final = (
    "the treadmill didn't answer in time: come closer, close every other app that is connected to"
    " it, or switch it off and on"
)
_NO_BLUEZ: Final = (
    "the Bluetooth service isn't running: install bluez and start it"
    " ('sudo systemctl start bluetooth')"
)
_NO_DBUS: Final = (
    "there is no Bluetooth service to talk to, because the system's D-Bus isn't running: install"
    " dbus and bluez and start both"
)
_OFF: Final = "Bluetooth is switched off: switch it on ('bluetoothctl power on')"
_DENIED: Final = (
    "this user may not use Bluetooth: allow it in the system's settings (on Linux"
    " 'sudo usermod -aG bluetooth $USER', then log in again)"
)
_BUSY: Final = (
    "the Bluetooth adapter is busy: wait a moment, close other programs that scan or connect, or"
    " restart it ('sudo systemctl restart bluetooth')"
)

_TRY: Final = "try again, and if it stays so, switch the treadmill off and on"

_Reason = BleakBluetoothNotAvailableReason
_UNAVAILABLE: Final = {
    _Reason.NO_BLUETOOTH: "this computer has no Bluetooth adapter: plug one in",
    _Reason.NO_BLE_CENTRAL_ROLE: (
        "the Bluetooth adapter can't connect to Low Energy devices: use another one"
    ),
    _Reason.POWERED_OFF: _OFF,
    _Reason.DENIED_BY_USER: _DENIED,
    _Reason.DENIED_BY_SYSTEM: _DENIED,
    _Reason.DENIED_BY_UNKNOWN: _DENIED,
}
_DBUS: Final = {
    "org.freedesktop.DBus.Error.ServiceUnknown": _NO_BLUEZ,
    "org.freedesktop.DBus.Error.NameHasNoOwner": _NO_BLUEZ,
    "org.freedesktop.DBus.Error.AccessDenied": _DENIED,
    "org.freedesktop.DBus.Error.NoReply": _NO_ANSWER,
    "org.freedesktop.DBus.Error.UnknownObject": NOT_THERE,
    "org.bluez.Error.NotReady": _OFF,
    "org.bluez.Error.NotAuthorized": _DENIED,
    "org.bluez.Error.InProgress": _BUSY,
}


def in_words(error: BaseException) -> str:
    """Why it failed and what to do, as the second half of a sentence."""
    match error:
        case BleakBluetoothNotAvailableError():
            return _UNAVAILABLE.get(error.reason, f"Bluetooth can't be used: {error.args[0]}")
        case BleakDBusError():
            name = error.dbus_error.rpartition(".")[2]
            said = error.dbus_error_details or name
            return _DBUS.get(error.dbus_error, f"the Bluetooth service says {said!r}: {_TRY}")
        case BleakDeviceNotFoundError():
            return NOT_THERE
        case BleakGATTProtocolError():
            return f"the treadmill refuses that (ATT 0x{error.code:02x}): {_TRY}"
        case TimeoutError():
            return _NO_ANSWER
        case FileNotFoundError() | ConnectionRefusedError():
            return _NO_DBUS
        case BleakError() if str(error).startswith("adapter "):
            return f"there is no Bluetooth {error}: leave --adapter out, or see 'treadguard doctor'"
        case BleakError() if str(error).startswith("device "):
            return NOT_THERE
    said = " ".join(str(error).split()).rstrip(".")
    return said or f"the connection failed without a reason: {_TRY}"
