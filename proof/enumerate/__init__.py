"""The pure core, enumerated: every reachable state of a stated grid, and every event in each.

Here: one file an idea. `search` walks; `normal` says when two states are one; `letters` holds the
alphabet and `grids` which letters, policy and beginnings make a grid; `laws` and `laws_*` hold the
invariants of HAZARDS.md as functions of one `step`, `memory` what they must know of the past;
`stopping` shows I17 on the graph, `walk` that the normal form is sound; `golden` writes what was
found as a table to review; `rule_*` take each rule as a machine of its
own. Run with `python -m proof.enumerate`. The rule to keep: nothing here is random, so the same
code gives the same counts, pinned in the golden tables.
"""
