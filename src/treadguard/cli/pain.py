"""`treadguard pain N|button`: a rating, or the bare button."""

from treadguard.cli import client, press
from treadguard.cli.failure import bad_input

HELP = f"""\
Usage: treadguard pain N|button [--treadmill NAME]

Rate your pain from 0 (none) to 10 (the worst). 1 to 4 makes it easier, above 4 stops the belt for
a break, 7 and more ends the session. 'button' is pain that you don't want to put a number on; it
stops the belt for a break.
Where several treadmills are guarded, a rating above 4 and the button stop them all.

{press.TREADMILL_OPTION}
Example: treadguard pain 3"""

LEVELS = {str(level): level for level in range(11)}


def main(args: list[str]) -> int:
    found = press.read(args)
    what = "a whole number from 0 to 10, or 'button'"
    word = press.one_of(found.words, what)
    level = LEVELS.get(word)
    if level is None and word != "button":
        raise bad_input(f"give {what}, not {word!r}; 'treadguard stop' stops the belt")
    services = client.chosen(found.treadmill)
    if len(services) > 1 and (level is None or level > 4):
        # Nobody can tell whose pain it is: every belt stops, and none is charged with a trigger.
        return press.send(services, f"pain {word}: stop", "/v1/stop")
    service = client.the_one(services)
    if level is None:
        return press.send([service], "pain button", "/v1/button")
    return press.send([service], f"pain {level}", "/v1/pain", f'{{"level": {level}}}')
