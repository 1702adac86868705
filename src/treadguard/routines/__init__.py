"""Guided routines beside the treadmill: what to do before and after a run, and for strength.

exercises/*.toml is the library, routines.toml the order; exercise.py and plan_file.py say what
may stand in them. choosing.py picks what suits a runner, course.py lays it out in time, pace.py
walks through it, outcome.py says what became of it. pose.py turns joints into strokes, which
text_picture.py and svg_picture.py draw. red_flags.py asks what must be asked first. The rule to
keep: nothing here moves a belt, and whatever is left out is said, with its reason.
"""
