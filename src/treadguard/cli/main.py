"""The entry point: finds the command, runs it, and turns every failure into one sentence.

Here: the list of commands and the last catch. Not here: what a command does (one module each).
The one rule to keep: nothing is imported before the command is known, because a press like
`treadguard pain 6` must reach the belt within a few interpreter starts.
"""

import os
import sys

from treadguard.cli.failure import BAD_INPUT, CHECK_FAILED, Failure, bad_input

# name: (module, one line for the list). The order is that of the list.
COMMANDS = {
    "setup": ("setup", "Say who runs, so that the guard's numbers fit your back."),
    "run": ("run", "Guard a treadmill, with a dashboard on this terminal."),
    "serve": ("serve", "Guard a treadmill without a terminal, for a service manager."),
    "dash": ("dash", "Show a running session on this terminal, and take presses."),
    "scan": ("scan", "List the treadmills in reach."),
    "inspect": ("inspect", "Show what a treadmill offers, without sending it anything."),
    "commission": ("commission", "Prove that a treadmill is the one you stand by."),
    "pain": ("pain", "Rate your pain from 0 to 10, or press the bare pain button."),
    "symptom": ("symptom", "Report a symptom; red flags stop and end the session."),
    "ease": ("ease", "Make it a little easier, without a rating."),
    "stop": ("stop", "Stop the belt now."),
    "break": ("take_break", "Take a break: stop, sip water, check your posture."),
    "resume": ("resume", "Move a standing belt, with your confirmation."),
    "speed": ("speed", "Ask for a speed in km/h."),
    "incline": ("incline", "Ask for an incline in %."),
    "unlock": ("unlock", "Lift the lock of a red flag, once a professional was seen."),
    "simulate": ("simulate", "Play a scenario against the simulated treadmill and check it."),
    "replay": ("replay", "Recompute a journal, or play its inputs again."),
    "routine": ("routine", "Go through exercises before or after, in a break, or for strength."),
    "history": ("history", "Show past sessions and the load of the weeks; add to the diary."),
    "report": ("report", "Write a page for a physical therapist, of one session or of many."),
    "decode": ("decode", "Show what the bytes of a treadmill's characteristic mean."),
    "config": ("config", "Show or check the numbers that the guard rests on."),
    "doctor": ("doctor", "Check whether treadguard can work here, and say what to do."),
}


def help_text() -> str:
    """What `treadguard --help` prints."""
    width = max(map(len, COMMANDS))
    lines = "\n".join(f"  {name:<{width}}  {line}" for name, (_, line) in COMMANDS.items())
    return f"""\
Usage: treadguard COMMAND [...]

Stands between a runner with a sore back and a Bluetooth treadmill: lowers the load or stops the
belt when it hurts. The treadmill's own safety key and Stop button come first.

{lines}

Each has its own help: treadguard pain --help
Example: treadguard run --treadmill sim
Exit codes: 0 fine, 1 the checked thing failed, 2 bad usage or input, 3 no treadmill or service;
4 of serve, where no session may start now."""


def _dispatch(args: list[str]) -> int:
    if not args:
        print(help_text())
        raise bad_input("no command was given")
    name, rest = args[0], args[1:]
    if name in ("--help", "-h", "help"):
        print(help_text())
        return 0
    if name == "--version":
        from importlib.metadata import version

        print(f"treadguard {version('treadguard')}")
        return 0
    if name not in COMMANDS:
        from difflib import get_close_matches

        close = get_close_matches(name, COMMANDS, 1)
        hint = f", did you mean '{close[0]}'?" if close else ""
        raise bad_input(f"there is no command {name!r}{hint} ('treadguard --help' lists them)")
    # importlib would be one more import to pay for.
    module = __import__(f"treadguard.cli.{COMMANDS[name][0]}", fromlist=["main"])
    # The presses carry their help as text; the other commands leave it to typer.
    if hasattr(module, "HELP") and ("--help" in rest or "-h" in rest):
        print(module.HELP)
        return 0
    return int(module.main(rest))


def _fail(sentence: str) -> None:
    try:
        end = "" if sentence.endswith(".") else "."
        print(f"treadguard: {sentence}{end}", file=sys.stderr, flush=True)
    except OSError:
        pass  # nobody is left to read it; the exit code still says it


def _silence_stdout() -> None:
    """Keep the interpreter from failing again when it flushes what can't be written."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        pass


def main(args: list[str] | None = None) -> int:
    """Run one command; returns the exit code. Never raises, whatever the arguments are."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    cause: BaseException
    try:
        code = _dispatch(sys.argv[1:] if args is None else args)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except Failure as failure:
        cause, code, sentence = failure, failure.code, failure.sentence
    except KeyboardInterrupt as interrupt:
        cause, code, sentence = interrupt, CHECK_FAILED, "interrupted"
    except BrokenPipeError:
        _silence_stdout()  # `treadguard … | head` is no failure worth a sentence
        return CHECK_FAILED
    except OSError as error:
        _silence_stdout()
        where = f" ({error.filename})" if error.filename else ""
        cause, code = error, BAD_INPUT
        sentence = f"the system refused: {error.strerror or error}{where}"
    except BaseException as error:  # noqa: BLE001 - a user never sees a traceback
        if isinstance(error, SystemExit) and isinstance(error.code, int):
            return error.code
        cause, code = error, CHECK_FAILED
        words = " ".join(f"{type(error).__name__}: {error}".split())
        sentence = f"failed unexpectedly ({words}): please report it, with TREADGUARD_DEBUG=1 set"
    _fail(sentence)
    if os.environ.get("TREADGUARD_DEBUG") == "1":
        from traceback import print_exception

        print_exception(cause)
    return code
