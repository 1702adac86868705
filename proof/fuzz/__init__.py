"""Fuzzing of everything that reads what others wrote: bytes, files, bodies.

The targets are plain functions of bytes, one file for each kind of reader; the tests replay the
kept inputs (tests/corpora) through them without atheris. The rule to keep: a target holds a real
property beside "nothing but the declared exception", and was seen to fail on a planted bug.
"""
