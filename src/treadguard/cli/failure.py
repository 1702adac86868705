"""How a command fails: one clear sentence and an exit code.

Here: the exception that carries both, and the codes. The one rule to keep: the sentence is
for the person at the treadmill, and says the way out.
"""

CHECK_FAILED = 1
BAD_INPUT = 2
NO_SERVICE = 3
LOCKED = 4
"""Of serve alone: what its service manager must not start again by itself; no crash ends so."""

NO_BUMBLE = "the virtual radio needs bumble: pip install 'treadguard[sim-radio]'"


class Failure(Exception):
    """Ends the command with `sentence` on stderr and `code` as its exit status."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class Locked(Failure):
    """No session may start for this runner now: a rest, a red flag, or nobody has cleared them."""

    def __init__(self, sentence: str) -> None:
        super().__init__(CHECK_FAILED, sentence)


def bad_input(sentence: str) -> Failure:
    """Bad usage or bad input, exit code 2."""
    return Failure(BAD_INPUT, sentence)
