from gluteal.frames.shares import COMMON, name_odds, name_share


def test_new_cases_are_a_risk_and_cases_a_prevalence():
    assert name_share("incident_lbp") == "risk"
    assert name_share("agg_stand") == "prevalence"


def test_odds_of_a_common_outcome_say_that_they_are_no_ratio_of_shares():
    assert name_odds(COMMON, "lbp") == "odds ratio"
    assert "not a risk ratio: 30 % have" in name_odds(0.3, "incident_lbp")
