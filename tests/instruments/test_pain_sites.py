import numpy as np


def test_a_site_not_answered_is_not_a_no(score):
    scores, _ = score("pain_sites", [{"central": 1, "left_si": 0}])
    assert scores["pain_site_central"].tolist() == [1]
    assert scores["pain_site_left_si"].tolist() == [0]
    assert np.isnan(scores["pain_site_buttock"][0])
