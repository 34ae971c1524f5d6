"""Error 23 of the field: % MVIC as proof of compensation, and raw microvolts across people.

Nobody compensates here: every muscle is as active in the task whoever is weak. Weak and inhibited
people only reach less in the maximal contraction. The % of that maximum rises all the same.
"""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from gluteal.analyses import emg_compensation as method
from gluteal.cohort.derived import Cohort

N = 300
STRENGTH = "hip_ext_nm_kg"


def weak_effort(n=N, seed=5, effort=0.35):
    """People whose maximal contractions fall with weakness, and whose activity does not."""
    rng = np.random.default_rng(seed)
    ids = [f"P{k:03d}" for k in range(n)]
    z = rng.normal(size=n)
    skin = rng.normal(0, 0.2, n)
    rows = {"participant_id": np.repeat(ids, 2), "visit": "baseline"}
    rows["side"] = np.tile(["left", "right"], n)
    rows[STRENGTH] = np.repeat(1.5 + 0.3 * z, 2) + rng.normal(0, 0.05, 2 * n)
    for muscle, level in (("gmax", 35.0), ("es_ipsi", 55.0), ("bf", 80.0)):
        raw = level * np.exp(np.repeat(skin, 2) + rng.normal(0, 0.25, 2 * n))
        top = 4 * level * np.exp(np.repeat(skin + effort * z, 2) + rng.normal(0, 0.15, 2 * n))
        rows |= {f"emg_{muscle}_rms_uv": raw, f"emg_{muscle}_mvic_uv": top}
        rows[f"emg_{muscle}_pct_mvic"] = 100 * raw / top
    sides = pd.DataFrame(rows)
    ratio = np.log(sides["emg_es_ipsi_pct_mvic"]) - np.log(sides["emg_gmax_pct_mvic"])
    sides["emg_es_gmax_log_ratio"] = ratio
    people = pd.DataFrame({"participant_id": ids})
    visits = pd.DataFrame({"participant_id": ids, "visit": "baseline", "week_nominal": 0.0})
    return Cohort(people, visits, sides, pd.DataFrame())


def spec(outcome="emg_es_ipsi_pct_mvic"):
    return method.Spec(exposure=STRENGTH, outcome=outcome, adjust=())


def test_the_percent_alone_would_show_compensation_that_is_not_there():
    found = method.fit(weak_effort(), spec())
    share = found.estimates[0]
    raw = next(row for row in found.estimates if row["model"] == "Erector spinae, same side: raw")
    # "Per SD stronger, a quarter less erector spinae": false, and far from chance.
    assert share["high"] < 0.85
    assert raw["low"] < 1 < raw["high"]


def test_the_report_says_where_it_comes_from():
    found = {row["name"]: row for row in method.fit(weak_effort(), spec()).diagnostics}
    row = found["mostly the denominator, Erector spinae, same side"]
    assert row["ok"] is False
    assert "denominator, not compensation" in row["meaning"]
    assert found["maximum along the exposure, Erector spinae, same side"]["ok"] is False


def test_the_gluteals_own_percent_is_refused_outright():
    with pytest.raises(ValidationError, match="even where nothing compensates"):
        spec("emg_gmax_pct_mvic")


def test_a_ratio_to_gluteus_maximus_is_flagged():
    found = {
        row["name"]: row
        for row in method.fit(weak_effort(), spec("emg_es_gmax_log_ratio")).diagnostics
    }
    assert found["exposure inside the outcome"]["ok"] is False


def test_true_compensation_is_not_flagged():
    cohort = weak_effort(effort=0.0)
    more = np.exp(-0.5 * (cohort.sides[STRENGTH] - 1.5))
    for scale in ("rms_uv", "pct_mvic"):
        cohort.sides[f"emg_es_ipsi_{scale}"] *= more
    found = method.fit(cohort, spec())
    assert found.estimates[0]["high"] < 1
    assert not any(row["name"].startswith("mostly the denominator") for row in found.diagnostics)


def test_raw_microvolts_across_people_are_flagged():
    found = {
        row["name"]: row for row in method.fit(weak_effort(), spec("emg_bf_rms_uv")).diagnostics
    }
    assert found["raw amplitude across people"]["ok"] is False
