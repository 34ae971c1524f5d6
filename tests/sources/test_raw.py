import pytest

from gluteal.errors import UserError
from gluteal.sources.raw import read_raw


@pytest.fixture
def read(tmp_path):
    def go(content: bytes, delimiter=",", encoding="utf-8", strip=False):
        path = tmp_path / "raw.csv"
        path.write_bytes(content)
        return read_raw(path, "raw.csv", delimiter, encoding, strip)

    return go


def test_cells_are_text_and_rows_know_their_line(read):
    raw = read(b'a,b\n1,None\n"x\ny",NA\n3,\n')
    assert raw.columns == {"a": ["1", "x\ny", "3"], "b": ["None", "NA", ""]}
    assert raw.lines == [2, 3, 5]


def test_blanks_are_kept_unless_strip(read):
    assert read(b"a\n 1 \n").columns == {"a": [" 1 "]}
    assert read(b"a\n 1 \n", strip=True).columns == {"a": ["1"]}


@pytest.mark.parametrize(
    ("content", "rule", "row"),
    [
        (b"", "empty", None),
        (b"a,b\n", "empty", None),
        (b"a,a\n1,2\n", "twice", 1),
        (b"a,b\n1,2\n1,2,3\n", "3 cells", 3),
        (b"\xef\xbb\xbfa,b\n1,2\n", "byte-order mark", 1),
        (b"a,b\n1,\xe4\n", "encoding utf-8", 2),
        (b"a;b\n1;2\n", "delimiter", 1),
        (b'a,b\n"1,2\n', "delimited table", 2),
        (b"a,b\n1,\x002\n", "zero bytes", None),
    ],
)
def test_what_is_wrong_is_said(read, content, rule, row):
    with pytest.raises(UserError) as caught:
        read(content)
    assert rule in str(caught.value)
    assert caught.value.faults[0].row == row


def test_a_folder_and_a_missing_file(tmp_path):
    with pytest.raises(UserError, match="folder"):
        read_raw(tmp_path, "x", ",", "utf-8")
    with pytest.raises(UserError, match="no such file"):
        read_raw(tmp_path / "no.csv", "no.csv", ",", "utf-8")


def test_other_encodings(read):
    assert read("a\nß\n".encode("cp1252"), encoding="cp1252").columns == {"a": ["ß"]}
