import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.impute import Column, Passive, impute_chained, pool, pool_models
from gluteal.estimators.linear import fit_linear

MIXED = ("glute", "age", "bmi", "lbp", "grade", "region")
KINDS = ("continuous", "continuous", "continuous", "binary", "ordinal", "nominal")
ASKED = {  # outcome, whether it is one category, covariates: the models of impute.R
    "numbers": (0, None, (1, 2, 3)),
    "grade": (4, None, (1, 0)),
    "region": (5, 2, (1, 0)),
    "lbp": (3, None, (1, 0)),
}


def regress(table, outcome, covariates, category=None):
    y = table[:, outcome] if category is None else table[:, outcome] == category
    x = np.column_stack([np.ones(len(table)), table[:, list(covariates)]])
    return fit_linear(x, y.astype(float), "classical")


def normal(p):
    return [Column(method="norm") for _ in range(p)]


@pytest.mark.parametrize("method", ["pmm", "norm"])
def test_pooled_answers_equal_those_of_mice(answers, parity, method):
    """300 imputations by mice 3.15 against 200 of ours: 4 Monte Carlo errors, and spread alike.

    Categories of mice's polr and polyreg are drawn without a draw of the coefficients, so that
    ours vary a little more between imputations.
    """
    want = answers("impute")[method]
    data = pd.read_csv(parity / "data" / "impute_mixed.csv").to_numpy()
    columns = [
        Column(name, kind, method if kind == "continuous" else None)
        for name, kind in zip(MIXED, KINDS, strict=True)
    ]
    found = impute_chained(data, columns, m=200, cycles=8, seed=2)
    assert found.converged, found.warnings
    fits = {key: [] for key in ASKED}
    for table in found:
        for key, (outcome, category, covariates) in ASKED.items():
            fits[key].append(regress(table, outcome, covariates, category))
    for key in ASKED:
        got, said = pool_models(fits[key]).pooled, want[key]
        between = np.asarray(said["between"])
        error = np.sqrt(between / 300 + np.diag(got.between) / 200)
        gap = (got.coef - said["estimate"]) / error
        assert np.abs(gap).max() < 4, (key, gap)
        ours = np.sqrt(np.diag(got.within) + np.diag(got.between))
        np.testing.assert_allclose(
            ours, np.sqrt(np.asarray(said["within"]) + between), rtol=0.06, err_msg=key
        )


@pytest.mark.parametrize("method", ["pmm", "norm"])
def test_the_truth_where_complete_cases_are_biased(missing_at_random, method):
    data = missing_at_random(4000, 1)
    whole = data[~np.isnan(data).any(1)]
    naive = regress(whole, 0, (1, 2)).coef
    found = impute_chained(data, [Column(method=method)] * 3, m=10, cycles=6, seed=1)
    fits = pool_models([regress(table, 0, (1, 2)) for table in found])
    se = np.sqrt(np.diag(fits.cov))
    truth = np.array([1, 1, 0.5])
    assert (np.abs(naive - truth) / se).max() > 5
    assert (np.abs(fits.coef - truth) / se).max() < 3.5


def test_intervals_cover(missing_at_random):
    """The slope's 95 % interval over 200 samples of 150 people, half of x missing."""
    hits = 0
    for seed in range(200):
        data = missing_at_random(150, seed, 0.4)
        found = impute_chained(data, normal(3), m=10, cycles=3, seed=seed)
        one = pool_models([regress(t, 0, (1, 2)) for t in found]).coefficient(1)
        hits += one.low <= 1 <= one.high
    assert 0.905 <= hits / 200 <= 0.985


def test_categories_are_recovered():
    """Shares of a binary, an ordered and a plain column that are missing where x is high."""
    rng = np.random.default_rng(4)
    n = 3000
    x = rng.normal(size=n)
    two = (rng.random(n) < 1 / (1 + np.exp(-1.2 * x))).astype(float)
    ordered = np.digitize(x + rng.logistic(size=n), [-1.0, 1.5]).astype(float)
    plain = (np.stack([0 * x, 0.9 * x, -0.9 * x], 1) + rng.gumbel(size=(n, 3))).argmax(1) * 10.0
    truth = np.column_stack([x, two, ordered, plain])
    data = truth.copy()
    for j in (1, 2, 3):
        data[rng.random(n) < 1 / (1 + np.exp(-(2 * x - 0.5))), j] = np.nan
    columns = [Column(kind=k) for k in ("continuous", "binary", "ordinal", "nominal")]
    found = impute_chained(data, columns, m=10, cycles=5, seed=3)
    for j in (1, 2, 3):
        for level in np.unique(truth[:, j]):
            share = np.mean([(table[:, j] == level).mean() for table in found])
            naive = (data[~np.isnan(data[:, j]), j] == level).mean()
            assert abs(share - (truth[:, j] == level).mean()) < 0.03
            if j == 1:
                assert abs(naive - (truth[:, j] == level).mean()) > 0.1
            slope = np.mean([np.cov(t[:, 0], t[:, j] == level)[0, 1] for t in found])
            assert slope == pytest.approx(np.cov(x, truth[:, j] == level)[0, 1], abs=0.035)


