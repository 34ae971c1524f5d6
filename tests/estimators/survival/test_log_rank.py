import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.survival.cox import fit_cox
from gluteal.estimators.survival.log_rank import log_rank


def test_lung_equals_survdiff_and_the_published_number(lung, ecog, said):
    found = {
        "sex": log_rank(lung["time"], lung["status"], lung["sex"]),
        "ecog": log_rank(ecog["time"], ecog["status"], ecog["ph.ecog"]),
        "stratified": log_rank(ecog["time"], ecog["status"], ecog["sex"], stratum=ecog["ph.ecog"]),
    }
    for name, one in found.items():
        r = said["log_rank"][name]
        np.testing.assert_allclose(one.observed, r["observed"])
        np.testing.assert_allclose(one.expected, r["expected"], rtol=1e-10)
        assert one.test.statistic == pytest.approx(r["chisq"], rel=1e-9)
    assert found["sex"].test.statistic == pytest.approx(10.32674195, abs=5e-9)
    assert found["ecog"].test.df == 3


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_without_ties_it_is_the_score_test_of_a_cox_model(seed):
    rng = np.random.default_rng(seed)
    time, group = rng.permutation(30) + 1.0, rng.integers(0, 2, 30)
    event = rng.integers(0, 2, 30)
    group[:2], event[:2] = [0, 1], 1
    found = log_rank(time, event, group).test.statistic
    assert found == pytest.approx(fit_cox(group, time, event).score_test.statistic, rel=1e-8)
    # Names of groups and order of rows do not matter.
    order, names = rng.permutation(30), np.array(["weak", "firm"])
    again = log_rank(time[order], event[order], names[group][order])
    assert again.test.statistic == pytest.approx(found, rel=1e-9)


def test_late_entry_leaves_people_out_of_early_risk_sets():
    time, event, group = [1, 4, 5, 6], [1, 1, 1, 1], [0, 0, 1, 1]
    late = log_rank(time, event, group, entry=[0, 0, 2, 2])
    assert late.expected.sum() == pytest.approx(4)
    # At time 1 only the first group is there: it expects that event by itself.
    assert late.expected[0] == pytest.approx(1 + 1 / 3)


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(UserError, match="at least two groups"):
        log_rank([1, 2], [1, 1], [0, 0])
    with pytest.raises(UserError, match="never at risk together"):
        log_rank([1, 2, 3, 4], [1, 1, 1, 1], [0, 0, 1, 1], stratum=[0, 0, 1, 1])
    with pytest.raises(UserError, match="some rows have no group"):
        log_rank([1, 2], [1, 1], np.array(["a", None], dtype=object))
