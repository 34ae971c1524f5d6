import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.derived import Cohort
from gluteal.figures import paths
from gluteal.frames.lagged_mediation_rows import Settings, Traced
from gluteal.frames.lagged_mediation_words import make_panels, tell
from gluteal.frames.score_error import NOTHING, stated_error

PAIR = ("hip_abd_nm_kg", "nprs_avg")
ASKED = Settings(PAIR, ("age_years",), "baseline", "week12", 0.95, 1)


@pytest.fixture(scope="module")
def cohort():
    rng = np.random.default_rng(7)
    ids = [f"P{k:03d}" for k in range(240)]
    arm = np.arange(240) % 2
    people = pd.DataFrame({"participant_id": ids, "age_years": rng.uniform(20, 60, 240)})
    people["arm"] = pd.Categorical(np.where(arm, "programme", "control"), ["control", "programme"])
    trait, state = rng.normal(size=(2, 240, 2))
    tables = []
    for k, visit in enumerate(("baseline", "week04", "week08", "week12")):
        tables.append(pd.DataFrame({
            "participant_id": ids, "visit": visit, "week_nominal": 4.0 * k,
            "hip_abd_nm_kg": 1.2 + 0.2 * trait[:, 0] + 0.1 * state[:, 0] + 0.05 * k * arm,
            "nprs_avg": 5 + trait[:, 1] + state[:, 1],
        }))  # fmt: skip
        state = state @ [[0.5, -0.3], [0.0, 0.4]] + rng.normal(size=(240, 2))
    none = pd.DataFrame({"participant_id": [], "visit": [], "side": []})
    return Cohort(people, pd.concat(tables, ignore_index=True), none, none)


@pytest.fixture(scope="module")
def made(cohort):
    return Traced(cohort, ASKED, (stated_error(PAIR[0], 0.03), NOTHING))


def test_the_diagram_multiplies_out(made):
    panels = make_panels(made)
    nodes = [row["name"] for row in panels["nodes"]]
    assert nodes == ["arm", "hip_abd_nm_kg@week04", "hip_abd_nm_kg@week08", "nprs_avg@week12"]
    arrows = {(row["start"], row["end"]): row["estimate"] for row in panels["arrows"]}
    through = sum(arrows["arm", name] * arrows[name, nodes[-1]] for name in nodes[1:-1])
    effects = {row["part"]: row["estimate"] for row in panels["effects"]}
    assert through == pytest.approx(effects["indirect"])
    assert arrows["arm", nodes[-1]] == effects["direct"]
    assert effects["direct"] + effects["indirect"] == pytest.approx(effects["total"])


def test_the_figure_draws_it(made):
    panels, rows = make_panels(made), pd.DataFrame([made.first()])
    page = paths.draw(panels, rows, {})
    assert len(page.axes) == 1
    text = paths.describe(panels, rows, {})
    assert text.startswith("Path diagram, programme")
    assert "indirect" in text


def test_nothing_is_drawn_of_what_did_not_converge(cohort):
    bad = Traced(cohort, ASKED, (stated_error(PAIR[0], 1.0), NOTHING))
    assert make_panels(bad) == {}


def test_sentences_follow_the_settings(made):
    text = " ".join(tell(made))
    assert "week04 and week08" in text
    assert "240 people" in text
    assert "age" in text
    assert "0.0300 Nm/kg" in text
    assert "counted twice" in text
    assert "effect" not in text
    assert text.count("doi:") >= 4
