"""Numbers and words in full blocks, to be read from a treadmill.

Digits are 3 by 5 dots of two columns by one row each, times a scale; words are 5 dots high in half
blocks, so three rows. The rule to keep: block elements only, whose width no terminal disputes.
"""

from __future__ import annotations

from typing import Final

DIGIT_ROWS: Final = 5
WORD_ROWS: Final = 3

_DIGITS: Final = {
    "0": "### #.# #.# #.# ###",
    "1": ".#. ##. .#. .#. ###",
    "2": "### ..# ### #.. ###",
    "3": "### ..# ### ..# ###",
    "4": "#.# #.# ### ..# ..#",
    "5": "### #.. ### ..# ###",
    "6": "### #.. ### #.# ###",
    "7": "### ..# ..# ..# ..#",
    "8": "### #.# ### #.# ###",
    "9": "### #.# ### ..# ###",
    "?": "### ..# .## ... .#.",
    "–": "... ... ### ... ...",
    "-": "... ... ### ... ...",
    ".": ". . . . #",
    ":": ". # . # .",
}

_LETTERS: Final = {
    " ": ".. .. .. .. ..",
    "A": ".##. #..# #### #..# #..#",
    "B": "###. #..# ###. #..# ###.",
    "C": ".### #... #... #... .###",
    "D": "###. #..# #..# #..# ###.",
    "E": "#### #... ###. #... ####",
    "F": "#### #... ###. #... #...",
    "G": ".### #... #.## #..# .###",
    "H": "#..# #..# #### #..# #..#",
    "I": "# # # # #",
    "J": "..## ...# ...# #..# .##.",
    "K": "#..# #.#. ##.. #.#. #..#",
    "L": "#... #... #... #... ####",
    "M": "#...# ##.## #.#.# #...# #...#",
    "N": "#...# ##..# #.#.# #..## #...#",
    "O": ".##. #..# #..# #..# .##.",
    "P": "###. #..# ###. #... #...",
    "Q": ".##. #..# #..# #.## .###",
    "R": "###. #..# ###. #.#. #..#",
    "S": ".### #... .##. ...# ###.",
    "T": "##### ..#.. ..#.. ..#.. ..#..",
    "U": "#..# #..# #..# #..# .##.",
    "V": "#...# #...# .#.#. .#.#. ..#..",
    "W": "#...# #...# #.#.# ##.## #...#",
    "X": "#...# .#.#. ..#.. .#.#. #...#",
    "Y": "#...# .#.#. ..#.. ..#.. ..#..",
    "Z": "#### ..#. .#.. #... ####",
}


def digits(text: str, scale: int = 1) -> list[str]:
    """`text` in rows of blocks; a character without a glyph is left out."""
    rows: list[str] = []
    glyphs = [_DIGITS[char].split() for char in text if char in _DIGITS]
    for row in range(DIGIT_ROWS):
        dots = ".".join(glyph[row] for glyph in glyphs)
        line = dots.replace("#", "██" * scale).replace(".", "  " * scale)
        rows.extend([line] * scale)
    return rows


def word(text: str, scale: int = 1) -> list[str]:
    """Capitals in half blocks, in three rows for a scale of one and five for two."""
    glyphs = [_LETTERS[char].split() for char in text if char in _LETTERS]
    dots = [
        "".join(dot * scale for dot in ".".join(glyph[row] for glyph in glyphs))
        for row in range(DIGIT_ROWS)
        for _ in range(scale)
    ]
    if len(dots) % 2:
        dots.append("." * len(dots[0]))
    half = {"##": "█", "#.": "▀", ".#": "▄", "..": " "}
    return [
        "".join(half[top + low] for top, low in zip(upper, lower, strict=True))
        for upper, lower in zip(dots[::2], dots[1::2], strict=True)
    ]
