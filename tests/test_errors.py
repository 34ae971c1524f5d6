from gluteal.errors import CannotTest, Fault, UserError, listing, suggest


def test_a_fault_names_place_value_rule_and_remedy():
    fault = Fault("a.csv", "is not a number", "Correct it.", row=7, column="age_years", value="x")
    assert str(fault) == "a.csv, row 7, column age_years (value 'x'): is not a number. Correct it."


def test_all_faults_are_listed_with_their_number():
    error = UserError([Fault("a.csv", f"rule {k}", "Do.") for k in range(3)])
    assert str(error).splitlines()[0] == "3 faults found:"
    assert [f.rule for f in error.faults] == ["rule 0", "rule 1", "rule 2"]


def test_a_long_list_says_how_many_are_left_out():
    text = listing([Fault("a.csv", f"rule {k}", "") for k in range(10)], most=4)
    assert text.endswith("... and 6 more.")
    assert "rule 3" in text
    assert "rule 4" not in text


def test_the_nearest_word_is_suggested_and_nothing_far():
    assert suggest("age_yeers", ["age_years", "sex"]) == "Did you mean 'age_years'? "
    assert suggest("zzz", ["age_years"]) == ""


def test_what_a_cohort_lacks_is_a_fault_that_nobody_made():
    lack = CannotTest(Fault("the derived tables", "nobody has the arm control", "Record it."))
    assert isinstance(lack, UserError) and "nobody has" in str(lack)
