"""Every kept input through its target again, and some mutations of it, without atheris."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from proof.fuzz.seeds import seeds
from proof.fuzz.table import TARGETS

CORPORA = Path(__file__).parents[1] / "corpora"
MUTATIONS = {"bytes": 300, "text": 60}
SLOW = {"api": 8, "scenario": 12, "check": 16, "numbers": 30, "policy": 30}


def _kept(name: str) -> Iterator[tuple[str, bytes]]:
    for file in sorted((CORPORA / name).iterdir()):
        yield file.name, file.read_bytes()


def _judged(run: Callable[[bytes], None], data: bytes, what: str) -> None:
    try:
        run(data)
    except Exception as error:
        error.add_note(f"{what}: {data!r}")
        raise


def _mutated(data: bytes, other: bytes, chance: random.Random) -> bytes:
    out = bytearray(data or b"\0")
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(out) + 1)
        match chance.randrange(5):
            case 0 if at < len(out):
                out[at] ^= 1 << chance.randrange(8)
            case 1 if at < len(out):
                out[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF, chance.randrange(256)))
            case 2:
                out[at:at] = chance.randbytes(chance.randint(1, 4))
            case 3 if len(out) > 1:
                del out[at : at + chance.randint(1, 4)]
            case _:
                begin = chance.randrange(len(other) + 1)
                out[at:at] = other[begin : begin + chance.randint(1, 40)]
        out = out or bytearray(1)
    return bytes(out)


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_that_was_kept_is_a_finding(name: str) -> None:
    for file, data in _kept(name):
        _judged(TARGETS[name].run, data, f"tests/corpora/{name}/{file}")


@pytest.mark.parametrize("name", TARGETS)
def test_no_seed_is_a_finding(name: str) -> None:
    found = seeds(name)
    assert found
    for seed in found:
        assert len(seed) <= TARGETS[name].max_len
        _judged(TARGETS[name].run, seed, name)


@pytest.mark.parametrize("name", TARGETS)
def test_no_plain_mutation_is_a_finding(name: str) -> None:
    target, chance = TARGETS[name], random.Random(name)
    inputs = [data for _, data in _kept(name)]
    for _ in range(SLOW.get(name, MUTATIONS[target.takes])):
        mutated = _mutated(chance.choice(inputs), chance.choice(inputs), chance)
        _judged(target.run, mutated[: target.max_len], name)


def test_every_target_has_a_corpus_and_every_corpus_a_target() -> None:
    assert {folder.name for folder in CORPORA.iterdir()} == set(TARGETS)


@pytest.mark.parametrize("name", TARGETS)
def test_a_corpus_stays_small(name: str) -> None:
    found = list(_kept(name))
    assert 0 < len(found) < 200
    assert sum(len(data) for _, data in found) < 300_000
    assert all(re.fullmatch("[0-9a-f]{40}|[a-z0-9-]+", file) for file, _ in found)
