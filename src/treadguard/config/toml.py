"""From a TOML file to checked values, and from any mistake in it to one clear sentence.

What the keys mean and how far they may move lives with the structs (settings.py, scenario.py);
this file only reads, checks against such a struct, and says what is wrong, where, and what would
be right. The rule to keep: whatever the file holds, the outcome is a value or a `ConfigError`.
"""

from __future__ import annotations

import difflib
import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

T = TypeVar("T")
Table = dict[str, Any]

_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


class ConfigError(Exception):
    """A setting, profile or scenario can't be used; the text is one sentence for its author."""

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence))


def printable(text: str) -> str:
    """The text without what would move a terminal's cursor or hide other text."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def read_toml(path: Path) -> Table:
    """The file's content as plain tables."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: this isn't UTF-8 text (byte {error.start}).") from error
    except ValueError as error:  # beside TOMLDecodeError: an int of thousands of digits
        raise ConfigError(f"{path}: this isn't valid TOML: {error}.") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: this isn't valid TOML: nested too deeply.") from error
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}.") from error


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> Table:
    """`base` with every key that `over` gives, table by table."""
    out = dict(base)
    for key, value in over.items():
        below = out.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            out[key] = merged(below, value)
        else:
            out[key] = value
    return out


def checked(data: Mapping[str, Any], as_type: type[T], where: str, under: str = "") -> T:
    """`data` as `as_type`. `where` names the file, `under` the table that the keys stand in."""
    try:
        return msgspec.convert(data, as_type)
    except msgspec.ValidationError as error:
        found = _PLACE.match(str(error))
        what, path = (found["what"], found["path"] or "") if found else (str(error), "")
        sentence = _sentence(what, path, data, inspect.type_info(as_type), under)
        raise ConfigError(f"{where}: {sentence}") from error


def closest(word: str, known: Iterable[str]) -> str:
    """The rest of a sentence that refuses `word`: what was probably meant, or what there is."""
    names = list(known)
    near = difflib.get_close_matches(word, names, n=1)
    return f'did you mean "{near[0]}"?' if near else f"there is {', '.join(names)}."


def shown(value: object) -> str:
    """A value from a file, as its author wrote it or nearly so."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    try:
        text = json.dumps(value, default=str, ensure_ascii=False)
    except ValueError:
        return "a number of thousands of digits"
    return text if len(text) <= 40 else text[:40] + "…"


def _sentence(what: str, path: str, data: object, kind: inspect.Type, under: str) -> str:
    value = data
    name = under
    entry = ""
    for match in _STEP.finditer(path):
        key, index = match[1], match[2]
        kind = _bare(kind, value)
        if index is not None:
            value = value[int(index)] if isinstance(value, list) else None
            kind = _item(kind, int(index))
            if _is_table(kind):
                entry = f" (entry {int(index) + 1} of [[{name}]])"
            name += f"[{index}]"
        else:
            if isinstance(kind, inspect.UnionType):
                kind = _tags(kind)
            else:
                kind = _field(kind, key)
            name += f".{key}" if name else key
            value = value.get(key) if isinstance(value, Mapping) else None
    kind = _bare(kind, value)
    here = f"{name}{entry}: " if name else ""
    if what.startswith("Object contains unknown field"):
        key = what.split("`")[1]
        full = f"{name}.{key}" if name else key
        return f'{full}{entry}: there is no key "{key}" here; {closest(key, _keys(kind))}'
    if what.startswith("Object missing required field"):
        return f'{here}the key "{what.split("`")[1]}" is missing.'
    if what.startswith(("Expected", "Invalid", "Number out of range")):
        return f"{name}{entry} must be {_allowed(kind)}, not {shown(value)}."
    return f"{here}{what}"


def _bare(kind: inspect.Type, value: object) -> inspect.Type:
    """The kind without its wrapping; of tagged structs the one that `value` names."""
    if isinstance(kind, inspect.Metadata):
        return _bare(kind.type, value)
    if isinstance(kind, inspect.UnionType):
        kinds = [k for k in kind.types if not isinstance(k, inspect.NoneType)]
        if len(kinds) == 1:
            return _bare(kinds[0], value)
        for k in kinds:
            if isinstance(k, inspect.StructType) and isinstance(value, Mapping):
                tag_field = k.tag_field or ""
                if value.get(tag_field) == k.tag:
                    return k
    return kind


def _tags(kind: inspect.UnionType) -> inspect.Type:
    tags = [k.tag for k in kind.types if isinstance(k, inspect.StructType)]
    return inspect.LiteralType(tuple(tag for tag in tags if tag is not None))


def _item(kind: inspect.Type, index: int) -> inspect.Type:
    if isinstance(kind, inspect.TupleType):
        return kind.item_types[index] if index < len(kind.item_types) else inspect.AnyType()
    if isinstance(kind, inspect.VarTupleType | inspect.ListType):
        return kind.item_type
    return inspect.AnyType()


def _field(kind: inspect.Type, key: str) -> inspect.Type:
    if isinstance(kind, inspect.StructType):
        for field in kind.fields:
            if field.encode_name == key:
                return field.type
    return inspect.AnyType()


def _keys(kind: inspect.Type) -> list[str]:
    return [f.encode_name for f in kind.fields] if isinstance(kind, inspect.StructType) else []


def _allowed(kind: inspect.Type) -> str:
    match kind:
        case inspect.IntType(ge=low, le=high) if low is not None and high is not None:
            return f"a whole number from {low} to {high}"
        case inspect.FloatType(ge=low, le=high) if low is not None and high is not None:
            return f"a number from {low:g} to {high:g}"
        case inspect.LiteralType(values=(True,)):
            return "true"
        case inspect.LiteralType(values=values):
            return "one of " + ", ".join(f'"{value}"' for value in values)
        case inspect.StrType(min_length=1):
            return "text that isn't empty"
        case inspect.StrType(max_length=int(most)):
            return f"text of at most {most} letters"
        case inspect.StrType():
            return "text"
        case inspect.BoolType():
            return "true or false"
        case inspect.DateType():
            return "a date like 2026-03-31"
        case inspect.TupleType(item_types=items):
            return f"a list of {len(items)} numbers"
        case inspect.VarTupleType(item_type=item):
            return "a list of tables" if _is_table(item) else "a list"
        case inspect.UnionType(types=kinds) if not _is_table(kind):
            return " or ".join(_allowed(k) for k in kinds if not isinstance(k, inspect.NoneType))
        case _:
            return "a table"


def _is_table(kind: inspect.Type) -> bool:
    kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    return all(isinstance(k, inspect.StructType) for k in kinds)
