"""`treadguard config`: the numbers that the guard rests on, and the check of a file of them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from treadguard.cli import typer_app
from treadguard.cli.failure import bad_input
from treadguard.config import (
    ConfigError,
    Effective,
    effective,
    load_policy,
    load_profile,
    policy_as_toml_dict,
    profile_as_toml_dict,
    user_policy,
    user_profile,
)

app = typer_app.application(
    "Show or check the numbers that the guard rests on. A policy file gives only what differs"
    " from the defaults.",
    "treadguard config show",
)


def main(args: list[str]) -> int:
    return typer_app.run(app, "config", args)


@app.command(epilog="Example: treadguard config show --policy mine.toml")
def show(
    policy: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A policy file; without it your own, if you have one."),
    ] = None,
    profile: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A profile file; without it your own, if you have one."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show every number in force.

    Each comes with its key, and with the file that it is from; where your profile makes one
    tighter, with what asks for it and the row of the article. The end of a key is its unit:
    _s seconds, _min minutes, _kmh km/h, _deg degrees, _pct %.
    """
    try:
        found = effective(policy or user_policy(), profile or user_profile())
    except ConfigError as error:
        raise bad_input(str(error)) from error
    rows = dict(_rows(found))
    refusal = found.runner.refuses_to_start
    if as_json:
        why = {one.key: {"why": one.why} for one in found.tightened}
        out: dict[str, object] = {
            key: {"value": value, "from": found.origins[key], **why.get(key, {})}
            for key, value in rows.items()
        }
        print(
            json.dumps({**out, "may_start": {"value": refusal is None, "why": refusal}}, indent=2)
        )
        return
    width = max(map(len, rows))
    for key, value in rows.items():
        print(f"{key:<{width}} = {_plain(value):<6}  {found.origins[key]}")
    if refusal is not None:
        print(f"\nno session is started: {refusal}")


def _rows(found: Effective) -> Iterator[tuple[str, Any]]:
    numbers = policy_as_toml_dict(found.policy)
    numbers["profile"] = profile_as_toml_dict(found.profile)
    for table, values in numbers.items():
        for key, value in values.items():
            yield f"{table}.{key}", value


@app.command(epilog="Example: treadguard config check mine.toml")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    profile: Annotated[
        bool, typer.Option("--profile", help="The file is a runner's profile, not a policy.")
    ] = False,
) -> None:
    """Check a policy file; says what is wrong with it, and where."""
    try:
        if profile:
            load_profile(file)
        else:
            load_policy(file)
    except ConfigError as error:
        raise bad_input(str(error)) from error
    print(f"{file}: fine")


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
