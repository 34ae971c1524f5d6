import numpy as np
import pytest

from gluteal.frames.mediation import Chain
from gluteal.frames.mediation_effects import Drawing
from gluteal.frames.mediation_panels import make_panels
from gluteal.frames.mediation_rows import ARROW, Mediated
from gluteal.frames.mediation_sensitivity import sensitivity_rows

NAMES = ("hip_abd_nm_kg", "pelvic_tilt_asis_psis_deg", "lumbar_lordosis_surface_deg", "nprs_avg")


def mediated(n=200, **more):
    rng = np.random.default_rng(5)
    x = rng.normal(1.3, 0.3, n)
    first = -4 * x + rng.normal(size=n)
    second = 0.7 * first + rng.normal(size=n)
    chain = Chain(
        names=NAMES, exposure=x, mediators=np.column_stack([first, second]),
        outcome=0.5 * second + rng.normal(size=n), covariates=rng.normal(size=(n, 1)),
        labels=("age_years",), adjusted=("age_years",), person=np.arange(n), levels=(),
        n_missing=0, visits=("baseline",) * 3, ordered=False, yes_no=False,
    )  # fmt: skip
    given = {
        "form": "serial",
        "through": "chain",
        "per": None,
        "interaction": False,
        "randomised": False,
    }
    how = Drawing(200, 1, "percentile", 0.95)
    return Mediated(chain, how=how, sem_of=lambda _name: 0.0, **(given | more))


def test_the_parts_add_up():
    made = mediated()
    by = made.linear.by_name
    whole = by["indirect"].estimate + by["direct"].estimate
    assert by["total"].estimate == pytest.approx(whole)
    paths = [one.estimate for name, one in by.items() if name.count(ARROW) > 1]
    assert sum(paths) == pytest.approx(by["indirect"].estimate)
    assert made.first()["estimate"] == by[ARROW.join(NAMES)].estimate


def test_effects_are_per_unit_of_the_exposure():
    one, two = (mediated(per=per).first() for per in (0.1, 0.2))
    assert two["estimate"] == pytest.approx(2 * one["estimate"])
    assert two["contrast"] == "per 0.200 Nm/kg more"
    assert mediated().first()["contrast"].startswith("per SD (")


def test_arrows_name_their_ends_and_units():
    made = mediated()
    rows = {row["term"]: row for row in made.beside()}
    step = rows[ARROW.join(NAMES[1:3])]
    assert step["unit"] == "deg"
    assert step["contrast"] == "per 1 deg more"
    assert step["estimate"] == pytest.approx(0.7, abs=0.15)
    assert [row for row in rows if row.count(ARROW) == 1] != []


@pytest.mark.parametrize("form", ["serial", "parallel"])
def test_sensitivity_turns_only_orders_that_were_assumed(form):
    through = "chain" if form == "serial" else "all"
    models = [row["model"] for row in sensitivity_rows(mediated(form=form, through=through), {})]
    assert any(one.startswith("reversed order") for one in models) is (form == "serial")
    assert not any("corrected" in one for one in models)


def test_a_correction_is_a_row_where_an_error_is_known():
    made = mediated()
    made.sem_of = lambda name: 1.1 if name == NAMES[1] else 0.0
    rows = [row for row in sensitivity_rows(made, {}) if row.get("threat") == "exposure error"]
    assert len(rows) == 1
    assert set(made.reliability) == {NAMES[1]}


def test_few_people_have_no_panels():
    assert make_panels(mediated(), {})["nodes"][0]["role"] == "exposure"
    assert make_panels(mediated(9, form="parallel", through="all"), {}) == {}