def test_functions_always_fit_their_parts():
    rng = np.random.default_rng(5)
    height, pain = rng.normal(1.7, 0.1, 200), rng.normal(size=200)
    weight = 23 * height**2 * np.exp(0.1 * rng.normal(size=200))
    data = np.column_stack([height, weight, weight / height**2, pain, np.zeros(200)])
    for j in (0, 1, 3):
        data[rng.random(200) < 0.2, j] = np.nan
    data[np.isnan(data[:, :2]).any(1), 2] = np.nan
    data[0, :3] = [np.nan, 70.0, 25.0]
    passive = [
        Passive(2, (1, 0), lambda w, h: w / h**2),
        Passive(4, (2, 3), lambda b, p: b * p),
    ]
    columns = [Column(n) for n in ("height", "weight", "bmi", "pain", "bmi x pain")]
    found = impute_chained(data, columns, m=4, cycles=4, seed=1, passive=passive)
    for table in found:
        assert not np.isnan(table).any()
        np.testing.assert_allclose(table[:, 2], table[:, 1] / table[:, 0] ** 2, rtol=1e-14)
        np.testing.assert_allclose(table[:, 4], table[:, 2] * table[:, 3], rtol=1e-14)
    assert any("bmi: 1 recorded values give way" in text for text in found.events)
    assert found.mask[0, 2]


def test_a_sum_that_is_no_number_is_an_error():
    data = np.array([[1.0, 2, 0], [0, np.nan, 0], [2, 1, 0], [0, 3, 0]])
    with (
        pytest.raises(UserError, match="column ratio: its function"),
        np.errstate(all="ignore"),
    ):
        passive = [Passive(2, (1, 0), lambda a, b: a / b)]
        impute_chained(data, [Column("a"), Column("b"), Column("ratio")], seed=1, passive=passive)


def test_what_stays_the_same_within_people_is_imputed_once():
    rng = np.random.default_rng(6)
    who = np.repeat(np.arange(60), 4)
    trait = rng.normal(size=60)
    data = np.column_stack(
        [trait[who] + rng.normal(size=240), trait[who], (trait[who] > 0).astype(float)]
    )
    data[rng.random(240) < 0.2, 0] = np.nan
    for j in (1, 2):
        data[np.isin(who, rng.choice(60, 12, replace=False)), j] = np.nan
    data[5, 1] = np.nan  # person 1 is known from the other rows
    shuffled = rng.permutation(240)
    columns = [Column("pain"), Column("trait"), Column("sex", "binary")]
    found = impute_chained(data[shuffled], columns, m=5, cycles=5, seed=1, person=who[shuffled])
    for table in found:
        back = np.empty_like(table)
        back[shuffled] = table
        assert not np.isnan(back).any()
        np.testing.assert_array_equal(back[~np.isnan(data)], data[~np.isnan(data)])
        assert np.ptp(back[:, 1:].reshape(60, 4, 2), axis=1).max() == 0
        if not np.isnan(data[4, 1]):
            assert back[5, 1] == data[4, 1]
    # A person's missing trait follows the mean of their pain.
    first = np.stack(list(found))[:, np.argsort(shuffled)]
    lost = np.isnan(data[::4, 1])
    pain = np.nanmean(data[:, 0].reshape(60, 4), axis=1)
    both = np.corrcoef(first[:, ::4, 1].mean(0)[lost], pain[lost])[0, 1]
    assert both > 0.5


def test_delta_moves_what_is_imputed_and_only_that(missing_at_random):
    data = missing_at_random(800, 2)
    shift = np.where(data[:, 2] > 0, -2.0, 0.0)
    plain = impute_chained(data, normal(3), m=3, cycles=1, seed=4)
    moved = impute_chained(
        data, [Column(), Column(method="norm", delta=shift), Column()], m=3, cycles=1, seed=4
    )
    rows = plain.rows[1]
    np.testing.assert_allclose(moved.cells[1] - plain.cells[1], [shift[rows]] * 3, atol=1e-9)
    assert (moved.completed(0)[~moved.mask] == data[~np.isnan(data)]).all()


