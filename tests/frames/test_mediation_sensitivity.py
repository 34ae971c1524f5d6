"""The rows themselves are tested beside the headline's, with R's numbers in tests/analyses."""

import numpy as np

from gluteal.errors import UserError
from gluteal.frames import mediation_sensitivity
from gluteal.frames.mediation import Chain
from gluteal.frames.mediation_effects import Drawing
from gluteal.frames.mediation_rows import Mediated
from gluteal.frames.mediation_sensitivity import sensitivity_rows


def rows(*, yes_no=False, arm=False, n=150):
    rng = np.random.default_rng(6)
    x = rng.integers(0, 2, n).astype(float)
    m = 0.4 * x + rng.normal(size=n)
    y = 0.4 * m + rng.normal(size=n)
    chain = Chain(
        names=("arm" if arm else "lbp", "hip_abd_nm_kg", "pain_site_si" if yes_no else "nprs_avg"),
        exposure=x, mediators=m[:, None], outcome=(y > 0).astype(float) if yes_no else y,
        covariates=np.empty((n, 0)), labels=(), adjusted=(), person=np.arange(n),
        levels=("no", "yes"), n_missing=0, visits=("baseline",) * 3, ordered=False, yes_no=yes_no,
    )  # fmt: skip
    made = Mediated(
        chain, how=Drawing(200, 1, "percentile", 0.95), form="single", through="all", per=None,
        interaction=False, randomised=arm,
        sem_of=lambda name: 0.2 if name == "hip_abd_nm_kg" else 0.0,
    )  # fmt: skip
    return {row["model"]: row for row in sensitivity_rows(made, made.rhos())}


def test_every_assumption_has_its_row():
    found = rows()
    starts = ("indirect, BCA", "TNIE", "PNDE", "reversed order", "indirect, corrected", "rho at",
              "E-value")  # fmt: skip
    for start in starts:
        assert any(model.startswith(start) for model in found), start
    assert all(row["role"] == "sensitivity" for row in found.values())
    assert not any("unadjusted" in model for model in found)


def test_an_arm_has_no_reversed_order():
    assert not any("reversed" in model for model in rows(arm=True))


def test_a_yes_no_outcome_has_linear_risks_and_no_rho():
    found = rows(yes_no=True)
    assert "indirect, linear probability" in found
    assert not any(model.startswith("rho") for model in found)
    evalue = next(row for model, row in found.items() if model.startswith("E-value"))
    assert evalue["estimate"] >= 1


def test_a_row_that_failed_has_none_of_the_headlines_numbers(monkeypatch):
    def fail(*_args, **_more):
        raise UserError("cannot be fitted")

    for name in ("fit_corrected", "mediator_evalue", "fit_natural"):
        monkeypatch.setattr(mediation_sensitivity, name, fail)
    failed = [row for row in rows().values() if row["warnings"] == "cannot be fitted"]
    assert len(failed) == 4  # two natural parts, the correction, the E-value
    for row in failed:
        assert row["converged"] is False
        assert [row[key] for key in ("estimate", "se", "low", "high", "p")] == [None] * 5
