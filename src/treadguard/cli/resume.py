"""`treadguard resume`: the runner's own word that they stand ready, then a start."""

from treadguard.cli import press
from treadguard.cli.confirm import confirmed

WORDS = "on-belt-key-clipped"

HELP = f"""\
Usage: treadguard resume [--programme] [--confirm {WORDS}] [--treadmill NAME]

Move a belt that stands still: at the start of a session, after a stop, after a break once its
conditions hold, or to take over a belt that was found moving. Only the runner may do this, standing
on the belt with the safety key clipped on. You are asked to type the confirmation words, unless
they are given with --confirm. With --programme the session's programme begins, or takes its raises
up again on a running belt: your words cover every raise that it states, each told 5 s ahead.

  --programme       begin the programme of 'treadguard run --programme FILE', or go on with it
  --confirm WORDS   {WORDS}: you are on the belt, and the key is clipped on
{press.TREADMILL_OPTION}
Example: treadguard resume --confirm {WORDS}"""


def main(args: list[str]) -> int:
    found = press.read(args, confirm=True, programme=True)
    press.none_of(found.words)
    confirmed(WORDS, found.confirm, "Stand on the belt and clip the safety key on.")
    do = "programme" if found.programme else "resume"
    return press.operator(found.treadmill, do, do, confirm=WORDS)
