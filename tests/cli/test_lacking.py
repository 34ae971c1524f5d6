"""A cohort that lacks a table, a visit, a side or a group runs through, and says what it lacks.

Each variant is a simulated package with something taken out. Every analysis of the example study,
and one of each method that it does not hold, must give estimates or a reason in plain words; none
may stop the run, and the ledger repeats the reason. The slow rest runs with ``-m nightly``.
"""

from __future__ import annotations

import json
from functools import cache

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from gluteal.analyses import METHODS, method
from gluteal.cli.commands import run
from gluteal.cohort.package import read_package, write_package
from gluteal.config.plan import make_plan, study_text
from gluteal.config.reading import read_yaml
from gluteal.config.study import parse_study
from gluteal.simulate import simulate

QUICK = {"resamples": 200, "replicates": 200, "starts": 5}
SLOW = ("data_audit", "test_reliability", "incident_lbp", "cross_lagged", "within_between",
        "functional_triggers", "referral_rule", "multiverse", "unmeasured_bias",
        "activation_test", "side_asymmetry")  # fmt: skip
PAIR = {"outcome": "nprs_avg", "exposure": "hip_abd_nm_kg", "adjust": []}
POWER = {"effects": [0.2], "effect_source": "published in 2020"}
MORE = {
    "x_course": {"method": "evidence_context", "topic": "course"},
    "x_incidence": {"method": "evidence_context", "topic": "incidence"},
    "x_painful_side": {"method": "side_asymmetry", "question": "side", "outcome": "pain_side",
                       "exposure": "hip_abd_asym_log", "adjust": []},
    "x_legs": {"method": "dose_response", "unit": "side", **PAIR,
               "outcome": "gait_pelvic_drop_deg"},
    "x_change": {"method": "rehab_response", "question": "change", "outcome": "nprs_avg"},
    "x_lagged_mediation": {"method": "lagged_mediation", "outcome": "nprs_avg",
                           "mediator": "hip_abd_nm_kg"},
    "x_lag": {"method": "within_between", "lag": 1, **PAIR},
    "x_cohort_power": {"method": "design_power", "study": "group_difference",
                       "from_cohort": True, "measure": "hip_abd_nm_kg", **POWER},
}  # fmt: skip
NOBODY = "nobody of those it asks about (low back pain at entry: low back pain)"
BODIES = "nobody of those it asks about (low back pain at entry: no low back pain)"
EXPECTED = {
    "no EMG": {"emg_compensation": "emg_es_ipsi_pct_mvic"},
    "no sessions": {"adherence_pain": "adherence_interval"},
    "no events": {
        "strength_incident_lbp": "incident_lbp",
        "strength_later_pain": "incident_lbp",
        "x_incidence": "incident_lbp",
    },
    "nobody had new pain": {"strength_incident_lbp": "0 people with complete data have new pain"},
    "one visit": {
        "strength_incident_lbp": "incident_lbp",
        "strength_then_pain": "1 visit has values of it and of",
        "strength_pain_within": "1 visit has values, and 2 are needed",
        "programme_pain": "fewer than two visits",
        "programme_by_strength": "and 3 are needed",
        "adherence_pain": "adherence_interval",
        "pain_courses": "nprs_avg",
        "referral": "no such visit (week12)",
        "x_course": "fewer than two visits",
        "x_change": "fewer than two visits",
        "x_lagged_mediation": "1 visit has values",
        "x_lag": "1 visit has values, and 3 are needed",
    },
    "one side": {
        "strength_tilt": "pelvic tilt, ASIS-PSIS line: all values are missing",
        "posture_chain": "all values are missing",
        "asymmetry_pain": "hip_abd_asym_log",
        "squeeze_asymmetry": "of both legs",
        "x_painful_side": "hip_abd_asym_log",
    },
    "no pain sites": {"strength_triggers": "agg_stand", "strength_si_pain": "pain_site_left_si"},
    "nobody with pain": {
        "table_one": "only one level",
        "strength_by_lbp": "fewer than two people",
        "strength_lbp": "one value only",
        "strength_then_pain": NOBODY,
        "posture_chain": NOBODY,
        "programme_pain": NOBODY,
        "referral": "is yes for nobody",
        "strength_in_context": "fewer than two people",
        "x_painful_side": "0 people have pain on one side",
    },
    "everybody with pain": {
        "table_one": "only one level",
        "strength_by_lbp": "fewer than two people",
        "strength_incident_lbp": BODIES,
        "strength_by_lbp_bias": "fewer than two people",
        "strength_lbp_choices": "one value only",
        "x_incidence": "incident_lbp",
    },
    "one assessor, single trials": {"reliability": "repeated trials or a second assessor"},
    "no control arm": {
        "x_lagged_mediation": "arm",
        "programme_in_context": "arm: fewer than three people",
    },
    "no programme": {
        "programme_pain": "there is a control arm only",
        "adherence_pain": "adherence_interval",
        "x_change": "nobody has the arm programme",
    },
}
"""Of each variant, what it cannot test and the words that must be in the reason."""
WIDE = ("one visit", "one side", "nobody with pain", "everybody with pain", "no control arm")
"""Variants of which the other analyses are fitted as well, the slow methods only at night."""


