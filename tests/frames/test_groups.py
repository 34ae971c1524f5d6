import numpy as np
import pandas as pd
import pytest

from gluteal.errors import UserError
from gluteal.frames import groups


@pytest.fixture
def frame():
    rng = np.random.default_rng(1)
    n = 60
    lbp = np.tile([0, 1, 1], 20)
    return pd.DataFrame(
        {
            "hip_abd_nm_kg": rng.normal(1.4 - 0.2 * lbp, 0.3, n),
            "lbp": pd.array(lbp == 1, dtype="boolean"),
            "sex": pd.Categorical(np.repeat(["f", "m"], 30), ["f", "m"]),
            "age_years": rng.normal(43, 10, n),
        }
    )


def test_without_covariates_it_is_the_difference_of_means(frame):
    made = groups.compare(frame, "hip_abd_nm_kg", "lbp", ())
    means = frame.groupby("lbp")["hip_abd_nm_kg"].mean()
    assert made.found.estimate == pytest.approx(means[True] - means[False])
    assert made.sizes == (40, 20)


def test_fitted_values_are_the_engine_s_own(frame):
    made = groups.compare(frame, "hip_abd_nm_kg", "lbp", ("age_years",))
    np.testing.assert_allclose(made.model.fitted, made.design.matrix @ made.model.coef)
    assert made.model.fitted[made.group].mean() == pytest.approx(made.outcome[made.group].mean())


def test_one_group_is_refused(frame):
    frame["lbp"] = pd.array([True] * 59 + [False], dtype="boolean")
    with pytest.raises(UserError, match="fewer than two people"):
        groups.compare(frame, "hip_abd_nm_kg", "lbp", ())


def test_a_constant_covariate_is_dropped_within_a_stratum_only(frame):
    women = frame[frame["sex"] == "f"]
    with pytest.raises(UserError, match="sex"):
        groups.compare(women, "hip_abd_nm_kg", "lbp", ("sex",))
    made = groups.compare(women, "hip_abd_nm_kg", "lbp", ("sex",), drop_constant=True)
    assert made.dropped == ("sex",)


def test_strata_and_their_gap(frame):
    strata, gap = groups.compare_strata(frame, "sex", "hip_abd_nm_kg", "lbp", ("age_years", "sex"))
    found = [made.found for _label, made in strata]
    assert [label for label, _made in strata] == ["female", "male"]
    assert gap.estimate == pytest.approx(found[1].estimate - found[0].estimate)
    assert gap.se == pytest.approx(np.hypot(found[0].se, found[1].se))


def test_density_integrates_to_one_and_is_never_cut_in_pieces(frame):
    v = np.random.default_rng(2).normal(size=12_000)
    grid = np.linspace(-6, 6, 400)
    assert groups.density(v, grid).sum() * (grid[1] - grid[0]) == pytest.approx(1, abs=1e-3)
    np.testing.assert_allclose(groups.density(v, grid), groups.density(v[::-1], grid), rtol=1e-9)


def test_density_of_a_constant_is_finite():
    assert np.isfinite(groups.density([1.0, 1.0, 1.0], [0.0, 1.0])).all()


def test_small_groups_show_no_curve_and_no_quantiles():
    values = np.arange(30.0)
    group = values < 9
    assert {r["group"] for r in groups.curves(values, group, {})} == {"0"}
    small, large = groups.summarise(values, group, {}, 0.95)[::-1]
    assert "q50" not in small
    assert large["q50"] == 19


def test_summaries_by_hand_and_as_a_table():
    rows = groups.summarise(
        np.array([1.0, 2, 3, 4, 6, 8]), np.array([0, 0, 0, 1, 1, 1]) == 1, {}, 0.95
    )
    assert rows[1]["mean"] == 6
    assert rows[1]["low"] == pytest.approx(6 - 4.302653 * 2 / 3**0.5, rel=1e-6)
    table = groups.tabulate_groups(rows, "hip_abd_nm_kg", 0.95)
    assert table[0]["Mean (SD), Hip abduction torque per body mass (Nm/kg)"] == "2.00 (1.00)"
