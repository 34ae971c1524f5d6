import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.sensitivity.evalues import (
    compute_difference_evalue,
    compute_evalue,
    compute_risk_difference_evalue,
)

CASES = {
    "rr": lambda: compute_evalue(3.9, 1.8, 8.7),
    "rr_below": lambda: compute_evalue(0.8, 0.7, 1.1),
    "rr_true": lambda: compute_evalue(1.5, 1.2, 1.9, true=2),
    "or_common": lambda: compute_evalue(0.86, 0.75, 0.99, "odds ratio", rare=False),
    "or_rare": lambda: compute_evalue(2.1, 1.1, 4, "odds ratio", rare=True),
    "hr_common": lambda: compute_evalue(0.56, 0.46, 0.69, "hazard ratio", rare=False),
    "hr_rare": lambda: compute_evalue(0.56, 0.46, 0.69, "hazard ratio", rare=True),
    "md": lambda: compute_difference_evalue(0.5, 0.25),
    "md_null": lambda: compute_difference_evalue(-0.2, 0.25),
    "md_true": lambda: compute_difference_evalue(0.5, 0.05, true=0.1),
    "ols": lambda: compute_difference_evalue(-2, 0.5, sd=3),
    "ols_wide": lambda: compute_difference_evalue(0.4, 0.1, sd=2, delta=2.5),
}


@pytest.fixture(scope="module")
def said(answers):
    return answers("sensitivity")["evalue"]


@pytest.mark.parametrize("case", CASES)
def test_the_r_package_evalue(said, case):
    found, want = CASES[case](), said[case]
    np.testing.assert_allclose([found.ratio, found.low, found.high], want["ratio"], rtol=1e-13)
    point, *limits = want["value"]
    assert found.point == pytest.approx(point, rel=1e-13)
    [limit] = [v for v in limits if v != "NA"]
    assert found.limit == pytest.approx(limit, rel=1e-13)


def test_printed_values():
    rr, odds, hazard = CASES["rr"](), CASES["or_common"](), CASES["hr_common"]()
    assert (rr.point, rr.limit) == pytest.approx((7.263034344, 3.0), abs=1e-9)
    assert (odds.ratio, odds.point, odds.limit) == pytest.approx(
        (0.9273618495, 1.368952861, 1.076193945), abs=1e-9
    )
    assert (hazard.ratio, hazard.point, hazard.limit) == pytest.approx(
        (0.6700839517, 2.349531257, 1.908003943), abs=1e-9
    )
    slope = CASES["ols"]()
    assert (slope.ratio, slope.point) == pytest.approx((0.5451650606, 3.071390001), abs=1e-9)


@given(ratio=st.floats(0.01, 100))
def test_a_protective_ratio_is_as_far_as_its_inverse(ratio):
    here, there = compute_evalue(ratio), compute_evalue(1 / ratio)
    assert here.point == pytest.approx(there.point, rel=1e-9)
    far = max(ratio, 1 / ratio)
    # A confounder of that strength with both gives exactly the ratio by the bounding factor.
    assert here.point**2 / (2 * here.point - 1) == pytest.approx(far, rel=1e-9)


@settings(max_examples=30)
@given(middle=st.floats(-2, 2), width=st.floats(0.01, 2))
def test_the_interval_is_never_stronger_than_the_point(middle, width):
    found = compute_evalue(*np.exp([middle, middle - width, middle + width]))
    assert 1 <= found.limit <= found.point
    assert (found.limit == 1) == (abs(middle) <= width)


def test_null_effects():
    assert compute_evalue(1.0, 0.8, 1.3).point == compute_evalue(1.0, 0.8, 1.3).limit == 1
    assert compute_evalue(2.0, 1.0, 4.0).limit == 1
    assert np.isnan(compute_evalue(2.0).limit)
    assert np.isnan(compute_evalue(2.0, None, 3.0).limit)
    assert compute_difference_evalue(0.0, 0.1).point == 1
    assert compute_difference_evalue(0.3).limit != compute_difference_evalue(0.3).limit


def test_degenerate_input():
    with pytest.raises(UserError, match="above zero"):
        compute_evalue(-1.0)
    with pytest.raises(UserError, match=r"finite.*below its interval"):
        compute_evalue(1.0, 2.0, float("inf"))
    with pytest.raises(UserError, match="above its interval"):
        compute_evalue(3.0, 1.0, 2.0)
    with pytest.raises(UserError, match="sd above zero"):
        compute_difference_evalue(1.0, 0.1, sd=0.0)
    with pytest.raises(UserError, match="finite"):
        compute_difference_evalue(float("nan"))
    with pytest.raises(ValueError, match="rare"):
        compute_evalue(2.0, kind="odds ratio")


def test_risk_differences_equal_the_r_package(answers):
    """R steps over bias factors by 1e-6; ours solves for them."""
    for row in answers("sensitivity")["rd"]:
        a, b, c, d = row["given"]
        for first, second in (((a, a + b), (c, c + d)), ((c, c + d), (a, a + b))):
            found = compute_risk_difference_evalue(first, second)
            assert found.point == pytest.approx(row["est.Evalue"], rel=1e-12)
            assert found.limit == pytest.approx(row["lower.Evalue"], abs=1e-4, rel=1e-5)
            assert found.limit <= found.point


@given(p1=st.floats(0.3, 0.9), share=st.floats(0.2, 0.9), rows=st.integers(10**6, 10**7))
def test_a_risk_difference_to_null_takes_the_risk_ratio(p1, share, rows):
    """The bias factor that explains a difference away is the risk ratio itself."""
    found = compute_risk_difference_evalue((p1 * rows, rows), (p1 * share * rows, rows))
    assert found.point == pytest.approx(compute_evalue(1 / share).point, rel=1e-9)


def test_degenerate_risk_differences():
    with pytest.raises(UserError, match="among its people"):
        compute_risk_difference_evalue((5, 4), (1, 10))
    with pytest.raises(UserError, match="nobody"):
        compute_risk_difference_evalue((5, 10), (0, 10))
    with pytest.raises(UserError, match="not beyond"):
        compute_risk_difference_evalue((5, 10), (5, 10))
