"""`treadguard symptom WORD`: something that no rating from 0 to 10 says."""

import json

from treadguard.cli import client, press
from treadguard.cli.failure import bad_input

RED_FLAGS = (
    "saddle-numbness bladder-bowel both-legs leg-giving-way chest-pain faint breathless"
    " palpitations fall calf-swelling fever pop"
)
SIGNS = "down-the-leg weakness numbness"
LONGEST = 200

HELP = f"""\
Usage: treadguard symptom WORD [--treadmill NAME]

Report what you feel. Every one of them stops the belt and ends the session. A red flag also locks
treadguard until a professional was seen ('treadguard unlock'). Any other text is taken as a red
flag.

Red flags:
  {", ".join(RED_FLAGS.split()[:6])},
  {", ".join(RED_FLAGS.split()[6:])} (a pop in the back, then pain)
Signs of a nerve:
  {", ".join(SIGNS.split())} (pain that moves down the leg, new weakness, new numbness)

{press.TREADMILL_OPTION}
Example: treadguard symptom down-the-leg"""


def main(args: list[str]) -> int:
    found = press.read(args)
    what = "-".join(" ".join(found.words).lower().split())
    if not what:
        raise bad_input("give a symptom, like 'chest-pain' (--help lists the words)")
    if len(what) > LONGEST:
        raise bad_input(f"say the symptom in at most {LONGEST} letters")
    service = client.the_one(client.chosen(found.treadmill))
    return press.send([service], f"symptom {what}", "/v1/symptom", json.dumps({"what": what}))
