from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.report.document import (
    Document,
    Paragraph,
    Picture,
    Row,
    Section,
    Table,
    number_document,
)


def table(*rows: tuple[str, ...], numeric=(False, True)) -> Table:
    return Table("t", ("name", "value"), tuple(map(Row, rows)), numeric=numeric)


def test_tables_and_figures_are_numbered_in_reading_order():
    picture = Picture("p", "alt", Path("a.svg"), Path("a.png"))
    inner = Section("b", "B", (picture, table(("x", "1"))))
    outer = Section("a", "A", (Paragraph("text"), table(("x", "1"))), (inner,))
    after = Section("c", "C", (picture,))
    numbered = number_document(Document("t", "", "", (outer, after)))
    labels = [block.label for block in numbered.blocks() if not isinstance(block, Paragraph)]
    assert labels == ["Table 1", "Figure 1", "Table 2", "Figure 2"]
    assert [b.name for b in numbered.blocks() if isinstance(b, Table)] == ["table-1", "table-2"]


@given(st.lists(st.tuples(st.text(max_size=80), st.text(max_size=80)), max_size=6))
def test_shares_of_columns_add_up(rows):
    shares = table(*rows).shares
    assert sum(shares) == pytest.approx(1, abs=1e-3)
    assert min(shares) > 0


def test_numbers_get_their_line_and_long_text_wraps():
    made = table(("word " * 60, "−0.083 [−0.121 to −0.045] Nm/kg"))
    assert made.shares[1] > 0.4


def test_group_rows_do_not_count_for_widths():
    row = Row(("a very long heading of a group of rows that spans everything",), group=True)
    plain = table(("x", "1"))
    grouped = Table("t", plain.head, (row, *plain.rows), numeric=plain.numeric)
    assert grouped.shares == plain.shares


def wide() -> Table:
    head = ("Measure", "Repeated", *(f"ICC form {n}" for n in range(10)))
    rows = (
        Row(("strength",), group=True),
        *(Row((f"m{r}", "between trials", *["0.936 [0.895 to 0.962]"] * 10)) for r in range(3)),
    )
    return Table("c", head, rows, ("note",), (False, False, *[True] * 10), "Table 3")


def test_a_table_wider_than_paper_is_parted_and_loses_nothing():
    parts = wide().parts()
    assert len(parts) > 1
    shown = [title for part in parts for title in part.head[2:]]
    assert shown == list(wide().head[2:])
    for part in parts:
        assert part.head[:2] == ("Measure", "Repeated")
        assert part.rows[0].group
        assert [row.cells[0] for row in part.rows[1:]] == ["m0", "m1", "m2"]
        assert all(len(row.cells) == len(part.head) for row in part.rows[1:])


def test_parts_say_that_they_go_on_and_end_with_the_notes():
    first, *_, last = wide().parts()
    assert (first.label, last.label) == ("Table 3", "Table 3, continued")
    assert (first.notes, last.notes) == ((), ("note",))


def test_a_table_that_fits_stays_whole():
    made = table(("word " * 60, "1"))
    assert made.parts() == (made,)