def of(table, column):
    return table[column].cast("string")


def without(tables, *names):
    return {name: table for name, table in tables.items() if name not in names}


def rows(tables, name, column, values, keep=True):
    """Keep, or leave out, the rows of one table that have one of these values."""
    there = pc.is_in(of(tables[name], column), pa.array(values))
    return {**tables, name: tables[name].filter(there if keep else pc.invert(there))}


def people(tables, column, value, keep=True):
    """Keep, or leave out, people in all tables."""
    chosen = rows(tables, "participants", column, [value], keep)["participants"]
    ids = of(chosen, "participant_id").combine_chunks()
    return {k: v.filter(pc.is_in(of(v, "participant_id"), ids)) for k, v in tables.items()}


def one_visit(tables):
    for name in ("visits", "measurements", "responses"):
        tables = rows(tables, name, "visit", ["baseline"])
    return without(tables, "sessions", "events")


def single(tables):
    tables = rows(tables, "measurements", "assessor", ["B"], keep=False)
    return rows(tables, "measurements", "trial", ["1", "na"])


EMG = ["emg_rms", "emg_mvic", "emg_onset"]
VARIANTS = {
    "no EMG": lambda t: rows(t, "measurements", "test", EMG, keep=False),
    "no sessions": lambda t: without(t, "sessions"),
    "no events": lambda t: without(t, "events"),
    "nobody had new pain": lambda t: rows(t, "events", "event", ["lbp_onset"], keep=False),
    "one visit": one_visit,
    "one side": lambda t: rows(t, "measurements", "side", ["left"], keep=False),
    "no pain sites": lambda t: rows(
        t, "responses", "instrument", ["pain_sites", "aggravation"], keep=False
    ),
    "nobody with pain": lambda t: people(t, "lbp", "0"),
    "everybody with pain": lambda t: people(t, "lbp", "1"),
    "one assessor, single trials": single,
    "no control arm": lambda t: people(t, "arm", "control", keep=False),
    "no programme": lambda t: people(t, "arm", "programme", keep=False),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "package"
    simulate(folder, 200, 5, "evidence", form="parquet", design="full")
    return dict(read_package(folder).tables)


@pytest.fixture(scope="module")
def study(root):
    """The example study as it is, quick, with one of each method that it does not hold."""
    config = root / "config" / "config.yaml"
    raw = read_yaml(config)
    raw["dag"] = str(root / "config" / "dag.yaml")
    raw["analyses"] |= {k: dict(v) for k, v in MORE.items() if v["method"] in METHODS}
    for settings in raw["analyses"].values():
        known = method(settings["method"]).Spec.model_fields
        settings |= {name: value for name, value in QUICK.items() if name in known}
    return parse_study(raw, config)


@pytest.fixture(scope="module")
def plans(study):
    made = {name: make_plan(study, name) for name in study.analyses}
    for plan in made.values():
        plan.pop("imputation", None)  # test_impute has the gaps; here whole tables are lacking
    return made


@pytest.fixture(scope="module")
def derived(whole, tmp_path_factory):
    """Derive one variant, once."""

    @cache
    def make(name):
        folder = tmp_path_factory.mktemp("variant")
        write_package(folder / "package", VARIANTS[name](whole), title="T", form="parquet")
        assert run(["derive", str(folder / "package"), str(folder / "tables")]) == 0
        return folder

    return make


def fit(folder, plan):
    """Fit one analysis; return what it left, and its estimates."""
    name = plan["analysis"]
    path = folder / "plans" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(plan))
    assert run(["fit", str(path), str(folder / "tables"), str(folder)]) == 0, name
    left = json.loads((folder / "fits" / f"{name}.json").read_text())
    return left, pd.read_csv(folder / "estimates" / f"{name}.csv")


