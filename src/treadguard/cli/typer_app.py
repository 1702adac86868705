"""How the longer commands are read: a typer application each, under this house's failures.

Here: the settings that all of them share, and the translation of typer's errors. Not here: the
short commands, which can't wait for typer (`press.py`).
"""

import typer

from treadguard.cli.failure import bad_input


def application(help_text: str | None = None, example: str | None = None) -> typer.Typer:
    """An application with plain text help, and with failures left to `main.py`.

    The texts are for one with subcommands; a single command has its own.
    """
    return typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help=help_text,
        epilog=None if example is None else f"Example: {example}",
    )


def run(app: typer.Typer, name: str, args: list[str]) -> int:
    """Run it as `treadguard NAME`; commands return their exit code, or None for 0."""
    command = typer.main.get_command(app)
    try:
        code = command.main(args, prog_name=f"treadguard {name}", standalone_mode=False)
    except typer.Abort:
        raise KeyboardInterrupt from None
    except Exception as error:
        # typer has moved the class of its usage errors between versions, never this method.
        sentence = getattr(error, "format_message", None)
        if sentence is None:
            raise
        words = " ".join(str(sentence()).split()).rstrip(".")
        raise bad_input(f"{words} (see 'treadguard {name} --help')") from error
    return code if isinstance(code, int) else 0
