from dataclasses import replace

import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.frames import hazard_checks as checks
from gluteal.frames.followed import gather_followed
from gluteal.frames.hazards import answer_logit


@pytest.fixture(scope="module")
def people(followed_up):
    return gather_followed(followed_up, "hip_abd_nm_kg", ("age_years", "sex"))


def test_who_was_lost(people):
    assert checks.count_lost(people) == int((~people.hit & np.isnan(people.status[:, 3])).sum()) > 0


def test_last_values_are_carried_and_known_before_the_visit(followed_up, people):
    found = checks.last_known(followed_up, people, ["nprs_avg", "hip_er_nm_kg"])
    assert list(found) == ["nprs_avg"]  # the other one was not measured
    assert found["nprs_avg"].shape == people.status.shape
    first = followed_up.visits[followed_up.visits["visit"] == "baseline"]["nprs_avg"]
    np.testing.assert_array_equal(found["nprs_avg"][:, 0], first)


def test_weights_that_say_nothing_change_little(followed_up, people):
    known = checks.last_known(followed_up, people, ["nprs_avg"])
    answer, spread = checks.answer_weighted(people, known, 0.25, 0.95)
    plain = answer_logit(people, 0.25, 0.95, penalised=False)
    assert answer.found.estimate == pytest.approx(plain.found.estimate, rel=0.05)
    assert answer.n_events == people.events
    assert spread.mean == pytest.approx(1, abs=0.05)


def test_weights_undo_leaving_that_goes_with_the_exposure_and_a_marker(people):
    """Those with a marker of high risk leave; the marker is no covariate."""
    rng = np.random.default_rng(4)
    n, k = 20_000, 3
    marker, exposure = rng.binomial(1, 0.5, n), rng.normal(size=n)
    risk = 0.08 * np.exp(1.2 * marker - 0.4 * exposure)
    leaving = 1 / (1 + np.exp(2.5 - 2.5 * marker - 1.5 * exposure))
    all_ = np.maximum.accumulate(rng.random((n, k)) < risk[:, None], axis=1).astype(float)
    left = np.maximum.accumulate(rng.random((n, k)) < leaving[:, None], axis=1)

    def lay(status):
        design = replace(people.design, matrix=np.column_stack([np.ones(n), exposure]),
                         names=("(intercept)", "hip_abd_nm_kg"))  # fmt: skip
        return replace(people, design=design, status=status, weeks=np.array([4.0, 8, 12]),
                       hit=(status == 1).any(axis=1), days=np.full(n, np.nan))  # fmt: skip

    full, some = lay(all_), lay(np.where(left, np.nan, all_))
    table = {"marker": np.repeat(marker[:, None], k, axis=1).astype(float)}
    truth, plain = (
        np.log(answer_logit(one, 1.0, 0.95, penalised=False).found.estimate) for one in (full, some)
    )
    weighted = checks.answer_weighted(some, table, 1.0, 0.95)[0].found
    assert abs(np.log(weighted.estimate) - truth) < 0.5 * abs(plain - truth)
    assert abs(np.log(weighted.estimate) - truth) < 3 * weighted.se


def test_reliability_is_the_slope_of_a_later_measurement(followed_up, people):
    share, words = checks.reliability_of(followed_up, people, "hip_abd_nm_kg", "later_visit")
    assert share.estimate == pytest.approx(0.7, abs=0.1)  # as the fixture was made
    assert "measured again at week" in words


def test_reliability_from_a_constant(followed_up, people):
    share, words = checks.reliability_of(
        followed_up, people, "hip_abd_nm_kg", "sem_hip_abd_between_day"
    )
    assert 0.9 < share.estimate < 1
    assert "0.07 Nm/kg" in words
    icc, _words = checks.reliability_of(followed_up, people, "hip_abd_nm_kg", "icc_hip_pilot_low")
    assert icc.estimate < 0.87
    with pytest.raises(UserError, match="another unit"):
        checks.reliability_of(followed_up, people, "hip_abd_nm_kg", "sem_lordosis_surface")


def test_too_few_measured_again(followed_up, people):
    few = people.take(np.arange(180) < 30)
    with pytest.raises(UserError, match="measured again"):
        checks.reliability_of(followed_up, few, "hip_abd_nm_kg", "later_visit")


def test_constant_columns_go_but_not_the_intercept():
    kept = checks.keep_varying(np.array([[1.0, 2, 3], [1, 2, 4]]))
    assert kept.tolist() == [[1, 3], [1, 4]]
