import numpy as np


def test_a_site_not_answered_is_not_a_no(score):
    scores, _ = score("pain_sites", [{"central": 1, "left_si": 0}])
    assert scores["pain_site_central"].tolist() == [1]
    assert scores["pain_site_left_si"].tolist() == [0]
    assert np.isnan(scores["pain_site_buttock"][0])


def test_pain_at_any_side_is_no_only_where_both_sides_say_no(score):
    given = [(1, 0), (0, 0), (0, 1), (1, None), (0, None), (None, None)]
    sheets = [
        {k: v for k, v in zip(("left_si", "right_si"), pair, strict=True) if v is not None}
        for pair in given
    ]
    scores, _ = score("pain_sites", sheets)
    found = scores["pain_site_si"].to_numpy(dtype=float)
    np.testing.assert_array_equal(found, [1, 0, 1, 1, np.nan, np.nan])
