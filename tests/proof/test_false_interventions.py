"""H84: the guard meddles for no reason less than once in half an hour of the recorded sessions."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from proof.false_interventions import MOST_PER_HALF_HOUR, counted, interventions, read

SESSIONS: Final = sorted((Path(__file__).parents[1] / "sessions").glob("*.jsonl"))


def test_less_than_one_false_intervention_in_half_an_hour_of_the_recorded_sessions() -> None:
    found = counted(SESSIONS)
    assert found["minutes"] > 30
    assert found["founded"] > 50
    assert found["false"] * 30 / found["minutes"] < MOST_PER_HALF_HOUR


@pytest.mark.parametrize("kind", ["pain", "posture", "symptom", "link"])
def test_an_intervention_whose_reason_is_taken_out_is_counted(kind: str) -> None:
    """Otherwise the measure would find nothing."""
    for path in SESSIONS:
        lines = [line for line in read(path) if line["kind"] != kind]
        if any(not grounded for _, grounded in interventions(lines)):
            return
    pytest.fail("nothing was found")
