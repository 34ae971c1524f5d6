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
