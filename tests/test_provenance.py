import shutil
import subprocess
import sys

import pytest

from gluteal.provenance import HOME, fingerprint, hash_file, hash_text, versions


@pytest.fixture
def copy(tmp_path):
    """A copy of the package whose sources may be edited, and the fingerprint it gives."""
    home = tmp_path / "gluteal"
    shutil.copytree(HOME, home, ignore=shutil.ignore_patterns("__pycache__"))

    def print_of(module: str) -> str:
        code = f"from gluteal.provenance import fingerprint; print(fingerprint({module!r}))"
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": str(tmp_path)},
        )
        return done.stdout.strip()

    return home, print_of


def test_comments_docstrings_and_layout_do_not_count(copy):
    home, print_of = copy
    before = print_of("gluteal.variables")
    text = (home / "variables.py").read_text()
    text = text.replace('"""Read the whole dictionary', '# a comment\n    """Another docstring', 1)
    (home / "variables.py").write_text(text.replace("\n\n\n@cache", "\n\n\n\n@cache"))
    assert print_of("gluteal.variables") == before


def test_a_statement_counts_and_so_does_one_in_an_imported_module(copy):
    home, print_of = copy
    before, other = print_of("gluteal.variables"), print_of("gluteal.notation")
    text = (home / "errors.py").read_text()
    (home / "errors.py").write_text(text.replace("n=1)", "n=2)"))
    assert print_of("gluteal.variables") != before
    assert print_of("gluteal.notation") == other


def test_a_data_file_that_the_code_names_counts(copy):
    home, print_of = copy
    before = print_of("gluteal.variables")
    with (home / "variables.csv").open("a") as stream:
        stream.write("\n")
    assert print_of("gluteal.variables") != before


def test_hashes_and_versions(tmp_path):
    (tmp_path / "a").write_text("x")
    assert hash_file(tmp_path / "a").startswith("2d711642b726")
    assert hash_text("x") == "2d711642b726"
    assert {"gluteal", "numpy"} <= set(versions())
    assert fingerprint("gluteal.errors") == fingerprint("gluteal.errors")


def test_what_was_parsed_is_remembered_and_changes_nothing(copy):
    home, print_of = copy
    memory = home / "__pycache__" / "meanings.json"
    first = print_of("gluteal.variables")
    assert memory.is_file()
    assert print_of("gluteal.variables") == first
    memory.write_text("{broken")
    assert print_of("gluteal.variables") == first
    memory.unlink()
    assert print_of("gluteal.variables") == first


def test_the_config_layer_imports_nothing_heavy():
    code = (
        "import sys, gluteal.config.study, gluteal.config.plan, gluteal.cli.lifecycle;"
        "heavy = {'numpy', 'pandas', 'pyarrow', 'scipy', 'matplotlib', 'networkx'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
