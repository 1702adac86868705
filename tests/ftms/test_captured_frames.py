"""Bytes of real machines (tests/data/frames.jsonl), against what their sources say of them.

`expected` is what the source states beside the bytes, `decoded` what an independent decoder makes
of them. Both have their own names for some things; `contract` puts them in ours.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from treadguard.ftms.describe import describe

FRAMES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "frames.jsonl").read_text().splitlines()
]
RENAMED = {"elev_gain_pos_m": "elevation_gain_m", "elev_gain_neg_m": "elevation_loss_m"}
VALUE_NAMES = {"kmh", "pct", "param"}
NOT_OURS = {"flags", "rfu_bits"}


def contract(char: str, theirs: dict[str, Any]) -> dict[str, Any]:
    """Their account of a frame under the keys of `treadguard decode`."""
    ours: dict[str, Any] = {}
    for key, value in theirs.items():
        if key in NOT_OURS or value is None:
            continue
        if key in {"op", "status"}:
            ours["name"] = value
        elif key == "string":
            ours |= {"text": value} if value else {}
        elif key in VALUE_NAMES:
            ours["value"] = value
        elif key == "response_to":
            ours |= {"name": "response", "op": 0x80, "request": int(value, 16)}
        elif key == "rr_raw":
            ours["rr_ms"] = [round(raw * 1000 / 1024, 1) for raw in value]
        elif key == "trailing_hex" and char == "2acd" and "rfu_bits" in theirs:
            # Their decoder leaves the vendor's steps unread.
            ours["steps_vendor"] = int.from_bytes(bytes.fromhex(value), "little")
        else:
            ours[RENAMED.get(key, key)] = value
    return ours


@pytest.mark.parametrize("frame", FRAMES, ids=lambda f: f"{f['model']}-{f['char']}-{f['hex']}")
def test_a_real_frame_says_what_its_source_says(frame: dict[str, Any]) -> None:
    said = describe(frame["char"], bytes.fromhex(frame["hex"]))
    expected = contract(frame["char"], frame["expected"] or {})
    assert {key: said.get(key) for key in expected} == expected
    if frame["decoded"] is not None:
        decoded = contract(frame["char"], frame["decoded"])
        # Ours alone: the numbers beside the names, and zeros behind a status's parameter.
        ours_alone = {"op", "code"} | ({"trailing_hex"} if frame["char"] == "2ada" else set())
        assert {k: v for k, v in said.items() if k in decoded or k not in ours_alone} == decoded


def test_every_frame_is_checked_against_something_and_keeps_its_licence() -> None:
    assert len(FRAMES) == 90
    for frame in FRAMES:
        assert frame["expected"] or frame["decoded"]
        assert frame["source"]
        assert frame["licence"] in {"MIT", "Apache-2.0", "ISC"}


def test_notice_names_every_project() -> None:
    notice = (Path(__file__).parents[2] / "NOTICE").read_text()
    for frame in FRAMES:
        assert frame["source"].split()[0] in notice
