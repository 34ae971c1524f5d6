"""What reruns, and what does not: the table of the design, line by line."""

from __future__ import annotations

import hashlib
import os

import pytest

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("project")]
DOWNSTREAM = {"Answering the claims", "Drawing the claims", "Writing the report"}


OF_ONE = ("Planning", "Fitting", "Drawing", "Drawing the threats to")
"""What is made of an analysis that answers a claim."""


def jobs(kind: str, *analyses: str) -> set[str]:
    return {f"{kind} {name}" for name in analyses}


@pytest.fixture
def undo(project):
    """Take back what a test edits."""
    saved: dict = {}

    def keep(name: str):
        saved.setdefault(name, (project.home / name).read_bytes())

    yield keep
    for name, content in saved.items():
        (project.home / name).write_bytes(content)


def test_nothing_changed_nothing_runs(project):
    assert project.planned() == set()


def test_touch_runs_nothing(project):
    for path in [*(project.home / "data").rglob("*.csv"), *(project.home / "src").rglob("*.py")]:
        os.utime(path)
    assert project.planned() == set()


def test_a_comment_a_docstring_and_layout_run_nothing(project, undo):
    name = "src/gluteal/analyses/group_difference.py"
    undo(name)
    path = project.home / name
    head, _, rest = path.read_text().partition("\n")
    path.write_text(
        f'"""Another docstring."""\n# a comment\n\n\n{rest}'
        if head.count('"') == 6
        else f"# a comment\n{head}\n{rest}"
    )
    assert project.planned() == set()


def test_one_line_of_one_method_runs_that_method_and_what_is_downstream(project, undo):
    name = "src/gluteal/analyses/group_difference.py"
    undo(name)
    path = project.home / name
    path.write_text(path.read_text() + "\n_CHANGED = 1\n")
    mine = {f"{kind} strength_by_lbp" for kind in OF_ONE}
    assert project.planned() == mine | DOWNSTREAM


def test_one_entry_of_the_config_runs_its_own(project, undo):
    undo("config/config.yaml")
    project.edit("config/config.yaml", "further forward the pelvis?", "more forward the pelvis?")
    mine = {f"{kind} strength_tilt" for kind in OF_ONE}
    assert project.planned() == mine | DOWNSTREAM | {"Writing down the study"}


def test_a_changed_figure_module_refits_nothing(project, undo):
    name = "src/gluteal/figures/groups.py"
    undo(name)
    path = project.home / name
    path.write_text(path.read_text() + "\n_COLOUR = 'red'\n")
    assert project.planned() == {"Drawing strength_by_lbp", "Writing the report"}


def test_a_changed_figure_of_threats_draws_only_those(project, undo):
    name = "src/gluteal/figures/threats.py"
    undo(name)
    path = project.home / name
    path.write_text(path.read_text() + "\n_COLOUR = 'red'\n")
    threats = jobs("Drawing the threats to", "strength_by_lbp", "strength_tilt")
    # The report writes its table with the words of the figure.
    assert project.planned() == threats | {"Writing the report"}


def test_imputation_runs_the_analyses_that_use_it_alone(project, undo):
    undo("config/config.yaml")
    project.edit("config/config.yaml", "cohort: ", "imputation: {m: 2, cycles: 2}\ncohort: ")
    mine = {f"{kind} {name}" for kind in OF_ONE for name in ("strength_by_lbp", "strength_tilt")}
    expected = mine | DOWNSTREAM | {"Writing down the study", "Imputing missing values"}
    assert project.planned() == expected


def test_one_cell_of_the_data_runs_all_fits(project, undo):
    name = "data/example/participants.csv"
    undo(name)
    path = project.home / name
    lines = path.read_text().splitlines(keepends=True)
    old, new = (",f,", ",m,") if ",f," in lines[1] else (",m,", ",f,")
    lines[1] = lines[1].replace(old, new)
    path.write_text("".join(lines))
    names = ("table_one", "strength_by_lbp", "strength_tilt")
    expected = {"Checking the cohort", "Deriving the clinical measures"}
    expected |= jobs("Fitting", *names) | jobs("Drawing", *names) | DOWNSTREAM
    expected |= jobs("Drawing the threats to", "strength_by_lbp", "strength_tilt")
    assert project.planned() - {"Drawing the participant flow"} == expected


def test_the_whole_run_twice_gives_identical_bytes(project):
    def hashes():
        files = [p for p in (project.home / "reports").rglob("*.*") if p.suffix in (".csv", ".svg")]
        assert len(files) > 8
        return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in files}

    before = hashes()
    project.snakemake("--forceall")
    assert hashes() == before
