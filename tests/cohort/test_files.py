import pytest

from gluteal.cohort.files import replace_file, write_text
from gluteal.errors import UserError


def test_a_file_appears_whole(tmp_path):
    write_text(tmp_path / "deep" / "a.txt", "x")
    assert (tmp_path / "deep" / "a.txt").read_text() == "x"


def test_a_fault_leaves_the_old_file_and_nothing_half_written(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail():
        with replace_file(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_in_the_way_is_one_message(tmp_path):
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(UserError, match="is a folder"):
        write_text(tmp_path / "a.txt", "x")


def test_a_file_where_a_folder_should_be_is_one_message(tmp_path):
    (tmp_path / "a").write_text("x")
    with pytest.raises(UserError, match="cannot be written"):
        write_text(tmp_path / "a" / "b.txt", "x")
