import numpy as np
import pandas as pd
import pytest

from gluteal.frames.emg_checks import check_emg, tabulate_activity
from gluteal.frames.emg_onsets import add_delays, order_onsets
from gluteal.frames.emg_panels import make_panels, scale_name
from gluteal.frames.emg_rows import Compensation, short_name

ES = "emg_es_ipsi_pct_mvic"


def frame(n=120, *, on_raw=0.0, on_top=0.0, seed=2):
    rng = np.random.default_rng(seed)
    x = rng.normal(1.3, 0.3, n)
    made = pd.DataFrame({"participant_id": [f"P{k // 2}" for k in range(n)], "hip_abd_nm_kg": x})
    made["age_years"] = rng.normal(45, 10, n)
    for muscle in ("es_ipsi", "gmax"):
        raw = np.exp(4 + on_raw * x + rng.normal(0, 0.15, n))
        top = np.exp(5 + on_top * x + rng.normal(0, 0.15, n))
        for scale, v in (("rms_uv", raw), ("mvic_uv", top), ("pct_mvic", 100 * raw / top)):
            made[f"emg_{muscle}_{scale}"] = v
            made[f"ln emg_{muscle}_{scale}"] = np.log(v)
    return add_delays(made)


def ask(made, **more):
    given = {"outcome": ES, "exposure": "hip_abd_nm_kg", "covariates": ("age_years",),
             "level": 0.95, "per": None}  # fmt: skip
    return Compensation(made, **(given | more))


def test_two_levels_of_several_are_called_what_they_are():
    made = frame()
    made["pain_side"] = np.where(np.arange(120) % 4 < 2, "left", "right")
    levels = ["none", "left", "right", "bilateral", "central"]
    made["pain_side"] = pd.Categorical(made["pain_side"], levels)
    assert ask(made, exposure="pain_side").contrast == "right \N{MINUS SIGN} left"
    made["lbp"] = pd.array(np.arange(120) % 4 < 2, dtype="boolean")
    assert ask(made, exposure="lbp").contrast == ("low back pain \N{MINUS SIGN} no low back pain")


def all_rows(made):
    return [made.first(), *made.scales(("es_ipsi", "gmax")), *made.sensitivity(0.07)]


def test_what_a_slope_is_per():
    assert ask(frame()).contrast.startswith("per SD (")
    assert ask(frame(), per=0.25).contrast == "per 0.250 Nm/kg more"
    one, two = (ask(frame(), per=per).first()["estimate"] for per in (0.1, 0.2))
    assert two == pytest.approx(one**2)


def test_every_scale_is_a_row_and_the_coupled_one_says_why_not():
    rows = {row["model"]: row for row in all_rows(ask(frame()))}
    assert rows["Gluteus maximus: % MVIC"]["converged"] is False
    assert rows["Gluteus maximus: MVIC"]["converged"] is True
    assert rows["Erector spinae, same side: % MVIC, adjusted"]["threat"] == "adjusted"
    assert rows["Erector spinae, same side: % MVIC, unadjusted"]["adjusted_for"] == ""


def test_an_error_larger_than_the_exposure_is_a_failed_row():
    made = ask(frame())
    row = next(row for row in made.sensitivity(5.0) if row.get("threat") == "exposure error")
    assert row["converged"] is False
    assert "nothing reliable" in row["warnings"]


def test_a_muscle_that_cannot_be_fitted_stops_nothing():
    flat = frame().assign(**{"ln emg_gmax_rms_uv": 2.0})
    rows = list(ask(flat).scales(("gmax", "es_ipsi")))
    assert [row["converged"] for row in rows] == [False] * 3 + [True] * 3


@pytest.mark.parametrize(
    ("on_raw", "on_top", "flagged"), [(0.0, 1.0, True), (-1.0, 0.0, False), (0.0, 0.0, False)]
)
def test_compensation_that_is_only_in_the_percent_is_flagged(on_raw, on_top, flagged):
    made = ask(frame(on_raw=on_raw, on_top=on_top, n=240, seed=4))
    found = {row["name"]: row["ok"] for row in check_emg(made, all_rows(made), [])}
    assert ("mostly the denominator, Erector spinae, same side" in found) is flagged
    assert found["maximum along the exposure, Erector spinae, same side"] is (on_top == 0.0)


def test_panels_and_tables_hold_aggregates():
    made = ask(frame())
    panels = make_panels(made, all_rows(made))
    assert [row["scale"] for row in panels["scales"]] == ["raw", "MVIC", "% MVIC"] * 2
    assert [row["headline"] for row in panels["scales"]].index(True) == 2
    assert panels["scales"][5]["note"] == "not estimated"
    table = tabulate_activity(made.frame)
    assert [row["Muscle"] for row in table] == ["Gluteus maximus", "Erector spinae, same side"]
    hidden = tabulate_activity(made.frame.iloc[:4])
    assert hidden[0]["% MVIC"] == "hidden"
    few = ask(frame(16), covariates=())
    assert make_panels(few, [few.first()]) == {}


def test_onset_rows_are_exploratory():
    made = frame().assign(emg_gmax_onset_ms=0.0)
    rng = np.random.default_rng(3)
    made = add_delays(made.assign(emg_es_ipsi_onset_ms=rng.normal(0, 40, len(made))))
    one = ask(made)
    rows = list(one.onsets(order_onsets(made, "hip_abd_nm_kg", ())))
    assert [row["unit"] for row in rows] == ["1", "ms"]
    assert all(row["role"] == "exploratory" for row in rows)


def test_names_are_short():
    assert short_name("emg_bf_rms_uv") == "Biceps femoris: raw"
    assert scale_name("emg_bf_pct_mvic") == "% MVIC"
