import pandas as pd

from gluteal.cohort.derive import derive
from gluteal.variables import variables


def test_columns_stand_in_the_dictionarys_order_and_types(rows, two_people):
    cohort = derive(rows.package(**two_people))
    order = list(variables())
    for table, keys in ((cohort.people, 1), (cohort.visits, 2), (cohort.sides, 3)):
        names = list(table.columns[keys:])
        assert names == sorted(names, key=order.index)
    assert cohort.people["lbp"].dtype == "boolean"
    assert list(cohort.people["sex"].cat.categories) == ["f", "m"]
    assert cohort.visits["hip_abd_nm_kg"].dtype == "float64"


def test_every_column_is_a_variable_of_its_table(rows, two_people):
    cohort = derive(rows.package(**two_people))
    for home in ("people", "visits", "sides"):
        for name in getattr(cohort, home).columns:
            if name != "side":
                assert home in variables()[name].derived, name


def test_trials_are_long_with_words_stored_once(rows, two_people):
    trials = derive(rows.package(**two_people)).trials
    assert list(trials.columns) == [
        "participant_id",
        "visit",
        "side",
        "variable",
        "assessor",
        "session",
        "trial",
        "value",
    ]
    assert all(isinstance(trials[c].dtype, pd.CategoricalDtype) for c in trials.columns[:5])
    assert trials["variable"].value_counts().to_dict() == {
        "hip_abd_n": 8,
        "hip_abd_nm": 8,
        "hip_abd_nm_kg": 8,
    }


def test_without_measurements_tables_are_empty_but_there(rows):
    package = rows.package(participants=[rows.person("A")], visits=[rows.visit("A")])
    cohort = derive(package)
    assert len(cohort.sides) == len(cohort.trials) == 0
    assert list(cohort.sides.columns) == ["participant_id", "visit", "side"]
    assert cohort.visits["bmi_kg_m2"].round(3).tolist() == [24.221]
