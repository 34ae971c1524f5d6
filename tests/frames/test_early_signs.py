import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.derived import Cohort, typed
from gluteal.errors import UserError
from gluteal.frames.early_signs import gather_signs, write_sign

N = 40


@pytest.fixture
def cohort():
    rng = np.random.default_rng(2)
    ids = [f"P{k:02d}" for k in range(N)]
    people = typed(pd.DataFrame({"participant_id": ids, "sex": ["f", "m"] * (N // 2)}))
    visits = pd.DataFrame(
        {
            "participant_id": ids * 2,
            "visit": ["baseline"] * N + ["week04"] * N,
            "nprs_avg": np.r_[rng.normal(5, 1, N), rng.normal(4, 1, N)],
            "age_years": [40.0] * 2 * N,
        }
    )
    return Cohort(people, visits, pd.DataFrame(), pd.DataFrame())


OUTCOME = np.arange(N) % 3 == 0


def gather(cohort, first=("nprs_avg", "sex"), changes=("nprs_avg",), known=None):
    known = np.ones(N, bool) if known is None else known
    return gather_signs(cohort, OUTCOME.astype(float), known, first, changes, "baseline", "week04")


def test_first_values_and_changes_stand_side_by_side(cohort):
    signs = gather(cohort)
    assert signs.design.names == ("(intercept)", "nprs_avg", "sex=m", "change of nprs_avg")
    pain = cohort.visits["nprs_avg"].to_numpy()
    assert signs.design.matrix[:, 3] == pytest.approx(pain[N:] - pain[:N])
    assert signs.outcome.sum() == OUTCOME.sum()
    assert signs.events_a_parameter == pytest.approx(OUTCOME.sum() / 3)


def test_values_at_the_early_visit_can_enter(cohort):
    known = np.ones(N, bool)
    signs = gather_signs(cohort, OUTCOME.astype(float), known, ("sex",), (), "baseline", "week04",
                         ("nprs_avg",))  # fmt: skip
    assert signs.design.names == ("(intercept)", "sex=m", "early nprs_avg")
    assert signs.design.matrix[:, 2] == pytest.approx(cohort.visits["nprs_avg"].to_numpy()[N:])


def test_who_is_not_known_or_lacks_a_value_is_left_out(cohort):
    cohort.visits.loc[N + 1, "nprs_avg"] = np.nan
    signs = gather(cohort, known=np.arange(N) != 5)
    assert (len(signs.outcome), signs.n_missing) == (N - 2, 1)


def test_what_is_absent_or_constant_is_left_out_and_named(cohort):
    signs = gather(cohort, ("nprs_avg", "phq9", "age_years"))
    assert signs.lacking == ("phq9", "age_years")
    assert signs.design.names == ("(intercept)", "nprs_avg", "change of nprs_avg")


def test_too_few_and_nothing_to_predict_from(cohort):
    with pytest.raises(UserError, match="too few to predict"):
        gather(cohort, known=np.arange(N) < 12)
    with pytest.raises(UserError, match="no value of any predictor"):
        gather(cohort, ("phq9",), ())
    with pytest.raises(UserError, match="one value only"):
        gather(cohort, ("age_years",), ())


def test_columns_in_words():
    assert write_sign("sex=m", "baseline", "week04") == "Sex: male"
    assert write_sign("age_years", "baseline", "week04") == "Age"
    assert write_sign("early age_years", "baseline", "week04") == "Age at week04"
