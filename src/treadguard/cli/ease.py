"""`treadguard ease`: an unrated back-off."""

from treadguard.cli import client, press

HELP = f"""\
Usage: treadguard ease [--treadmill NAME]

Make it about 10 % easier without a pain rating; the incline goes down before the speed.

{press.TREADMILL_OPTION}
Example: treadguard ease"""


def main(args: list[str]) -> int:
    found = press.read(args)
    press.none_of(found.words)
    return press.send([client.the_one(client.chosen(found.treadmill))], "ease", "/v1/ease")
