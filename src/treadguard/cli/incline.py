"""`treadguard incline PCT`: the runner asks for an incline, and consents to it."""

from treadguard.cli import press

HELP = f"""\
Usage: treadguard incline PCT [--treadmill NAME]

Ask for an incline in %, from 0 (flat) to 15. A raise goes as far as the guard allows now and no
further; a lower incline is always taken.

{press.TREADMILL_OPTION}
Example: treadguard incline 1.5"""


def main(args: list[str]) -> int:
    found = press.read(args)
    pct = press.number(found.words, "an incline in % from 0 to 15, like 1.5", 15)
    return press.operator(found.treadmill, f"incline {pct:g} %", "incline", value=pct)
