"""What holds for the whole suite: the same examples in every run, and no clock in judging them."""

from hypothesis import settings

settings.register_profile("suite", derandomize=True, deadline=None)
settings.load_profile("suite")
