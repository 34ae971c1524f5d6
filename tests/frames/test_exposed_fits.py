from dataclasses import replace

import numpy as np
import pytest

from gluteal.estimators.causal import estimate_iptw
from gluteal.frames import exposed_fits as fits
from gluteal.frames.exposed import Question, gather_exposed

ASK = Question("nprs_avg", "hip_abd_nm_kg", ("age_years", "sex"), "baseline", "week04", None, 0.2)


@pytest.fixture(scope="module")
def shifted(followed_up):
    return gather_exposed(followed_up, ASK)


@pytest.fixture(scope="module")
def groups(followed_up):
    return gather_exposed(followed_up, replace(ASK, cut=1.6))


def test_every_task_gives_two_means(shifted, groups):
    for data in (shifted, groups):
        tasks = list(fits.list_tasks(data, (0.01, 0.99)))
        names = [task.words["model"] for task in tasks]
        assert names[:3] == ["g-computation", "weights alone", "crude"]
        assert len(names) == len(set(names))
        for task in tasks:
            made = task.make()
            assert made.means.shape == (2,)
            assert made.converged


def test_a_straight_outcome_model_is_its_slope(shifted):
    line = np.linalg.lstsq(shifted.x, shifted.y, rcond=None)[0]
    found = fits.fit_standardised(shifted).difference()
    assert found.estimate == pytest.approx(0.2 * line[1])


def test_in_the_low_group_everyone_keeps_weight_one(groups):
    found = fits.fit_among_low(groups)
    assert found.means[0] == pytest.approx(groups.y[groups.a == 0].mean())
    other = estimate_iptw(groups.y, 1 - groups.a, groups.z, estimand="ATT")
    assert found.difference().estimate == pytest.approx(other.difference(0, 1).estimate)
    assert found.difference().se == pytest.approx(other.difference(0, 1).se)


def test_crude_means_are_those_of_the_groups(groups):
    found = fits.crude_means(groups)
    for code in (0, 1):
        assert found.means[code] == pytest.approx(groups.y[groups.a == code].mean())


def test_weighting_balances(shifted, groups):
    for data in (shifted, groups):
        rows = fits.balance_of(data)
        assert [row["variable"] for row in rows] == ["age_years", "sex"]
        assert max(row["after"] for row in rows) < max(row["before"] for row in rows)
    assert fits.balance_of(shifted.with_covariates([])) == []


def test_a_bent_model_of_a_straight_relation(shifted):
    straight = fits.fit_main(shifted).difference()
    assert fits.fit_bent(shifted).difference().estimate == pytest.approx(
        straight.estimate, abs=straight.se
    )
