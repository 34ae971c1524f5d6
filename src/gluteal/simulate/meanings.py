"""What each number of ``truth.json`` means, in words and units."""

from __future__ import annotations

import re

_ADJUSTED = "adjusted for female, age, BMI, log_met, occupation, distress, prior pain, hip OA"
_MUSCLES = {"abd": "hip abduction", "ext": "hip extension", "er": "hip external rotation"}
MEANINGS: dict[str, tuple[str, str]] = {
    "m1_adjusted_abd_observed_nm_kg": (
        "Nm/kg",
        "M1 as measured: mean of trials, adjusted for what a file holds (PHQ-9 for distress, IPAQ "
        "for activity)",
    ),
    "m1_crude_smd": ("SD", "M1: cases minus controls, measured abduction, pooled SD"),
    "m1_adjusted_ln_or": (
        "ln odds ratio",
        f"M1: ln odds ratio of being a case per 0.25 Nm/kg measured abduction, {_ADJUSTED}",
    ),
    "m2_ln_hr_latent": ("ln hazard ratio", "M2: new pain, per SD of trait strength (parameter)"),
    "m2_ln_hr_latent_fitted": ("ln hazard ratio", f"M2: the same, fitted; cloglog, {_ADJUSTED}"),
    "m2_ln_hr_observed_fitted": (
        "ln hazard ratio",
        "M2: per 0.25 Nm/kg measured at baseline; measurement error and state pull it to zero",
    ),
    "m2_incidence_26wk": ("risk", "M2: new low back pain within 26 weeks among controls"),
    "m3_strength_to_strength_4wk": ("", "M3: within person, over 4 weeks"),
    "m3_pain_to_pain_4wk": ("", "M3: within person, over 4 weeks"),
    "m3_strength_to_pain_4wk": ("NPRS per Nm/kg", "M3: within person, over 4 weeks"),
    "m3_pain_to_strength_4wk": ("Nm/kg per NPRS", "M3: within person, over 4 weeks"),
    "m4_arm_week12_latent": ("NPRS", "M4: programme minus control at week 12, latent pain"),
    "m4_arm_week12_nprs": ("NPRS", "M4: ANCOVA of the rating; rounding and floor weaken it"),
    "m4_through_strength_week12": ("NPRS", "M4: its part through the gain in strength"),
    "m4_direct_week12": ("NPRS", "M4: its part not through strength"),
    "m4_strength_gain_week12_nm_kg": ("Nm/kg", "M4: gain in abduction, programme minus control"),
    "m5_tilt_per_sd": ("deg", "M5: tilt per SD of trait strength, given sex, fitted"),
    "m5_strength_tilt_lordosis_deg_per_sd": ("deg", "M5: lordosis per SD through tilt"),
    "m5_strength_tilt_lordosis_pain_per_sd": ("NPRS", "M5: pain per SD through tilt, lordosis"),
    "m6_trial_sd_nm_kg": ("Nm/kg", "M6: SD of trials of one session, right abduction"),
    "m6_side_sd_nm_kg": ("Nm/kg", "M6: SD of a side's own offset (parameter)"),
    "m6_icc_within_session": ("", "M6: ICC(1,1) of the three trials of one session"),
    "m6_icc_two_assessors": ("", "M6: correlation of two assessors' means of three trials"),
    "m6_kappa_trendelenburg_retest": ("", "M6: kappa of two raters, right leg"),
    "m6_kappa_squeeze_linear": ("", "M6: linearly weighted kappa of two raters, right side"),
    "m6_kappa_squeeze_quadratic": ("", "M6: quadratically weighted kappa, right side"),
    "m7_sensitivity": (
        "",
        "M7: Trendelenburg sign for a leg in the lowest third of its sex (mean of three trials)",
    ),
    "m7_specificity": ("", "M7: share of the other legs without the sign"),
    "m7_positive_share": ("", "M7: share of legs with the sign"),
    "kappa_trendelenburg_true_drop": ("", "sign against a true drop over 6 degrees, right leg"),
    "m8_responders_control": ("", "M8: fall of 2 or more and of 30 % or more by week 12, all"),
    "m8_responders_programme": ("", "M8: the same in the programme's arm"),
    "m8_risk_difference": ("", "M8: programme minus control"),
    "mean_adherence": ("", "mean of done over prescribed in the programme's arm"),
    "r_tilt_lordosis": ("", "correlation of true tilt and lordosis at baseline"),
    "tilt_difference_deg": ("deg", "cases minus controls, tilt"),
    "r_drop_strength": ("", "correlation of right drop with measured abduction given sex"),
    "r_change_strength_pain_control": ("", "correlation of changes to week 12, control"),
    "r_change_strength_pain_programme": ("", "correlation of changes to week 12, programme"),
    "r_abd_ext": ("", "correlation of the traits in women with pain"),
    "r_abd_er": ("", "correlation of the traits in women with pain"),
    "r_phq9_distress": ("", "correlation of PHQ-9 with the latent distress"),
    "r_tsk11_distress": ("", "correlation of TSK-11 with the latent distress"),
    "r_ipaq_log_met": ("", "correlation of ln(1 + MET) with the latent activity"),
    "ipaq_log_met_bias": ("", "mean of ln(1 + MET) minus the latent activity"),
    "ipaq_log_met_slope": ("", "slope of ln(1 + MET) on the latent activity"),
    "drop_mean_deg": ("deg", "mean pelvic drop"),
    "drop_sd_deg": ("deg", "SD of pelvic drop, right leg"),
    "stance_mean_under_40": ("s", "mean stance time under 40 years, cap 45 s"),
    "stance_at_cap_under_40": ("", "share at the cap under 40 years"),
    "odi_alpha_case": ("", "Cronbach's alpha of ODI, cases"),
    "r_odi_rmdq_case": ("", "correlation of ODI and RMDQ, cases"),
    "r_nprs_odi_case": ("", "correlation of NPRS and ODI, cases"),
    "units_residual_sd": ("ln N", "SD of mean log force given sex and log mass"),
    "units_kgf_sensitivity": (
        "",
        "share of visits in kgf called N that lie more than 1 under the prediction of log force",
    ),
    "units_lbf_sensitivity": ("", "the same for lbf called N"),
    "units_false_alarms": ("", "share of right visits that do so too"),
}
PATTERNS: tuple[tuple[str, str, str], ...] = (
    (r"m1_adjusted_(\w+)_nm_kg", "Nm/kg", "M1: cases minus controls, trait {0}, " + _ADJUSTED),
    (r"m1_crude_(\w+)_nm_kg", "Nm/kg", "M1: cases minus controls, trait {0}, crude"),
    (r"(abd|ext|er)_mean_(\w+)", "Nm/kg", "mean measured {0} at baseline, {1}s"),
    (r"(abd|ext|er)_sd_(\w+)", "Nm/kg", "SD of measured {0} at baseline, {1}s"),
    (r"nprs_sd_(\w+)_week(\d+)", "NPRS", "SD of pain in cases, {0} arm, week {1}"),
    (r"nprs_(\w+)_week(\d+)", "NPRS", "mean pain in cases, {0} arm, week {1}"),
    (r"retained_(\w+)_(\w+)", "", "share of {0}s not dropped out by {1}"),
    (r"squeeze_share_(\d)", "", "share of right sides with squeeze grade {0}"),
    (r"odi_(mean|sd)_(\w+)", "%", "{0} of ODI at baseline, {1}s"),
    (r"rmdq_(mean|sd)_(\w+)", "0-24", "{0} of RMDQ at baseline, {1}s"),
    (r"phq9_mean_(\w+)", "0-27", "mean PHQ-9 at baseline, {0}s"),
    (r"tsk11_mean_(\w+)", "11-44", "mean TSK-11 at baseline, {0}s"),
)


def describe(name: str) -> dict[str, str]:
    """Say what a truth means and in which unit.

    Raises
    ------
    KeyError
        If nothing is known of it.

    Examples
    --------
    >>> describe("abd_mean_case")["meaning"]
    'mean measured hip abduction at baseline, cases'
    """
    if name in MEANINGS:
        unit, meaning = MEANINGS[name]
        return {"unit": unit, "meaning": meaning}
    for pattern, unit, meaning in PATTERNS:
        if found := re.fullmatch(pattern, name):
            words = [_MUSCLES.get(word, word) for word in found.groups()]
            return {"unit": unit, "meaning": meaning.format(*words)}
    raise KeyError(name)
