import numpy as np


def test_ratings_are_the_variables(score):
    scores, notes = score("nprs", [{"avg": 4, "now": 0, "worst": 10}])
    assert scores[["nprs_avg", "nprs_now", "nprs_worst"]].to_numpy().tolist() == [[4, 0, 10]]
    assert np.isnan(scores["nprs_best"][0])
    assert notes == {}
