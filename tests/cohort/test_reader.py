import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gluteal.cohort.reader import open_table, read_table, text_columns
from gluteal.errors import UserError


def write(tmp_path, data, name="t.csv"):
    path = tmp_path / name
    path.write_bytes(data)
    return path


def test_answers_stay_answers(tmp_path):
    data = b"a,b\nNone,NA\nnull, 1.50\n,nan\n"
    table = read_table(write(tmp_path, data))
    assert table.to_pydict() == {"a": ["None", "null", ""], "b": ["NA", " 1.50", "nan"]}
    assert set(table.schema.types) == {pa.string()}


def test_quotes_commas_and_line_breaks_in_cells(tmp_path):
    table = read_table(write(tmp_path, b'a,b\r\n"x,\ny","say ""so"""\r\n1,2\r\n'))
    assert table.to_pylist() == [{"a": "x,\ny", "b": 'say "so"'}, {"a": "1", "b": "2"}]


def test_a_byte_order_mark_is_a_query_and_no_part_of_the_name(tmp_path):
    table, faults, _ = open_table(write(tmp_path, b"\xef\xbb\xbfa,b\n1,2\n"))
    assert table is not None
    assert table.column_names == ["a", "b"]
    assert [f.severity for f in faults] == ["query"]


def test_every_ragged_row_is_numbered_and_the_others_are_read(tmp_path):
    table, faults, skipped = open_table(write(tmp_path, b"a,b\n1,2\n3\n4,5,6\n7,8\n"))
    assert table is not None
    assert table.to_pydict() == {"a": ["1", "7"], "b": ["2", "8"]}
    assert skipped == (3, 4)
    assert [(f.row, f.rule) for f in faults] == [
        (3, "the row has 1 cells, the header 2"),
        (4, "the row has 3 cells, the header 2"),
    ]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "the file is empty"),
        (b"\n", "the file is empty"),
        (b"a;b\n1;2\n", "separated by semicolons"),
        (b"a\tb\n1\t2\n", "separated by tabs"),
        (b"a,b,a\n1,2,3\n", "column twice"),
        (b"a,b\n1,\xe9\n", "not UTF-8"),
        (b"a,\xe9\n1,2\n", "not UTF-8"),
        ("a,b\n".encode("utf-16"), "UTF-16"),
        (b'a,b\n"1,2\n3,4\n', "the row has 1 cells"),
    ],
)
def test_what_is_no_table_is_said(tmp_path, data, rule):
    with pytest.raises(UserError, match=rule):
        read_table(write(tmp_path, data))


def test_the_row_with_a_foreign_byte_is_named(tmp_path):
    _, (fault,), _ = open_table(write(tmp_path, b"a,b\n1,2\n3,\xff\n"))
    assert fault.row == 3


def test_a_header_without_rows_is_an_empty_table(tmp_path):
    for data in (b"a,b\n", b"a,b"):
        table = read_table(write(tmp_path, data))
        assert (table.num_rows, table.column_names) == (0, ["a", "b"])


def test_folder_missing_and_unreadable(tmp_path):
    with pytest.raises(UserError, match="is a folder"):
        read_table(tmp_path)
    with pytest.raises(UserError, match="no such file"):
        read_table(tmp_path / "no.csv")
    path = write(tmp_path, b"a\n1\n")
    path.chmod(0)
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    with pytest.raises(UserError, match="Permission denied"):
        read_table(path)


def test_parquet_cells_are_text_too(tmp_path):
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": [1.0, 2.5, None], "b": ["x", None, "NA"]}), path)
    assert read_table(path).to_pydict() == {"a": ["1", "2.5", ""], "b": ["x", "", "NA"]}
    with pytest.raises(UserError, match="not a Parquet table"):
        read_table(write(tmp_path, b"a,b\n1,2\n", "u.parquet"))


def test_a_dictionary_becomes_plain_text():
    table = pa.table({"a": pa.array(["x", "y", "x"]).dictionary_encode()})
    assert text_columns(table).schema.types == [pa.string()]
