"""Real processes on the real clock: `pytest -m slow tests/processes`, and 'make prove'."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/processes" in item.path.as_posix():
            item.add_marker(pytest.mark.slow)
