"""`treadguard unlock`: the runner's statement that a professional was seen lifts the locks."""

from treadguard.cli import client, press
from treadguard.cli.confirm import confirmed
from treadguard.cli.failure import Failure, bad_input

WORDS = "professional-seen"

HELP = f"""\
Usage: treadguard unlock [--confirm {WORDS}] [--treadmill NAME]

Lift the lock that a red flag or strong pain has left, once a professional has seen you about it.
You are asked to type the confirmation words, unless they are given with --confirm. It works with
and without a running service; without one, and without --treadmill, it unlocks every treadmill.

  --confirm WORDS   {WORDS}: a professional has seen you about it
{press.TREADMILL_OPTION}
Example: treadguard unlock --confirm {WORDS}"""


def main(args: list[str]) -> int:
    found = press.read(args, confirm=True)
    press.none_of(found.words)
    confirmed(WORDS, found.confirm, "Has a doctor or physical therapist seen you about it?")
    if client.running():
        return press.operator(found.treadmill, "unlock", "unlock", confirm=WORDS)
    return _in_the_files(found.treadmill)


def _in_the_files(treadmill: str | None) -> int:
    from dataclasses import replace

    from treadguard.cli.taking_up import state_path, state_paths
    from treadguard.session import state_file

    if treadmill is None:
        paths = state_paths()
    else:
        paths = [path for path in (state_path(treadmill),) if path.exists()]
        if not paths:
            raise bad_input(f"nothing is kept of a treadmill {treadmill!r}")
    locked = [(path, kept) for path in paths if (kept := state_file.load(path)).locks]
    for path, kept in locked:
        try:
            state_file.save(path, replace(kept, locks=()))
        except OSError as error:
            raise Failure(2, f"{path} can't be written: {error.strerror}") from error
        print(f"unlocked: {path.stem}")
    if not locked:
        print("nothing is locked")
    return 0
