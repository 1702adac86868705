"""`treadguard stop`: every belt that it may mean."""

from treadguard.cli import client, press

HELP = f"""\
Usage: treadguard stop [--treadmill NAME]

Stop the belt now. No break is owed; 'treadguard resume' goes on. Without --treadmill it goes to
every treadmill that is guarded on this computer.

{press.TREADMILL_OPTION}
Example: treadguard stop"""


def main(args: list[str]) -> int:
    found = press.read(args)
    press.none_of(found.words)
    return press.send(client.chosen(found.treadmill), "stop", "/v1/stop")
