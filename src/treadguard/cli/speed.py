"""`treadguard speed KMH`: the runner asks for a speed, and consents to it."""

from treadguard.cli import press
from treadguard.cli.failure import bad_input

HELP = f"""\
Usage: treadguard speed KMH [--treadmill NAME]

Ask for a speed in km/h, up to 20. A raise goes as far as the guard allows now and no further; a
lower speed is always taken. To stop the belt, use 'treadguard stop'.

{press.TREADMILL_OPTION}
Example: treadguard speed 5.5"""


def main(args: list[str]) -> int:
    found = press.read(args)
    kmh = press.number(found.words, "a speed in km/h from 0.1 to 20, like 5.5", 20)
    if kmh == 0:
        raise bad_input("to bring the belt to zero, use 'treadguard stop'")
    return press.operator(found.treadmill, f"speed {kmh:g} km/h", "speed", value=kmh)