def test_delta_of_a_binary_column_is_a_log_odds_ratio():
    rng = np.random.default_rng(7)
    y = (rng.random(4000) < 0.4).astype(float)
    y[rng.random(4000) < 0.5] = np.nan
    data = np.column_stack([y, rng.normal(size=4000)])
    odds = {}
    for delta in (0.0, 1.0):
        columns = [Column(kind="binary", delta=delta), Column()]
        found = impute_chained(data, columns, m=10, cycles=1, seed=1)
        share = found.cells[0].mean()
        odds[delta] = np.log(share / (1 - share))
    assert odds[1.0] - odds[0.0] == pytest.approx(1, abs=0.08)


def test_each_imputation_has_its_own_stream(missing_at_random):
    data = missing_at_random(60, 3)
    few, many = (impute_chained(data, m=m, cycles=3, seed=9) for m in (2, 5))
    np.testing.assert_allclose(few.cells[1], many.cells[1][:2], rtol=1e-9)
    other = impute_chained(data, m=2, cycles=3, seed=10)
    assert not np.array_equal(few.cells[1], other.cells[1])


def test_chunks_of_imputations_give_the_same(missing_at_random, monkeypatch):
    from gluteal.estimators.impute import chained

    data = missing_at_random(80, 3)
    whole = impute_chained(data, normal(3), m=4, cycles=3, seed=9)
    monkeypatch.setattr(chained, "CHUNK", 1)
    parts = impute_chained(data, normal(3), m=4, cycles=3, seed=9)
    np.testing.assert_allclose(parts.cells[1], whole.cells[1], rtol=1e-9)


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.floats(0.1, 100), st.floats(-50, 50))
def test_invariants(seed, unit, shift):
    rng = np.random.default_rng(seed)
    data = rng.normal(size=(40, 3)) @ rng.normal(size=(3, 3))
    data[rng.random((40, 3)) < 0.2] = np.nan
    plain = impute_chained(data, normal(3), m=2, cycles=2, seed=seed)
    scaled = impute_chained(data * unit + shift, normal(3), m=2, cycles=2, seed=seed)
    for a, b in zip(plain.cells, scaled.cells, strict=True):
        np.testing.assert_allclose(b, a * unit + shift, rtol=1e-6, atol=1e-6 * (unit + abs(shift)))
    matched = impute_chained(data, m=2, cycles=2, seed=seed)
    for j, cells in enumerate(matched.cells):
        assert np.isin(cells, data[~np.isnan(data[:, j]), j]).all()


@settings(max_examples=30)
@given(
    st.integers(0, 10_000),
    st.integers(2, 9),
    st.sampled_from([0.0, 0.3, 0.9, 1.0]),
    st.sampled_from(["continuous", "binary", "ordinal", "nominal"]),
    st.sampled_from(["plain", "constant", "twin", "zero rows"]),
)
def test_degenerate_data_end_in_values_or_in_words(seed, n, share, kind, sort):
    rng = np.random.default_rng(seed)
    data = np.column_stack([rng.normal(size=n), rng.integers(0, 2, n), rng.normal(size=n)])
    if sort == "constant":
        data[:, 0] = 3.0
    if sort == "twin":
        data[:, 2] = 2 * data[:, 0] - 1
    data[rng.random((n, 3)) < share] = np.nan
    if sort == "zero rows":
        data = data[:0]
    columns = [Column("a"), Column("b", kind), Column("c", method="norm")]
    try:
        found = impute_chained(data, columns, m=2, cycles=2, seed=seed)
    except UserError as error:
        assert str(error)
        return
    lost = np.isnan(data).all(0)
    for table in found:
        assert not np.isnan(table[:, ~lost]).any()
        assert np.isfinite(table[:, ~lost]).all()
    for j in np.flatnonzero(lost):
        assert any(f"column {'abc'[j]}: nothing observed" in text for text in found.warnings)
        assert not found.converged


