import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gluteal.errors import UserError
from gluteal.estimators.icc import FORMS, as_scores, intraclass, mean_squares

SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float
)


def raters(parity):
    return np.loadtxt(parity / "data" / "raters.csv", delimiter=",", skiprows=1)


def test_the_published_table_gives_the_published_numbers():
    found = [round(intraclass(SHROUT_FLEISS)[form].value, 3) for form in FORMS]
    assert found == [0.166, 0.290, 0.715, 0.443, 0.620, 0.909]


@pytest.mark.parametrize(
    ("name", "level"), [("shrout_fleiss", 0.95), ("raters", 0.95), ("raters_90", 0.9)]
)
def test_estimates_and_intervals_equal_psych(answers, parity, name, level):
    scores = SHROUT_FLEISS if name == "shrout_fleiss" else raters(parity)
    found = intraclass(scores, level)
    for form, theirs in answers("reliability")[name].items():
        # R prints 15 digits; both sides use the same F quantiles.
        assert found[form][:3] == pytest.approx(theirs, rel=1e-9), form


def test_pingouin_agrees(parity):
    import pandas as pd
    import pingouin as pg

    scores = raters(parity)
    pg.options["round.column.CI95"] = None
    wide = pd.DataFrame(scores).reset_index().melt("index")
    theirs = pg.intraclass_corr(wide, "index", "variable", "value").set_index("Type")
    for form, value in intraclass(scores).items():
        assert value.value == pytest.approx(theirs.loc[form, "ICC"], rel=1e-12)
        assert value[1:3] == pytest.approx(theirs.loc[form, "CI95"], rel=1e-9)


def test_anxiety_of_irr(real_data):
    path = real_data / "icc-irr" / "anxiety.csv"
    if not path.is_file():
        pytest.skip("icc-irr absent")
    scores = np.loadtxt(path, delimiter=",", skiprows=1)
    assert round(intraclass(scores)["ICC(A,1)"].value, 3) == 0.198


tables = arrays(
    float, st.tuples(st.integers(4, 9), st.integers(2, 4)), elements=st.integers(0, 30).map(float)
).filter(lambda x: mean_squares(x).error > 0.5 and mean_squares(x).subject > 0.5)


@settings(max_examples=40)
@given(tables, st.randoms(use_true_random=False), st.floats(0.1, 50), st.floats(-1e3, 1e3))
def test_neither_order_nor_unit_nor_origin_matters(scores, random, scale, shift):
    rows, columns = list(range(scores.shape[0])), list(range(scores.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    other = scores[np.ix_(rows, columns)] * scale + shift
    for form, value in intraclass(scores).items():
        assert intraclass(other)[form][:3] == pytest.approx(value[:3], rel=1e-6, abs=1e-6)


@settings(max_examples=30)
@given(tables)
def test_rater_bias_lowers_agreement_and_not_consistency(scores):
    biased = scores + 40.0 * np.arange(scores.shape[1])
    before, after = intraclass(scores), intraclass(biased)
    assert after["ICC(C,1)"].value == pytest.approx(before["ICC(C,1)"].value, abs=1e-9)
    assert abs(after["ICC(A,1)"].value) <= abs(before["ICC(A,1)"].value) + 1e-9


def test_intervals_hold_their_estimates_and_perfect_agreement_is_one():
    for value in intraclass(SHROUT_FLEISS).values():
        assert value.low < value.value < value.high
    perfect = intraclass([[1, 1], [2, 2], [4, 4]])
    assert perfect["ICC(A,1)"][:3] == pytest.approx((1, 1, 1))


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ([[1], [2], [3]], "1 raters"),
        ([[1, 2]], "1 people"),
        ([[2, 2], [2, 2]], "do not vary"),
        ([[np.nan, np.nan], [np.nan, np.nan]], "0 people"),
        ([[1, np.nan], [2, np.nan], [3, np.nan]], "1 raters"),
        ([[1, np.nan], [np.nan, 2], [3, 4]], "more than one score"),
        ([1, 2, 3], "form a table"),
    ],
)
def test_too_little_is_refused(scores, words):
    with pytest.raises(UserError, match=words):
        as_scores(scores)


def test_holes_are_refused_by_mean_squares():
    with pytest.raises(UserError, match="missing"):
        intraclass([[1, 2], [3, np.nan], [4, 6], [2, 5]])
