"""`treadguard stop`: every belt that it may mean."""

from treadguard.cli import client, press
from treadguard.cli.failure import bad_input

HELP = f"""\
Usage: treadguard stop [--treadmill NAME]

Stop the belt now. No break is owed; 'treadguard resume' goes on. Without --treadmill it goes to
every treadmill that is guarded on this computer.

{press.TREADMILL_OPTION}
Example: treadguard stop"""


def main(args: list[str]) -> int:
    found = press.read(args)
    if found.words:
        raise bad_input(
            f"nothing was stopped: {' '.join(found.words)!r} isn't understood; type 'treadguard"
            " stop' alone, or use the console or the safety key"
        )
    return press.send(client.chosen(found.treadmill), "stop", "/v1/stop")
