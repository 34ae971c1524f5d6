"""The page of guards names every error and the tests that hold it, and nothing else."""

from __future__ import annotations

import ast
import re

import pytest

ERRORS = range(1, 33)
ROW = re.compile(r"^\| (\d+) \|(.*)\|$", re.M)
DOES = ("refuses", "flags", "cannot be written")


@pytest.fixture(scope="module")
def page(root):
    text = (root / "docs" / "guards.md").read_text(encoding="utf-8")
    return {int(number): rest.split(" | ") for number, rest in ROW.findall(text)}


@pytest.fixture(scope="module")
def tests(root):
    """Every test of a guard, by the number in its name."""
    found: dict[int, set[str]] = {}
    for path in sorted((root / "tests" / "guards").glob("test_*_guards.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_guard_"):
                found.setdefault(int(node.name.split("_")[2]), set()).add(node.name)
    return found


@pytest.mark.parametrize("number", ERRORS)
def test_every_error_has_a_row_that_names_all_of_its_tests(number, page, tests):
    _, does, where, named = (cell.strip() for cell in page[number])
    assert any(word in does for word in DOES)
    assert where
    assert tests[number]
    assert set(re.findall(r"`(\w+)`", named)) == tests[number]


def test_nothing_else_is_on_the_page_or_among_the_tests(page, tests):
    assert list(page) == list(ERRORS)
    assert set(tests) == set(ERRORS)


def test_the_places_on_the_page_exist(root, page):
    known = {path.stem for path in (root / "src" / "gluteal").rglob("*.py")}
    known |= {path.parent.name for path in (root / "src" / "gluteal").rglob("__init__.py")}
    for cells in page.values():
        for place in re.findall(r"[a-z_.]+", cells[2].replace("(override)", "")):
            if place not in ("all", "methods"):
                assert set(place.split(".")) <= known, place
