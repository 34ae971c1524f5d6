from gluteal.frames.column_words import label_of, write_adjusted, write_column, write_labels


def test_a_column_that_the_dictionary_does_not_know_keeps_its_name():
    assert label_of("log_mass") == "log_mass" and label_of("x@week04") == "x (week04)"


def test_labels_stand_inside_a_sentence_in_the_given_order():
    assert write_labels(["sex", "age_years"]) == ["sex", "age"]
    assert write_labels(()) == [] and write_column("age_years") == "age"


def test_without_covariates_the_sentence_says_so_in_the_words_asked_for():
    assert write_adjusted(()) == "without adjustment"
    assert write_adjusted((), "") == ""
    assert write_adjusted(("sex",)) == "adjusted for sex"
