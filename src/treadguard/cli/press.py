"""What the short commands share: reading `[VALUE] [--treadmill NAME]`, and saying what came of it.

Here: argument reading without a parser library, and the lines that are printed. Not here: the
network (`client.py`). The one rule to keep: no import that `client.py` doesn't already pay for.
"""

from treadguard.cli import client
from treadguard.cli.failure import Failure, bad_input

TREADMILL_OPTION = "  --treadmill NAME  which treadmill, where several are guarded\n"


class Arguments:
    """The words and the options of one press."""

    __slots__ = ("confirm", "programme", "treadmill", "words")

    def __init__(self) -> None:
        self.words: list[str] = []
        self.treadmill: str | None = None
        self.confirm: str | None = None
        self.programme = False


def _is_number(text: str) -> bool:
    return text[1:2].isdigit() or text[1:2] == "."


def read(args: list[str], *, confirm: bool = False, programme: bool = False) -> Arguments:
    """Words and options in any order; `-1` is a word, so that its own check can speak of it."""
    found = Arguments()
    options = ["--treadmill"] + (["--confirm"] if confirm else [])
    rest = iter(args)
    for arg in rest:
        name, equals, value = arg.partition("=")
        if programme and arg == "--programme":
            found.programme = True
        elif name in options:
            if not equals:
                value = next(rest, "")
            if not value or (not equals and value.startswith("--")):
                raise bad_input(f"{name} needs a value")
            setattr(found, name[2:], value)
        elif arg.startswith("-") and not _is_number(arg):
            raise bad_input(f"there is no option {name!r} here (--help shows those there are)")
        else:
            found.words.append(arg)
    return found


def none_of(words: list[str]) -> None:
    """For commands that take no value."""
    if words:
        raise bad_input(f"this command takes no value, but {' '.join(words)!r} was given")


def one_of(words: list[str], what: str) -> str:
    """The single value of a command; `what` completes "give …"."""
    if len(words) != 1:
        got = "nothing" if not words else repr(" ".join(words))
        raise bad_input(f"give {what}, not {got}")
    return words[0]


def number(words: list[str], what: str, highest: float) -> float:
    """A plain decimal number from 0 to `highest`; `what` completes "give …"."""
    text = one_of(words, what)
    # float() alone would take "nan", "1e1", "1_0" and other scripts' digits.
    plain = text.isascii() and text.replace(".", "", 1).isdigit()
    value = float(text) if plain else -1.0
    if not 0 <= value <= highest:
        raise bad_input(f"give {what}, not {text!r}")
    return value


def send(services: list[client.Service], label: str, path: str, body: str = "") -> int:
    """Post `body`, JSON text, to all; a line for each that took it, Failure if one didn't."""
    answers = client.exchange(services, "POST", path, body)
    for answer in answers:
        if answer.failed is None:
            name = f" to {answer.service.treadmill}" if len(services) > 1 else ""
            line = f" (line {answer.body['seq']})" if "seq" in answer.body else ""
            print(f"{label}: sent{name}{line}")
            say = answer.body.get("say")
            for text in say if isinstance(say, list) else []:
                print(text)
    failed = [answer for answer in answers if answer.failed is not None]
    if failed:
        raise Failure(
            max(answer.code for answer in failed), "; ".join(str(a.failed) for a in failed)
        )
    return 0


def operator(treadmill: str | None, label: str, do: str, **value: object) -> int:
    """Something that only the runner at one treadmill may ask for."""
    service = client.the_one(client.chosen(treadmill))
    import json

    return send([service], label, "/v1/operator", json.dumps({"do": do, **value}))
