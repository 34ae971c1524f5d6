from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from gluteal.analyses import multiverse as method
from gluteal.cli.commands import run
from gluteal.cohort.derive import derive
from gluteal.cohort.package import read_package
from gluteal.config.plan import plan_text
from gluteal.config.reading import read_yaml
from gluteal.config.study import parse_study
from gluteal.errors import UserError
from gluteal.estimates import tabulate
from gluteal.frames.multiverse_fit import fit_grid
from gluteal.simulate import simulate

MAIN = ("age_years", "sex", "bmi_kg_m2", "prior_lbp")


def spec(**more):
    given = {
        "outcome": "nprs_avg",
        "exposure": "hip_abd_nm_kg",
        "adjust": MAIN,
        "outcomes": ("days_with_pain_28d",),
        "exposures": (),
        "adjustment_sets": (MAIN, MAIN[:3]),
        "exclusions": ("prior_lbp",),
        "resamples": 100,
        "role": "primary",
    }
    return method.Spec(**(given | more))


def rows_of(fit, name):
    return [row for row in fit.estimates if name in row["model"]]


def test_every_specification_equals_r(small, answers):
    want = answers("multiverse_grid")
    _, grid = method._lay_out(small, spec())
    found = fit_grid(grid, 0.95)
    assert found.n.tolist() == want["n"]
    np.testing.assert_allclose(found.estimate, want["estimate"], rtol=1e-7)
    np.testing.assert_allclose(found.se, want["se"], rtol=1e-6)


def test_the_headline_stands_alone(small):
    fit = method.fit(small, spec())
    first = fit.estimates[0]
    assert first == method.headline(small, spec())
    assert (first["threat"], first["unit"], first["contrast"]) == ("adjusted", "SD", "per SD more")
    assert method.headline(small, spec(adjust=()))["threat"] == "crude"


def test_median_and_ends_of_the_curve_stand_beside_it(small):
    fit = method.fit(small, spec())
    (median,) = rows_of(fit, "median of 24")
    assert median["low"] < median["estimate"] < median["high"]
    (low,), (high,) = rows_of(fit, "lowest of 48"), rows_of(fit, "highest of 48")
    assert low["estimate"] < fit.estimates[0]["estimate"] < high["estimate"]
    table = tabulate(fit, "x", spec(), "d", "c")
    assert table["role"].tolist() == ["primary", "sensitivity", "exploratory", "exploratory"]
    assert table["converged"].all()


def test_row_order_and_unit_change_nothing(small):
    one = method.headline(small, spec())
    rng = np.random.default_rng(1)
    people = small.people.iloc[rng.permutation(len(small.people))].reset_index(drop=True)
    visits = small.visits.assign(
        nprs_avg=10 * small.visits["nprs_avg"] + 3, hip_abd_nm_kg=9 * small.visits["hip_abd_nm_kg"]
    )
    other = method.headline(replace(small, people=people, visits=visits), spec())
    for key in ("estimate", "se", "low", "high", "p"):
        assert other[key] == pytest.approx(one[key], rel=1e-9)


def test_a_yes_no_exposure_is_yes_against_no(small):
    asked = spec(outcome="hip_abd_nm_kg", exposure="lbp", outcomes="auto", exposures="auto")
    fit = method.fit(small, asked)
    assert fit.estimates[0]["contrast"] == "yes against no"
    # This cohort has no other measure of strength that may be taken.
    assert {row["outcome"] for row in fit.estimates} == {"hip_abd_nm_kg"}


def test_auto_takes_measures_of_the_same_sign():
    pain, strength = method.Spec(outcome="nprs_now", exposure="hip_ext_n_kg").alternatives()
    assert pain == ("nprs_now", "nprs_avg", "nprs_worst", "odi_pct")
    assert strength[0] == "hip_ext_n_kg" and "hip_ext_max_nm_kg" in strength
    assert "hip_ext_nm" not in strength
    other = method.Spec(outcome="sls_time_s", exposure="age_years").alternatives()
    assert other == (("sls_time_s",), ("age_years",))


def test_what_the_plan_refuses_is_listed_with_its_reason(small):
    asked = spec(
        refused_sets=(((), "leaves a back-door path open"),),
        refused_choices=(("disability", "follows from the outcome"),),
        exposures=("sls_time_s",),
    )
    listed = method.fit(small, asked).tables["choices_not_taken"]
    assert [row["Choice"] for row in listed[:2]] == ["adjusting for nothing", "disability"]
    assert any("single-leg stance" in row["Choice"] for row in listed[2:])