def check(left, estimates, name):
    """An answer, or what is lacking; never both, never neither."""
    lacking = bool(left["needs"] or left["reason"])
    assert lacking != bool(len(estimates)), name
    assert not (left["needs"] and left["reason"]), name
    if len(estimates) and not estimates["converged"][0]:
        assert str(estimates["warnings"][0]) not in ("", "nan"), name


def test_every_method_is_asked(study):
    assert {spec.method for spec in study.analyses.values()} == set(METHODS)


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_cannot_be_tested_says_why(variant, derived, plans, study, capsys):
    folder = derived(variant)
    for name, words in EXPECTED[variant].items():
        left, estimates = fit(folder, plans[name])
        check(left, estimates, name)
        assert words in " ".join([*left["needs"], left["reason"]]), (name, left["reason"])
        assert not len(estimates), name
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("variant", WIDE)
def test_all_else_runs_through(variant, derived, plans):
    seen = set()
    for name, plan in plans.items():
        spec = plan["spec"]
        kind = (spec["method"], spec.get("question"), spec.get("topic"), spec.get("unit"))
        if spec["method"] in SLOW or kind in seen:
            continue
        seen.add(kind)
        check(*fit(derived(variant), plan), name)
    assert len(seen) > 12


def test_the_ledger_and_the_figure_repeat_the_reason(derived, plans, study):
    folder = derived("one visit")
    claimed = ("strength_then_pain", "programme_pain", "strength_incident_lbp")
    for name in claimed:
        fit(folder, plans[name])
        given = {"plan": f"plans/{name}", "fit": f"fits/{name}"}
        words = [w for k, v in given.items() for w in (f"--{k}", str(folder / f"{v}.json"))]
        words += ["--estimates", str(folder / "estimates" / f"{name}.csv")]
        assert run(["draw", *words, "--out", str(folder / "figures" / name)]) == 0
        assert "not testable" in (folder / "figures" / f"{name}.txt").read_text()
    told = json.loads(study_text(study))
    told["analyses"] = {name: told["analyses"][name] for name in claimed}
    told["claims"] = {k: c for k, c in told["claims"].items() if c["analysis"] in claimed}
    (folder / "study.json").write_text(json.dumps(told))
    parts = {"study": "study.json", "estimates": "estimates", "fits": "fits", "plans": "plans",
             "out": "ledger.csv"}  # fmt: skip
    assert run(["ledger", *(w for k, v in parts.items() for w in (f"--{k}", str(folder / v)))]) == 0
    ledger = pd.read_csv(folder / "ledger.csv").set_index("analysis")
    assert set(ledger["verdict"]) == {"not testable"}
    assert "3 are needed" in ledger.loc["strength_then_pain", "reason"]
    assert "fewer than two visits" in ledger.loc["programme_pain", "wording"]
    assert "which this cohort lacks" in ledger.loc["strength_incident_lbp", "wording"]


@pytest.mark.nightly
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_analysis_of_every_variant(variant, derived, plans):
    for name, plan in plans.items():
        left, estimates = fit(derived(variant), plan)
        check(left, estimates, name)
        assert name not in EXPECTED[variant] or not len(estimates)
