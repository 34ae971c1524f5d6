"""The frozen plan as a document: every analysis with its people, covariates and settings."""

from gluteal.config.registration_text import write_document

PLAN = {
    "title": "T",
    "question": "Why?",
    "design": "programme",
    "allocation": "randomised",
    "definition": "pain",
    "min_cell": 5,
    "derive": {"strength_summary": "mean"},
    "imputation": {"m": 20},
    "claims": {
        "H8": {"sentence": "Load.", "direction": "positive", "smallest_effect": None,
               "smallest_effect_source": "", "analysis": None, "method": None,
               "reason": "Cannot be seen."}
    },
    "analyses": {
        "a": {"method": "group_difference", "claim": None, "role": "primary", "caption": "Q?",
              "outcome": "hip_abd_nm_kg", "exposure": "lbp", "adjust": [], "only": {"sex": ["f"]},
              "level": 0.95}
    },
}  # fmt: skip


def test_everything_that_decides_a_result_is_told():
    text = write_document(
        {"frozen_on": "2026-11-01", "sha256": "ab", "estimates_existed": True, "plan": PLAN}
    )
    for words in (
        "# Analysis plan: T",
        "`ab`",
        "no pre-registration in the strict sense",
        "Allocation: randomised",
        "20 imputations",
        "| H8 | Load. | positive |  | Cannot be seen. |",
        "### a",
        "Compare a measure between people",
        "Adjusted for: nothing",
        "People: sex = f",
        "level 0.95",
        "strength_summary: mean",
    ):
        assert words in text, words


def test_no_imputation_is_said():
    text = write_document(
        {
            "frozen_on": "d",
            "sha256": "ab",
            "estimates_existed": False,
            "plan": {**PLAN, "imputation": None},
        }
    )
    assert "complete cases of each analysis" in text