def test_what_is_lacking_and_what_cannot_be_asked(small):
    assert method.fit(small, spec(outcome="hads_a")).needs == ["hads_a"]
    flat = replace(small, visits=small.visits.assign(nprs_avg=4.0))
    with pytest.raises(UserError, match="nprs_avg"):
        method.fit(flat, spec())
    yes_no = spec(outcome="lbp", outcomes=())
    with pytest.raises(UserError, match=r"lbp.*is not a number"):
        method.fit(small, yes_no)
    nobody = replace(small, people=small.people.assign(age_years=np.nan))
    assert method.fit(nobody, spec()).needs == ["age_years"]
    few = replace(small, people=small.people.head(6))
    with pytest.raises(UserError, match="too few rows"):
        method.fit(few, spec())


def test_one_specification_is_a_multiverse_of_one(small):
    alone = spec(
        outcomes=(), adjustment_sets=(), exclusions=(), forms=("linear",),
        estimators=("least_squares",),
    )  # fmt: skip
    fit = method.fit(small, alone)
    assert len(fit.estimates) == 1 and fit.estimates[0] == method.headline(small, alone)


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcomes": ("nprs_avgg",)},
        {"exclusions": ("age_years",)},
        {"forms": ("spline", "linear")},
        {"estimators": ("huber",)},
        {"adjustment_sets": (("ages",),)},
    ],
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValidationError):
        spec(**wrong)


@pytest.fixture(scope="module")
def null_and_seed(tmp_path_factory):
    made = {}
    for world in ("null", "seed"):
        folder = tmp_path_factory.mktemp(world)
        simulate(folder, n=700, seed=5, world=world, design="full")
        made[world] = derive(read_package(folder), {})
    return made


def test_the_joint_test_tells_an_association_from_none(null_and_seed):
    adjust = ("age_years", "sex", "bmi_kg_m2", "log_met", "occ_lifting", "phq9", "prior_lbp")
    asked = method.Spec(
        outcome="nprs_avg", exposure="hip_abd_nm_kg", adjust=(*adjust, "hip_oa"), forms=("linear",),
        estimators=("least_squares",), resamples=300,
    )  # fmt: skip
    p = {}
    for world, cohort in null_and_seed.items():
        checks = {d["name"]: d["value"] for d in method.fit(cohort, asked).diagnostics}
        p[world] = checks["joint test of the median, p"]
    assert p["seed"] < 0.01 < p["null"]


def test_the_command_fits_and_draws_what_the_plan_says(root, tmp_path):
    raw = read_yaml(root / "config" / "config.yaml") | {"dag": str(root / "config" / "dag.yaml")}
    entry = {"method": "multiverse", "outcome": "nprs_avg", "exposure": "hip_abd_nm_kg"}
    entry |= {"resamples": 100, "forms": ["linear"]}
    study = parse_study(raw | {"claims": {}, "analyses": {"ways": entry}})
    (tmp_path / "plan.json").write_text(plan_text(study, "ways"))
    assert run(["simulate", str(tmp_path / "cohort"), "--n", "120", "--seed", "2"]) == 0
    assert run(["derive", str(tmp_path / "cohort"), str(tmp_path / "tables")]) == 0
    fit = ["fit", str(tmp_path / "plan.json"), str(tmp_path / "tables"), str(tmp_path)]
    files = [tmp_path / "estimates" / "ways.csv", tmp_path / "fits" / "ways.json"]
    assert run(fit) == 0
    before = [path.read_bytes() for path in files]
    assert run(fit) == 0
    assert [path.read_bytes() for path in files] == before
    drawn = ["draw", "--plan", str(tmp_path / "plan.json"), "--estimates", str(files[0])]
    assert run([*drawn, "--fit", str(files[1]), "--out", str(tmp_path / "ways")]) == 0
    assert "Specification curve" in (tmp_path / "ways.svg").read_text(encoding="utf-8")


def test_no_panel_or_table_names_a_person(small):
    fit = method.fit(small, spec())
    people = set(small.people["participant_id"])
    assert not any(person in str((fit.panels, fit.tables)) for person in people)
    assert isinstance(pd.DataFrame(fit.tables["by_choice"]), pd.DataFrame)
