"""The rules, one file each: small pure state machines over what was felt, seen and measured.

A rule never writes a command. It answers with a Limit, and its acts (a back-off, a break, an end)
are carried out by acts.py. The rule to keep: a rule can only tighten.
"""
