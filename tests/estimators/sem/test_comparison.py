import numpy as np
import pytest

from gluteal.estimators.sem import compare_models, fit_sem, riclpm

NAMES = ("x1", "x2", "x3", "x4", "y1", "y2", "y3", "y4")


def panel(last, seed=1, n=600):
    """Traits, and lags that are equal over waves but for the last."""
    rng = np.random.default_rng(seed)
    traits = rng.normal(size=(2, n))
    now, seen = rng.normal(size=(2, n)), []
    for t in range(4):
        lag = np.array([[0.3, 0.1], [0.2, 0.3]]) if t < 3 else last
        if t:
            now = lag @ now + 0.8 * rng.normal(size=(2, n))
        seen.append(now + traits)
    return np.column_stack([s[0] for s in seen] + [s[1] for s in seen])


@pytest.mark.parametrize("robust", [False, True])
def test_unequal_lags_are_found_and_equal_ones_are_not(robust):
    same, other = np.array([[0.3, 0.1], [0.2, 0.3]]), np.array([[0.3, 0.1], [-0.4, 0.3]])
    p = []
    for last in (same, other):
        data = panel(last)
        narrow = fit_sem(riclpm(NAMES[:4], NAMES[4:], lags_equal=True), data, NAMES, robust=robust)
        wide = fit_sem(riclpm(NAMES[:4], NAMES[4:]), data, NAMES, robust=robust)
        found = compare_models(narrow, wide)
        assert found.df == 8
        p.append(found.p)
    assert p[0] > 0.05 > 1e-4 > p[1]


def test_fits_that_do_not_belong_together_are_refused():
    data = panel(np.eye(2) * 0.3)
    narrow = fit_sem(riclpm(NAMES[:4], NAMES[4:], lags_equal=True), data, NAMES)
    wide = fit_sem(riclpm(NAMES[:4], NAMES[4:]), data, NAMES)
    with pytest.raises(ValueError, match="no fewer parameters"):
        compare_models(wide, narrow)
    with pytest.raises(ValueError, match="different people"):
        compare_models(narrow, fit_sem(riclpm(NAMES[:4], NAMES[4:]), data[:-1], NAMES))
