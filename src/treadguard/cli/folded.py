"""Long lines on a terminal, folded between words under their own column.

The rule to keep: only a terminal gets them folded; for a file or a pipe a line stays a line.
"""

import shutil
import sys
import textwrap
from collections.abc import Iterable


def print_folded(lines: Iterable[str], indent: int) -> None:
    """Print them; what doesn't fit into the width goes on `indent` columns to the right."""
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns
    for line in lines:
        if terminal and len(line) > width > 2 * indent:
            print(folded(line, width, indent))
        else:
            print(line)
    sys.stdout.flush()


def folded(line: str, width: int, indent: int) -> str:
    """The line in pieces of at most `width`, where words are no longer than that."""
    return textwrap.fill(
        line,
        width,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
