"""The history as text: at most 80 columns, a line for each, and a dash for what isn't known."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.report.pasts import NOW, ended_for_pain, walked

from treadguard.report.diary import Diary, Effort
from treadguard.report.history_tables import CHARTED, Glyphs, charts, session_table, week_table
from treadguard.report.row import Row
from treadguard.report.weeks import weeks

BLOCKS = Glyphs.for_encoding("utf-8")


def test_a_session_is_a_line() -> None:
    row = walked(1, 32, load=28.44, worst_pain=6, last_pain=1, breaks=2, seen_ms=8, upright_ms=7)
    diary = Diary(efforts=(Effort(NOW, row.session, 4),))
    head, line = session_table([row], diary, NOW, BLOCKS)
    assert head == "session           min    km   load  RPE load  pain  breaks  upright"
    assert line == "2026-03-19 18:00   32   3.2   28.4       128   6→1       2     88 %"
    (_, bare) = session_table([walked(1, 32)], Diary(), NOW, BLOCKS)
    assert bare == "2026-03-19 18:00   32   3.2   32.0         -     -       0        -"


def test_what_sets_a_session_apart_is_remarked() -> None:
    rows = [ended_for_pain(3), walked(2, mode="shadow"), walked(1, whole=False), walked(0.5)]
    remarks = [line[67:].strip() for line in session_table(rows, Diary(), NOW, BLOCKS)]
    assert remarks == ["", "ended: pain", "shadow", "cut off", ""]


def test_charts_hold_the_highest_and_leave_out_the_unknown() -> None:
    rows = [walked(3, 10, worst_pain=0), walked(2, 40), walked(1, 20, worst_pain=10)]
    pain, load = charts(rows, BLOCKS)
    assert pain == "worst pain  ▁ █  (0 to 10)"
    assert load == "load        ▃█▅  (0 to 40.0)"
    assert [line.count("█") for line in charts([walked(1)] * (CHARTED + 5), BLOCKS)] == [0, CHARTED]
    assert list(charts([walked(1, 0)], BLOCKS))[1] == "load           (0 to 0.0)"


def test_a_terminal_without_blocks_gets_none() -> None:
    for encoding in ("ascii", "latin-1", None, "no such encoding"):
        glyphs = Glyphs.for_encoding(encoding)
        lines = [*charts([walked(1)], glyphs), *week_table(weeks([walked(1)], NOW, 2), glyphs)]
        assert "".join(lines).isascii()
    assert not "".join(charts([walked(1)], BLOCKS)).isascii()


ROWS = st.lists(
    st.builds(
        lambda days, minutes, pain: walked(days, minutes, worst_pain=pain, last_pain=pain),
        st.floats(0, 40),
        st.floats(0, 900),
        st.none() | st.integers(0, 10),
    ),
    min_size=1,
    max_size=80,
)


@given(ROWS)
def test_everything_fits_into_80_columns(rows: list[Row]) -> None:
    table = [*session_table(rows, Diary(), NOW, BLOCKS)]
    assert len(table) == len(rows) + 1
    lines = [*table, *charts(rows, BLOCKS), *week_table(weeks(rows, NOW, 6), BLOCKS)]
    assert max(map(len, lines)) <= 80
