"""`treadguard break`: a break on request (`break` is a Python word, hence the file's name)."""

from treadguard.cli import client, press

HELP = f"""\
Usage: treadguard break [--treadmill NAME]

Take a break: the belt stops, sip water, check your posture. It counts as no pain, and
'treadguard resume' goes on from it.

{press.TREADMILL_OPTION}
Example: treadguard break"""


def main(args: list[str]) -> int:
    found = press.read(args)
    press.none_of(found.words)
    return press.send([client.the_one(client.chosen(found.treadmill))], "break", "/v1/break")