@settings(max_examples=40)
@given(st.integers(0, 100_000), st.booleans(), st.booleans())
def test_any_mixture_of_columns_people_and_functions_ends_well(seed, grouped, summed):
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(2, 40)), int(rng.integers(3, 7))
    kinds = ["continuous"] * 3 if summed else list(rng.choice(KINDS, 3))
    kinds += list(rng.choice(KINDS, p - 3))
    data = np.empty((n, p))
    for j, kind in enumerate(kinds):
        if kind == "continuous":
            sorts = (rng.normal(size=n), 1e6 + rng.normal(size=n), 1e5 * rng.standard_cauchy(n))
            data[:, j] = sorts[rng.integers(3)]
        else:
            data[:, j] = rng.integers(0, 2 if kind == "binary" else 5, n)
    data[rng.random((n, p)) < rng.choice([0.1, 0.4, 0.8])] = np.nan
    columns = [
        Column(f"c{j}", k, rng.choice(["pmm", "norm"]) if k == "continuous" else None)
        for j, k in enumerate(kinds)
    ]
    passive = [Passive(2, (0, 1), np.add)] if summed else []
    person = rng.integers(0, max(1, n // 3), n) if grouped else None
    try:
        found = impute_chained(
            data, columns, m=2, cycles=3, seed=seed, person=person, passive=passive
        )
    except UserError as error:
        assert "c" in str(error)
        return
    table = found.completed(1)
    for j in range(p):
        if summed and j == 2:
            whole = ~np.isnan(table[:, 2])
            np.testing.assert_allclose(table[whole, 2], table[whole, :2].sum(1))
            continue
        assert not np.isnan(table[:, j]).any() or f"column c{j}: nothing" in str(found.warnings)
        seen = ~np.isnan(data[:, j])
        np.testing.assert_array_equal(table[seen, j], data[seen, j])


def test_chains_that_run_away_are_flagged():
    """Nine people, eight predictors: one degree of freedom lets normal draws explode."""
    rng = np.random.default_rng(3)
    data = rng.normal(size=(10, 8))
    data[rng.random((10, 8)) < 0.4] = np.nan
    found = impute_chained(data, normal(8), m=10, cycles=10, seed=1)
    assert not found.converged
    assert any("run far away" in text for text in found.warnings)


def test_separated_categories_stay_finite_and_are_named():
    x = np.linspace(-2, 2, 60)
    data = np.column_stack([x, (x > 0).astype(float)])
    data[[5, 20, 29, 31, 45], 1] = np.nan
    found = impute_chained(data, [Column("x"), Column("side", "binary")], m=20, cycles=2, seed=1)
    assert any("side: a predictor separates" in text for text in found.events)
    assert found.cells[1][:, 0].mean() < 0.15
    assert found.cells[1][:, 4].mean() > 0.85


def test_dropped_predictors_are_named():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 50))
    data = np.column_stack([a, b, a + b, np.ones(50), 3 * a + 1])
    data[:9, 1] = np.nan
    found = impute_chained(data, [Column(n) for n in "abcde"], m=2, cycles=2, seed=1)
    assert "column e is a copy of a and does not predict beside it" in found.events
    data = np.column_stack([a, b, rng.normal(size=50), a + b])
    data[:9, 2] = np.nan
    found = impute_chained(data, [Column(n) for n in "abcd"], m=2, cycles=2, seed=1)
    assert any("column c: predicted without d" in text for text in found.events)


def test_nothing_missing_and_everything_missing():
    data = np.arange(12.0).reshape(6, 2)
    found = impute_chained(data, seed=1)
    assert found.warnings == ("no cell was imputed",)
    np.testing.assert_array_equal(found.completed(3), data)
    with pytest.raises(UserError, match="no column has an observed value"):
        impute_chained(np.full((4, 2), np.nan), seed=1)


def test_pooling_what_was_imputed(missing_at_random):
    data = missing_at_random(300, 5)
    found = impute_chained(data, m=5, cycles=4, seed=1)
    means = np.array([t[:, 1].mean() for t in found])
    spread = np.array([t[:, 1].var(ddof=1) / 300 for t in found])
    assert pool(means, spread, 299).fmi[0] > 0.1


def test_a_cohort_of_low_back_pain_as_others_imputed_it(real_data):
    """159 people, 10 of 15 columns incomplete: pooled as from the 10 sets psfmi publishes."""
    folder = real_data / "lbp-mi"
    if not folder.is_dir():
        pytest.skip("the low back pain data are absent")
    table = pd.read_csv(folder / "lbp_orig.csv")
    published = pd.read_csv(folder / "lbpmilr.csv")
    kinds = {"Carrying": "ordinal", "Satisfaction": "ordinal", "Radiation": "binary"}
    columns = [Column(name, kinds.get(name, "continuous")) for name in table.columns]
    found = impute_chained(table.to_numpy(), columns, m=60, cycles=5, seed=1)
    assert not found.warnings

    def fit(d):
        x = [np.ones(len(d)), d["Pain"], d["Tampascale"], d["Function"], d["Satisfaction"] == 3]
        return fit_glm(np.column_stack(x).astype(float), d["Chronic"], "logistic", "classical")

    ours = pool_models([fit(pd.DataFrame(one, columns=table.columns)) for one in found])
    theirs = pool_models([fit(d) for _, d in published.groupby("Impnr")])
    se = np.sqrt(np.diag(theirs.cov))
    assert np.abs((ours.coef - theirs.coef) / se).max() < 0.35
    np.testing.assert_allclose(np.sqrt(np.diag(ours.cov)), se, rtol=0.12)
