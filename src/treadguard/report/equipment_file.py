"""What the owner said of treadmill, shoes and themselves: one file of answers, and what is kept.

An answers file (configs/equipment.toml) is about the one treadmill that the command names;
equipment.toml in the user's configuration directory keeps a table for each, by address, with the
date. The rules to keep: sizes stay as they were written, and each has its unit; a file that can't
be read is refused whole, and one that is written is whole at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import msgspec
import platformdirs
import tomli_w
from msgspec import Meta, Struct, structs

from treadguard.config.runner import profile_file
from treadguard.config.toml import ConfigError, checked, read_toml
from treadguard.private_file import private_folder, write_private
from treadguard.report.equipment import Key
from treadguard.report.quantities import (
    HEIGHT,
    INCLINE,
    LENGTH,
    POWER,
    SPEED,
    WIDTH,
    Kind,
    quantity,
)

QUANTITIES: Final[Mapping[str, Kind]] = {
    "power": POWER,
    "belt_length": LENGTH,
    "belt_width": WIDTH,
    "incline": INCLINE,
    "top_speed": SPEED,
    "height": HEIGHT,
}
_HEAD: Final = """\
# What you said of your equipment. Change an answer here, or with treadguard inspect NAME --ask:
# that writes the file anew, and comments of your own are lost.

"""

T = TypeVar("T", bound=Struct)


class _Table(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`answered`: the day it was asked; a table without it was never asked."""

    answered: date | None = None

    def __post_init__(self) -> None:
        for key in self.__struct_fields__:
            text = getattr(self, key)
            if key in QUANTITIES and text is not None:
                try:
                    quantity(text, QUANTITIES[key])
                except ValueError as error:
                    raise ValueError(f"{key}: {error}") from error


class TreadmillAnswers(_Table, frozen=True):
    """`incline` and `top_speed` count only where the machine itself doesn't say them."""

    name: str | None = None
    key: Key | None = None
    power: str | None = None
    belt_length: str | None = None
    belt_width: str | None = None
    incline: str | None = None
    top_speed: str | None = None
    panel: bool | None = None
    cushioning: bool | None = None
    stable: bool | None = None


class ShoeAnswers(_Table, frozen=True):
    """As `equipment.Shoes`."""

    foot_type: bool | None = None
    gait: bool | None = None
    routine: bool | None = None
    fitted: bool | None = None
    upper: bool | None = None
    collar: bool | None = None
    toe_box: bool | None = None


class RunnerAnswers(_Table, frozen=True):
    """`runs_a_week` 0: they only walk."""

    height: str | None = None
    runs_a_week: Annotated[int, Meta(ge=0, le=21)] | None = None


class Answers(Struct, frozen=True, forbid_unknown_fields=True):
    """About one treadmill, its runner and their shoes."""

    treadmill: TreadmillAnswers = TreadmillAnswers()
    shoes: ShoeAnswers = ShoeAnswers()
    runner: RunnerAnswers = RunnerAnswers()


class _Kept(Struct, frozen=True, forbid_unknown_fields=True):
    treadmill: dict[str, dict[str, Any]] = {}
    shoes: ShoeAnswers = ShoeAnswers()
    runner: RunnerAnswers = RunnerAnswers()


class Kept(Struct, frozen=True):
    """Answers about every treadmill, by its address in upper case."""

    treadmills: Mapping[str, TreadmillAnswers] = {}
    shoes: ShoeAnswers = ShoeAnswers()
    runner: RunnerAnswers = RunnerAnswers()

    def of(self, address: str) -> Answers:
        """What is kept about the treadmill at that address."""
        treadmill = self.treadmills.get(address.upper(), TreadmillAnswers())
        return Answers(treadmill, self.shoes, self.runner)

    def with_(self, address: str, name: str, answers: Answers) -> Kept:
        """With these in place of what was kept about that treadmill."""
        treadmill = structs.replace(answers.treadmill, name=name or None)
        treadmills = {**self.treadmills, address.upper(): treadmill}
        return Kept(treadmills, answers.shoes, answers.runner)


def equipment_file() -> Path:
    """Where the answers are kept on this system."""
    return Path(platformdirs.user_config_dir("treadguard")) / "equipment.toml"


def read_answers(path: Path) -> Answers:
    """A file of answers about one treadmill; ConfigError where it can't be used."""
    return checked(read_toml(path), Answers, str(path))


def load(path: Path) -> Kept:
    """What is kept, nothing where there is no such file; ConfigError where it can't be used."""
    if not path.exists():
        return Kept()
    whole = checked(read_toml(path), _Kept, str(path))
    treadmills = {
        address.upper(): checked(table, TreadmillAnswers, str(path), f'treadmill."{address}"')
        for address, table in whole.treadmill.items()
    }
    return Kept(treadmills, whole.shoes, whole.runner)


def save(path: Path, kept: Kept) -> None:
    """Replace the file at once, for its owner's eyes only. OSError when it can't be written."""
    tables = {"runner": kept.runner, "shoes": kept.shoes, "treadmill": kept.treadmills}
    plain = msgspec.to_builtins(tables, builtin_types=(date,))
    text = _HEAD + tomli_w.dumps({name: table for name, table in plain.items() if table})
    private_folder(path.parent)
    write_private(path, text.encode())


def updated(before: Answers, given: Answers, on: date) -> Answers:
    """`before` with every answer that `given` gives; a table that gives any is dated."""
    return Answers(
        _over(before.treadmill, given.treadmill, on),
        _over(before.shoes, given.shoes, on),
        _over(before.runner, given.runner, on),
    )


def runner_facts(path: Path | None) -> tuple[float | None, float | None]:
    """(height in cm, runs a week) of the profile file's [runner]; None for what it doesn't tell.

    Whatever is wrong with that file is for those to say who need the rest of it.
    """
    try:
        _, runner, _ = profile_file({} if path is None else read_toml(path))
    except ConfigError:
        return None, None
    return runner.height_cm, runner.runs_a_week


def _over(before: T, given: T, on: date) -> T:
    told = {
        key: value
        for key in given.__struct_fields__
        if key != "answered" and (value := getattr(given, key)) is not None
    }
    return structs.replace(before, answered=on, **told) if told else before
