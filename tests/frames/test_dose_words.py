"""The Methods sentences say what was fitted."""

from types import SimpleNamespace

import numpy as np

from gluteal.frames.dose_words import write_dose
from gluteal.variables import variables


def line(se_type="HC3", penalised=False):
    model = SimpleNamespace(se_type=se_type, extra={"penalised": penalised})
    return SimpleNamespace(model=model, outcome=np.zeros(12), design=SimpleNamespace(n_missing=3))


def write(made, curve=None, covariates=("age_years",), name="least squares"):
    ends = variables()["nprs_avg"], variables()["hip_abd_nm_kg"]
    return write_dose(made, curve, ends, covariates, (name, "doi:10.1/x", "0.1 Nm/kg"), 10)


def test_rows_people_errors_and_amount_are_named():
    (text,) = write(line())
    for words in ("12 rows of 10 people", "3 rows were left out", "HC3", "per 0.1 Nm/kg", "age"):
        assert words in text
    assert "without adjustment" in write(line(), covariates=())[0]
    assert "clustered by person" in write(line("CR2"))[0]
    assert "Firth" in write(line(penalised=True))[0]


def test_knots_and_the_test_of_proportional_odds_are_named():
    curve = SimpleNamespace(knots=[1.0, 1.5, 2.0])
    text = write(line(), curve, name="proportional-odds regression")
    assert "3 knots at 1.00, 1.50 and 2.00 Nm/kg" in text[1]
    assert "Brant" in text[2]
