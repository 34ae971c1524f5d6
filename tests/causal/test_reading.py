"""Reading the graph: the shipped file, and every fault of a broken one at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gluteal.causal.reading import read_graph
from gluteal.errors import UserError
from gluteal.variables import variables

GOOD = """\
nodes:
  A: {label: One, measured_by: age_years}
  B: {label: Two, measured_by: [nprs_avg, nprs_now]}
  C: {label: Three, latent: true, note: unseen}
arrows:
  - A -> B: seen
  - C -> B: "thought: of"
"""


@pytest.fixture
def write(tmp_path):
    def _write(text: str | bytes):
        path = tmp_path / "dag.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return _write


def faults(path) -> list[str]:
    with pytest.raises(UserError) as caught:
        read_graph(path)
    return str(caught.value).splitlines()


def test_a_good_graph_is_read(write):
    graph = read_graph(write(GOOD))
    assert list(graph.nodes) == ["A", "B", "C"]
    assert graph.latent == {"C"}
    assert graph.nodes["B"].measured_by == ("nprs_avg", "nprs_now")
    assert graph.nodes["C"].note == "unseen"
    assert [str(a) for a in graph.arrows] == ["A -> B", "C -> B"]
    assert graph.arrows[1].note == "thought: of"


def test_the_shipped_graph_is_that_of_the_domain_reference(root):
    graph = read_graph(root / "config" / "dag.yaml")
    assert len(graph.nodes) == 22
    assert len(graph.arrows) == 61
    assert graph.latent == {"Morph", "Load"}
    assert all(arrow.note for arrow in graph.arrows)
    # Each node of the dictionary's column exists here, so that no variable is judged by nothing.
    named = {v.node for v in variables().values() if v.node}
    assert named <= set(graph.nodes)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("measured_by: age_years", "measured_by: age_year", "row 2.*no such variable.*age_years"),
        ("latent: true, ", "", "row 4.*measured by a variable or latent"),
        ("latent: true", "latent: maybe", "row 4.*latent is true or false"),
        ("label: One, ", "", "row 2.*no label"),
        ("nprs_now", "age_years", "row 3.*already measures A"),
        ("A -> B: seen", "A -> D: seen", "row 6.*'D'.*no such node"),
        ("A -> B: seen", "A - B: seen", "row 6.*not an arrow"),
        ("A -> B: seen", "A -> B:", "row 6.*without evidence"),
        ("A -> B: seen", "A -> B", "row 6.*an arrow must be a mapping"),
        ("C -> B", "A -> B", "row 7.*stands twice, first in row 6"),
        ("C -> B", "B -> A", "row 7.*round in a circle: A -> B, B -> A"),
        ("C -> B", "B -> B", "row 7.*round in a circle: B -> B"),
        ("note: unseen", "notes: unseen", "row 4.*unknown key.*Did you mean 'note'"),
        ("  C: {", "  B: {", "row 4.*the node stands twice"),
        ("arrows:", "edges:", "row 5.*unknown key"),
        ("C: {", "sex: {", "bears a variable's name"),
        ("A: {", "A: [", "not valid YAML"),
    ],
)
def test_each_fault_is_named_with_its_row(write, old, new, words):
    import re

    assert old in GOOD
    text = "\n".join(faults(write(GOOD.replace(old, new, 1))))
    assert re.search(words, text), text


def test_all_faults_come_at_once(write):
    text = GOOD.replace("age_years", "age").replace("A -> B", "A -> X").replace("C -> B", "Y -> B")
    assert faults(write(text))[0] == "3 faults found:"


@pytest.mark.parametrize(
    "text", ["", "- a", "nodes: {}", "x: 1", "nodes: 3\narrows: 4", "arrows: []"]
)
def test_what_is_no_graph_is_refused(write, text):
    assert faults(write(text))


def test_no_such_file_a_folder_and_bad_bytes(write, tmp_path):
    assert "cannot be read" in faults(tmp_path / "absent.yaml")[0]
    assert "cannot be read" in faults(tmp_path)[0]
    assert "UTF-8" in faults(write(b"nodes: \xff\xfe"))[0]


def test_a_byte_order_mark_does_no_harm(write):
    assert read_graph(write(b"\xef\xbb\xbf" + GOOD.encode())).latent == {"C"}


def test_the_import_is_light():
    code = (
        "import sys, gluteal.causal as c; "
        "print(sorted({'networkx','numpy','pandas','yaml','pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
