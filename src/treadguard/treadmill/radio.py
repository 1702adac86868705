"""Where bleak's scanners and clients come from: an adapter of this machine, or a virtual radio.

Nothing else in treadguard makes a bleak object. The rule to keep: each connection is a fresh
client; one that was dropped is never connected again (bleak 3 on BlueZ multiplies every
indication then).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bleak import BleakClient, BleakScanner
from bleak.args.bluez import BlueZClientArgs, BlueZScannerArgs
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementDataCallback, BaseBleakScanner

CONNECT_WITHIN_S: Final = 10.0
"""bleak waits 30 s by default; a belt that may be moving is looked for anew sooner."""


@dataclass(frozen=True, slots=True)
class Radio:
    """One way onto the air. `adapter` is a BlueZ name such as "hci0", None the first powered one.

    The types are bleak backends; None is the platform's own.
    """

    adapter: str | None = None
    client_type: type[BaseBleakClient] | None = None
    scanner_type: type[BaseBleakScanner] | None = None

    def scanner(self, seen: AdvertisementDataCallback | None = None) -> BleakScanner:
        """A scanner, not started. `seen` is called for every advertisement."""
        bluez: BlueZScannerArgs = {} if self.adapter is None else {"adapter": self.adapter}
        return BleakScanner(seen, bluez=bluez, backend=self.scanner_type)

    def client(self, device: BLEDevice, gone: Callable[[BleakClient], None]) -> BleakClient:
        """A fresh client, not connected. `gone` is called when its link ends, by either side."""
        bluez: BlueZClientArgs = {} if self.adapter is None else {"adapter": self.adapter}
        return BleakClient(
            device,
            disconnected_callback=gone,
            timeout=CONNECT_WITHIN_S,
            bluez=bluez,
            backend=self.client_type,
        )
