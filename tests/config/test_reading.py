import pytest

from gluteal.config.reading import find_lines, read_yaml
from gluteal.errors import UserError


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a: [1", "not valid YAML"),
        (b"a: 1\na: 2\n", "written twice"),
        (b"title: caf\xe9\n", "UTF-8"),
        (b"a:\n\t- b\n", "not valid YAML"),
    ],
)
def test_a_file_that_cannot_be_read_gives_one_message(content, words, tmp_path):
    file = tmp_path / "config.yaml"
    file.write_bytes(content)
    with pytest.raises(UserError, match=words):
        read_yaml(file)


def test_a_folder_and_a_missing_file(tmp_path):
    with pytest.raises(UserError, match="is a folder"):
        read_yaml(tmp_path)
    with pytest.raises(UserError, match="no such file"):
        read_yaml(tmp_path / "none.yaml")


def test_a_byte_order_mark_is_taken(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_bytes(b"\xef\xbb\xbftitle: x\n")
    assert read_yaml(file) == {"title": "x"}


def test_every_key_has_its_line(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text("a:\n  b: 1\n  c:\n    d: 2\n")
    assert find_lines(file) == {"a": 1, "a.b": 2, "a.c": 3, "a.c.d": 4}
