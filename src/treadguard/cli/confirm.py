"""Confirmation words: what a person states before something that treadguard won't do by itself.

The one rule to keep: without a terminal and without the words there is no confirmation.
"""

import sys

from treadguard.cli.failure import bad_input


def confirmed(words: str, given: str | None, first: str) -> None:
    """Return if `given`, or what is typed on the terminal after `first`, is `words`."""
    if given is None:
        if sys.stdin is None or not sys.stdin.isatty():
            raise bad_input(f"without a terminal, confirm with --confirm {words}")
        print(f"{first} Then type {words} and press Enter.")
        try:
            given = input("> ").strip()
        except EOFError:
            given = ""
    if given != words:
        raise bad_input(f"that isn't the confirmation, nothing was changed: it reads {words}")
