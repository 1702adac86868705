"""`treadguard config`: the numbers that the guard rests on, and the check of a file of them."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from treadguard.cli import typer_app
from treadguard.cli.failure import bad_input
from treadguard.config import (
    ConfigError,
    load_policy,
    load_profile,
    policy_as_toml_dict,
    profile_as_toml_dict,
    user_policy,
    user_profile,
)
from treadguard.config.toml import read_toml

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
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show every number in force.

    Each comes with its key, and with the file that it is from. The end of a key is its unit:
    _s seconds, _kmh km/h, _deg degrees, _pct %.
    """
    path, own = policy or user_policy(), user_profile()
    try:
        numbers = policy_as_toml_dict(load_policy(path))
        given = read_toml(path) if path is not None else {}
        numbers["profile"] = profile_as_toml_dict(load_profile(own))
        given["profile"] = read_toml(own) if own is not None else {}
    except ConfigError as error:
        raise bad_input(str(error)) from error
    rows = {
        f"{table}.{key}": (
            value,
            str(own if table == "profile" else path) if key in given.get(table, {}) else "default",
        )
        for table, values in numbers.items()
        for key, value in values.items()
    }
    if as_json:
        found = {key: {"value": value, "from": source} for key, (value, source) in rows.items()}
        print(json.dumps(found, indent=2))
        return
    width = max(map(len, rows))
    for key, (value, source) in rows.items():
        print(f"{key:<{width}} = {_plain(value):<6}  {source}")


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
