"""Which small changes there are, how a mutant is named, and what the list of the allowed asks."""

from __future__ import annotations

from pathlib import Path

import pytest
from proof.mutation.allowed import BadEntry, allowed, entry, stale
from proof.mutation.mutants import Key, files, mutants_in, mutants_of


def changes(source: str) -> set[str]:
    return {m.key.change for m in mutants_in("gate.py", source)}


@pytest.mark.parametrize(
    ("source", "there"),
    [
        ("x = a < b", {"`<` to `<=`", "`<` to `>=`"}),
        ("x = a is None", {"`is` to `is not`"}),
        ("x = a and b", {"`and` to `or`"}),
        ("x = not a", {"without `not`"}),
        ("x = a - b", {"`-` to `+`"}),
        ("LIMIT: int = 20", {"`20` to `21`", "`20` to `19`"}),
        ("def f(a=True): ...", {"`True` to `False`"}),
        ("class C:\n    a: int = 3", {"`3` to `4`", "`3` to `2`"}),
        ("x = min(a, b)", {"`min` to `max`"}),
        ("def f(a):\n    return a", {"the result to None"}),
        ("if a:\n    pass", {"the condition to True", "the condition to False"}),
        ("x = [a for a in b if a]", {"`if a` to `if True`", "`if a` to `if False`"}),
        ("x = replace(s, a=b)", {"`replace` without `a`"}),
        ("def f(s):\n    s.a = s.b", {"`s.a = s.b` to `pass`"}),
        ("def f(s):\n    s = s.b", {"`s = s.b` to `pass`"}),
        ("def f(s):\n    s.go()", {"`s.go()` to `pass`"}),
        ("x = a == 'stop'", {"`==` to `!=`", "`'stop'` to `'another stop'`"}),
        ("x = a in ('stop',)", {"`in` to `not in`", "`'stop'` to `'another stop'`"}),
        ("x = b'\\x08'", {"`b'\\x08'` to `b'\\t'`"}),
        (
            "match a:\n    case 'stop':\n        pass",
            {"`case 'stop'` to one that never fits", "`'stop'` to `'another stop'`"},
        ),
    ],
)
def test_every_kind_of_change_is_tried(source: str, there: set[str]) -> None:
    assert changes(source) == there


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring with 3 words."""',
        "x: Literal[3, 4]",
        "@dataclass(frozen=True)\nclass C: ...",
        "def f(s):\n    t = s.a",
        "x = 'a sentence'",
        "def f():\n    return None",
        "Thing = int | str",
    ],
)
def test_what_is_no_behaviour_stays(source: str) -> None:
    assert changes(source) == set()


def test_a_mutant_runs_as_it_says() -> None:
    """And the tree is itself again after it."""
    source = "def f(a):\n    if a < 3:\n        return 'low'\n    return 'high'\n"
    got = []
    for mutant in mutants_in("gate.py", source):
        names: dict[str, object] = {}
        exec(mutant.code(), names)  # noqa: S102 (the code of six lines above)
        f = names["f"]
        assert callable(f)
        got.append((mutant.key.change, f(2), f(3)))
    assert got == [
        ("the condition to True", "low", "low"),
        ("the condition to False", "high", "high"),
        ("`<` to `<=`", "low", "low"),
        ("`<` to `>=`", "high", "low"),
        ("`3` to `4`", "low", "low"),
        ("`3` to `2`", "high", "high"),
        ("the result to None", None, "high"),
        ("the result to None", "low", None),
    ]


def test_every_file_of_the_three_parts_has_mutants_and_each_mutant_a_key_of_its_own() -> None:
    keys = [m.key for file in files() for m in mutants_of(file)]
    assert len(keys) == len(set(keys)) > 5_000
    blank = {file for file in files() if not any(k.file == file for k in keys)}
    assert all(file.endswith("__init__.py") for file in blank)


def test_a_mutant_keeps_its_key_when_lines_move() -> None:
    source = "a = 1\nb = 1 < 2\n"
    before = [m.key for m in mutants_in("gate.py", source)]
    assert [m.key for m in mutants_in("gate.py", "\n\n" + source)] == before


# ---------------------------------------------------------------- the allowed


def test_the_list_names_mutants_that_are_there_and_at_most_one_in_a_hundred() -> None:
    listed = allowed()
    assert stale(listed) == []
    assert len(listed) * 100 <= sum(1 for file in files() for _ in mutants_of(file))


def test_an_entry_for_code_that_is_gone_is_stale() -> None:
    key = next(mutants_of("gate.py")).key
    gone = Key(key.file, key.where, "no_such = line", key.change)
    assert len(stale([key, gone])) == 1


@pytest.mark.parametrize("reason", ["", "  "])
def test_an_entry_says_why(tmp_path: Path, reason: str) -> None:
    key = next(mutants_of("gate.py")).key
    path = tmp_path / "allowed.toml"
    path.write_text(entry(key, "It is the same."), "utf-8")
    assert allowed(path) == {key: "It is the same."}
    path.write_text(entry(key, reason), "utf-8")
    with pytest.raises(BadEntry, match="the reason is empty"):
        allowed(path)
