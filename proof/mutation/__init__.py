"""Whether some test notices, whatever small thing is changed in guard, gate and codec.

Here: the program `python -m proof.mutation`. Not here: the tests that have to notice. The rule to
keep: a mutant that no test notices is a survivor, until a better test kills it or allowed.toml
says why no test can.
"""
