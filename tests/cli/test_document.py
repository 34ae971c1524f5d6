import pytest

from gluteal.cli.commands import run
from gluteal.cli.document import pages


def test_the_pages_are_in_step_with_the_code(root):
    stale = [
        path
        for path, text in pages().items()
        if not (root / path).is_file() or (root / path).read_text(encoding="utf-8") != text
    ]
    assert not stale, f"run: gluteal document ({', '.join(stale)})"


def test_pages_are_written_below_the_project(tmp_path):
    assert run(["document", str(tmp_path)]) == 0
    assert (tmp_path / "docs" / "data-dictionary.md").read_text().startswith("# Data dictionary")


@pytest.mark.parametrize(
    "name",
    ["index", "tutorial", "how-to-map-csv", "glossary", "engines", "engine-checks", "growth"],
)
def test_links_of_the_docs_lead_somewhere(root, name):
    import re

    page = root / "docs" / f"{name}.md"
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target
