import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.splines import place_knots
from gluteal.frames.design import build_design, level_of, numeric_column


@pytest.fixture
def frame():
    rng = np.random.default_rng(1)
    n = 40
    return pd.DataFrame(
        {
            "participant_id": [f"P{i}" for i in range(n)],
            "hip_abd_nm_kg": rng.normal(1.3, 0.3, n),
            "lbp": pd.array(rng.integers(0, 2, n), dtype="boolean"),
            "sex": pd.Categorical(rng.choice(["f", "m"], n), ["f", "m"]),
            "occ_lifting": pd.Categorical(rng.choice(["0", "1", "2"], n), ["0", "1", "2"]),
            "age_years": rng.normal(43, 12, n),
            "examiner": "A",
        }
    )


def test_columns_and_names(frame):
    made = build_design(frame, ["lbp", "sex", "occ_lifting", "age_years"])
    assert made.names == (
        "(intercept)", "lbp", "sex=m", "occ_lifting=1", "occ_lifting=2", "age_years",
    )  # fmt: skip
    assert made.terms["occ_lifting"] == (3, 4)
    np.testing.assert_array_equal(made.matrix[:, 2], frame["sex"] == "m")
    np.testing.assert_array_equal(made.matrix[:, 1], frame["lbp"].astype(float))


def test_an_unobserved_level_makes_no_column(frame):
    frame.loc[frame["occ_lifting"] == "2", "occ_lifting"] = "1"
    assert build_design(frame, ["occ_lifting"]).names == ("(intercept)", "occ_lifting=1")


def test_incomplete_rows_are_left_out_and_counted(frame):
    frame.loc[[0, 3], "age_years"] = np.nan
    frame.loc[5, "hip_abd_nm_kg"] = np.nan
    made = build_design(frame, ["age_years"], complete=["hip_abd_nm_kg"])
    assert made.n_missing == 3
    assert not {0, 3, 5} & set(made.rows)


def test_splines_and_logs(frame):
    knots = place_knots(frame["hip_abd_nm_kg"], 4)
    made = build_design(
        frame, ["hip_abd_nm_kg", "age_years"],
        splines={"hip_abd_nm_kg": knots}, logs=["age_years"],
    )  # fmt: skip
    assert made.terms["hip_abd_nm_kg"] == (1, 2, 3)
    assert made.names[-1] == "ln age_years"
    np.testing.assert_allclose(made.matrix[:, -1], np.log(frame["age_years"]))


def refused(frame, names, **more):
    with pytest.raises(UserError) as caught:
        build_design(frame, names, **more)
    return {fault.column for fault in caught.value.faults}, str(caught.value)


def test_a_column_without_values(frame):
    frame["age_years"] = np.nan
    assert refused(frame, ["lbp", "age_years"])[0] == {"age_years"}


def test_one_level_only_and_every_such_column_at_once(frame):
    frame["sex"] = pd.Categorical(["f"] * 40, ["f", "m"])
    frame["age_years"] = 40.0
    columns, text = refused(frame, ["lbp", "sex", "age_years"])
    assert columns == {"sex", "age_years"}
    assert "one value only" in text


def test_collinear_columns(frame):
    frame["bmi_kg_m2"] = 2 * frame["age_years"] - 3
    columns, text = refused(frame, ["age_years", "lbp", "bmi_kg_m2"])
    assert columns == {"bmi_kg_m2"}
    assert "follows exactly" in text


def test_fewer_rows_than_parameters(frame):
    assert "3 complete rows for" in refused(frame[:3], ["age_years", "hip_abd_nm_kg"])[1]


def test_no_complete_row(frame):
    frame.loc[:19, "age_years"] = np.nan
    frame.loc[20:, "hip_abd_nm_kg"] = np.nan
    assert "no row" in refused(frame, ["age_years", "hip_abd_nm_kg"])[1]


def test_free_text_is_no_covariate(frame):
    assert refused(frame, ["examiner"])[0] == {"examiner"}


def test_a_category_is_no_number(frame):
    with pytest.raises(UserError, match="sex"):
        numeric_column(frame, "sex")


@given(st.integers(0, 1000), st.floats(1e-3, 1e6))
def test_units_do_not_make_columns_collinear(seed, scale):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(20, 2)), columns=["age_years", "bmi_kg_m2"])
    frame["age_years"] *= scale
    assert build_design(frame, ["age_years", "bmi_kg_m2"]).matrix.shape == (20, 3)


def test_a_level_is_written_in_words_where_the_dictionary_has_them():
    assert level_of("lbp", 1) == 'the level "low back pain"'
    assert level_of("made_up", 1) == 'the level "1"'
