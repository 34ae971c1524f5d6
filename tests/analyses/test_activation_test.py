import numpy as np
import pytest
from pydantic import ValidationError

from gluteal.analyses import activation_test as method
from gluteal.errors import UserError
from gluteal.estimates import tabulate


def spec(**more):
    return method.Spec(
        **({"strength": "hip_abd_nm_kg", "resamples": 200, "role": "primary"} | more)
    )


@pytest.mark.parametrize("more", [{}, {"mdc_pct": 8, "mdc_source": "a study"}])
def test_the_headline_equals_r_and_stands_alone(two_legs, answers, more):
    found = method.fit(two_legs, spec(**more))
    alone, first = method.headline(two_legs, spec(**more)), found.estimates[0]
    assert alone == first
    assert (first["exposure"], first["outcome"]) == ("squeeze_grade", "hip_abd_asym_log")
    want = answers("two_legs")["spearman"]
    for key, value in want.items():
        assert first[key] == pytest.approx(value, rel=1e-9), key
    table = tabulate(found, "a", spec(), "d", "c")
    assert table["role"].iloc[0] == "primary"
    assert table["threat"].iloc[0] == "crude"


def test_the_test_is_called_non_validated_everywhere(two_legs):
    found = method.fit(two_legs, spec(mdc_pct=8, mdc_source="a study"))
    assert all("non-validated" in row["meaning"] for row in found.diagnostics)
    assert all("non-validated" in next(iter(row)) for row in found.tables[method.TABLE])
    assert "non-validated" in found.panels["words"][0]["forest"]
    assert "non-validated" in " ".join(found.sentences)


def test_nothing_small_is_shown(two_legs):
    found = method.fit(two_legs, spec(mdc_pct=8, mdc_source="a study"))
    cells = [c for row in found.tables[method.TABLE] for c in list(row.values())[1:]]
    assert not {"1", "2", "3", "4"} & set(cells)
    assert min(row["n"] for row in found.panels["levels"]) >= 10


def test_swapped_sides_and_other_units_change_nothing(two_legs):
    plain = method.headline(two_legs, spec())
    two_legs.sides["hip_abd_nm_kg"] *= 0.738
    two_legs.sides["side"] = two_legs.sides["side"].map({"left": "right", "right": "left"})
    object.__setattr__(two_legs, "sides", two_legs.sides.sample(frac=1, random_state=1))
    two_legs.sides["participant_id"] = "x" + two_legs.sides["participant_id"]
    turned = method.headline(two_legs, spec())
    for key in ("estimate", "low", "high", "p"):
        assert turned[key] == pytest.approx(plain[key], rel=1e-9)


def test_one_leg_is_not_testable(two_legs):
    two_legs.sides.loc[two_legs.sides["side"] == "right", "squeeze_grade"] = np.nan
    assert method.fit(two_legs, spec()).needs == ["squeeze_grade of both legs"]
    with pytest.raises(UserError, match="both legs"):
        method.headline(two_legs, spec())
    assert method.fit(two_legs, spec(strength="hip_ext_nm_kg")).needs == ["hip_ext_nm_kg"]


def test_an_mdc_needs_its_source():
    with pytest.raises(ValidationError, match="mdc_source"):
        spec(mdc_pct=8)


def test_the_simulated_squeeze_follows_abduction_not_extension(simulated):
    """Each muscle has its own side difference there, and the squeeze looks at abduction."""
    cohort = simulated()
    abd = method.headline(cohort, spec())
    ext = method.headline(cohort, spec(strength="hip_ext_nm_kg"))
    assert ext["low"] < 0 < ext["high"]
    # Side difference 0.34 SD against noise of 1.2, strength error, five grades: about 0.2.
    assert 0.1 < abd["low"] < abd["high"] < 0.3
    rows = {row["contrast"]: row for row in method.fit(cohort, spec()).estimates}
    assert any("quadratic weights" in name for name in rows)
