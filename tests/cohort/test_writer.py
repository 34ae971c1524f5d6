import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gluteal.cohort.reader import read_table
from gluteal.cohort.writer import write_table

CELLS = st.text(st.characters(codec="utf-8"), max_size=6) | st.sampled_from(
    ["\r", "\r\n", '"', ",", "\x00", "\ufeff", " ", "NA", "None"]
)


@pytest.mark.parametrize("form", ["csv", "parquet"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5), cut=st.integers(0, 5))
def test_every_cell_comes_back(tmp_path, form, rows, cut):
    table = pa.table({"a": [r[0] for r in rows], "b": [r[1] for r in rows]})
    path = tmp_path / f"t.{form}"
    assert write_table(path, [table.slice(0, cut), table.slice(cut)], form) == len(rows)
    assert read_table(path).equals(table)


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_are_the_same_text_in_both_forms_and_lose_nothing(numbers):
    import tempfile
    from pathlib import Path

    table = pa.table({"a": numbers, "b": ["x"] * len(numbers)})
    with tempfile.TemporaryDirectory() as folder:
        texts = []
        for form in ("csv", "parquet"):
            path = Path(folder) / f"t.{form}"
            write_table(path, [table], form)
            texts.append(read_table(path).column("a").to_pylist())
    assert texts[0] == texts[1]
    assert [float(text) for text in texts[0]] == numbers


def test_only_cells_that_need_quotes_have_them(tmp_path):
    path = tmp_path / "t.csv"
    write_table(path, [pa.table({"a": ["x", "1,5"], "b, c": ['"', " y "]})], "csv")
    assert path.read_bytes() == b'a,"b, c"\nx,""""\n"1,5", y \n'


def test_typed_columns_are_written_as_their_text(tmp_path):
    path = tmp_path / "t.csv"
    table = pa.table(
        {
            "flag": [True, False, None],
            "whole": [1, 2, 3],
            "real": [1.0, 0.25, None],
            "word": pa.array(["x", "y", "x"]).dictionary_encode(),
        }
    )
    write_table(path, [table], "csv")
    assert path.read_text() == "flag,whole,real,word\n1,1,1,x\n0,2,0.25,y\n,3,,x\n"


def test_a_table_without_rows_keeps_its_header(tmp_path):
    path = tmp_path / "t.csv"
    empty = pa.table({"a": pa.array([], pa.string())})
    assert write_table(path, [empty, empty], "csv") == 0
    assert path.read_text() == "a\n"
