def test_each_activity_has_its_pain_and_its_minutes(score):
    sheet = {
        "stand": 3, "walk": 1, "sit_to_stand": 5,
        "stand_min": 20, "walk_min": 45, "sit_to_stand_min": 0,
    }  # fmt: skip
    scores, _ = score("aggravation", [sheet])
    assert scores["agg_stand"].tolist() == [3]
    assert scores["agg_walk_min"].tolist() == [45]
    assert scores["agg_sit_to_stand"].tolist() == [5]
    assert scores["agg_sit_to_stand_min"].tolist() == [0]
