"""All fuzz targets by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from proof.fuzz import doors, frames, journals, kept, readings, settings
from proof.fuzz.target import Target

TARGETS: Final[Mapping[str, Target]] = {
    target.name: target
    for module in (frames, readings, settings, kept, doors, journals)
    for target in module.TARGETS
}
