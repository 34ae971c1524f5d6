from gluteal.cohort.tables import TABLES
from gluteal.sources.words import check_reasons, check_variable, check_words, with_muscles
from gluteal.variables import variable


def test_the_column_muscle_knows_the_muscles_of_the_dictionary():
    muscle = next(c for c in TABLES["measurements"].columns if c.name == "muscle")
    assert {"abd", "ext", "er", "na"} <= set(with_muscles(muscle).words)
    side = next(c for c in TABLES["measurements"].columns if c.name == "side")
    assert with_muscles(side) is side


def test_reasons_and_words():
    assert [f[4] for f in check_reasons({"-9": "NA:refuse", "": "NA:lost"}, "x")] == ["NA:refuse"]
    assert not list(check_words({"1": "f"}, variable("sex"), "x"))
    assert "a reason, not a value" in next(check_words({"9": "NA:lost"}, variable("sex"), "x"))[0]


def test_force_needs_its_muscle_and_stance_takes_none():
    table = TABLES["measurements"]
    assert not list(check_variable("hip_force_n", ["N"], table, True, "x"))
    assert list(check_variable("hip_force_n", ["N"], table, False, "x"))
    assert list(check_variable("sls_time_s", ["s"], table, True, "x"))
