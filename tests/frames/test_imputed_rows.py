import json

import numpy as np
import pandas as pd
import pytest

from gluteal.analyses import dose_response
from gluteal.cohort.derived import Cohort
from gluteal.errors import UserError
from gluteal.estimates import Fit, tabulate
from gluteal.frames.completed import attach
from gluteal.frames.imputed_rows import Question, add_imputed, read_account

NAMES = ["nprs_avg", "hip_abd_nm_kg", "age_years"]


@pytest.fixture(scope="module")
def completed():
    rng = np.random.default_rng(3)
    n, m = 80, 4
    ids = [f"P{k:02d}" for k in range(n)]
    people = pd.DataFrame({"participant_id": ids, "age_years": rng.uniform(20, 60, n)})
    strength = rng.normal(1.3, 0.3, n)
    pain = np.clip(5 - 3 * (strength - 1.3) + rng.normal(0, 1, n), 0, 10)
    visits = pd.DataFrame({"participant_id": ids, "visit": "baseline", "nprs_avg": pain})
    visits["hip_abd_nm_kg"] = strength
    gone = np.flatnonzero(strength < 1.15)
    visits.loc[gone, "nprs_avg"] = np.nan
    part = pd.DataFrame({"participant_id": np.tile(np.array(ids)[gone], m)})
    part = part.assign(table="visits", visit="baseline", variable="nprs_avg")
    part["m"] = np.repeat(np.arange(1, m + 1), len(gone))
    part["value"] = np.clip(np.tile(pain[gone], m) + rng.normal(0, 0.5, m * len(gone)), 0, 10)
    sides = pd.DataFrame({"participant_id": [], "visit": [], "side": []})
    return attach(Cohort(people, visits, sides, pd.DataFrame()), part)


def ask(completed, shifts=(), missing="complete", **more):
    spec = dose_response.Spec(
        outcome="nprs_avg",
        exposure="hip_abd_nm_kg",
        adjust=("age_years",),
        role="primary",
        missing=missing,
    )
    fixed = dose_response.freeze(completed.cohort, spec)
    asked = Question(lambda t: dose_response.headline(t, fixed), spec, NAMES, shifts, **more)
    return dose_response.fit(completed.cohort, spec), asked, spec


def test_complete_cases_first_and_the_pooled_answer_second(completed):
    fit, asked, spec = ask(completed)
    found = add_imputed(fit, completed, asked)
    first, second = found.estimates[:2]
    assert first == fit.estimates[0]
    assert (second["threat"], second["role"]) == ("imputed", "sensitivity")
    assert second["model"] == "adjusted, multiple imputation"
    assert second["n_obs"] == 80 > first["n_obs"]
    assert second["contrast"] == first["contrast"]
    table = tabulate(found, "x", spec, "d", "c")
    assert table.loc[1, "m"] == 4
    assert any("10.1002/9780470316696" in s for s in found.sentences)


def test_the_study_may_put_the_pooled_answer_first(completed):
    fit, asked, _ = ask(completed, missing="imputed")
    first, second = add_imputed(fit, completed, asked).estimates[:2]
    assert (first["threat"], first["role"]) == ("imputed", "primary")
    assert (second["threat"], second["role"]) == ("adjusted", "sensitivity")
    assert second["model"] == "adjusted, complete cases"


def test_shifts_and_their_tipping_point(completed):
    fit, asked, _ = ask(completed, shifts=(0.0, -6.0, -2.0))
    found = add_imputed(fit, completed, asked)
    rows = [r for r in found.estimates if r.get("threat") == "missing not at random"]
    assert [r["model"].rsplit(" by ")[1] for r in rows] == ["−6", "−2"]
    # The weak have missing pain: the lower it is, the less strength seems to protect.
    pooled = found.estimates[1]["estimate"]
    assert pooled < rows[1]["estimate"] < rows[0]["estimate"]
    tip = next(d for d in found.diagnostics if d["name"].startswith("tipping"))
    assert -6 < tip["value"] < 0


def test_no_tipping_point_is_said(completed):
    fit, asked, _ = ask(completed, shifts=(0.5,))
    tip = add_imputed(fit, completed, asked).diagnostics[-1]
    assert tip["value"] == "none" and "none within 0 to 0.5" in tip["meaning"]


def test_failed_imputations_lose_the_headline_its_interval(completed):
    fit, _, spec = ask(completed, missing="imputed")

    def broken(tables):
        raise UserError("no maximum")

    found = add_imputed(fit, completed, Question(broken, spec, NAMES))
    table = tabulate(found, "x", spec, "d", "c")
    assert not table.loc[0, "converged"] and np.isnan(table.loc[0, "low"])
    assert "4 of 4 imputations failed" in table.loc[0, "warnings"]
    assert table.loc[1, "low"] < table.loc[1, "high"]
    assert any(d["name"] == "failed imputations" and not d["ok"] for d in found.diagnostics)


def test_few_imputations_for_much_that_is_missing_are_flagged(completed):
    fit, asked, _ = ask(completed, account={"variables": [{"variable": "nprs_avg", "r_hat": 1.5}]})
    checks = {d["name"]: d for d in add_imputed(fit, completed, asked).diagnostics}
    assert checks["fraction of missing information"]["threshold"] == "0.04"
    assert checks["imputation chains, worst R-hat"]["ok"] is False


def test_nothing_imputed_changes_nothing_and_says_so(completed):
    fit, asked, spec = ask(completed)
    none = attach(completed.cohort, pd.DataFrame(columns=["table", "variable", "m"]))
    found = add_imputed(fit, none, asked)
    assert found.estimates == fit.estimates
    assert "no cell" in found.diagnostics[-1]["meaning"]
    same = Question(lambda t: fit.estimates[0], spec, NAMES)
    assert "no part" in add_imputed(fit, completed, same).diagnostics[-1]["meaning"]
    assert add_imputed(Fit(needs=["phq9"]), completed, asked).needs == ["phq9"]


def test_the_account_is_read_or_asked_for(tmp_path):
    with pytest.raises(UserError, match="gluteal impute"):
        read_account(tmp_path)
    (tmp_path / "imputed.json").write_text(json.dumps({"m": 3}))
    assert read_account(tmp_path) == {"m": 3}
