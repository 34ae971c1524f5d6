"""Numbers of a large sample without loss: what a perfect study of a world would find."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gluteal.simulate.course import NEVER
from gluteal.simulate.population import Floats
from gluteal.simulate.survey import Sample
from gluteal.simulate.worlds import STRENGTH_SD_NM_KG, VISITS, WEEKS

KGF_SHIFT, LBF_SHIFT = -2.2829, -1.4929
FLAG_BELOW = -1.0
"""A log force this far under what sex and mass predict is queried by the simplest rule."""


def least_squares(y: Any, columns: list[Any]) -> Floats:
    """Return coefficients, the intercept first."""
    design = np.column_stack([np.ones(len(y)), *columns]).astype(np.float64)
    seen = np.asarray(y, dtype=np.float64)
    return np.asarray(np.linalg.solve(design.T @ design, design.T @ seen), dtype=np.float64)


def binary_regression(y: Any, columns: list[Any], link: str) -> Floats:
    """Return maximum-likelihood coefficients of a logit or cloglog model, intercept first."""
    design = np.column_stack([np.ones(len(y)), *columns]).astype(np.float64)
    seen = np.asarray(y, dtype=np.float64)
    share = seen.mean()
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(share / (1 - share)) if link == "logit" else np.log(-np.log(1 - share))
    for _ in range(12):  # Fisher scoring; it has converged to rounding long before
        eta = design @ beta
        if link == "logit":
            chance = 1 / (1 + np.exp(-eta))
            slope = chance * (1 - chance)
        else:
            chance = -np.expm1(-np.exp(eta))
            slope = np.exp(eta - np.exp(eta))
        weight = slope**2 / (chance * (1 - chance))
        beta = beta + np.linalg.solve(
            design.T @ (weight[:, None] * design), design.T @ (weight * (seen - chance) / slope)
        )
    return beta


def adjusters(s: Sample) -> list[Any]:
    """Return the minimal sufficient set: sex, age, BMI, activity, work, distress, prior, OA."""
    return [
        s["female"],
        s["age"] - 43,
        s["bmi"] - 26.4,
        s["log_met"] - 7.5,
        s["occ"] == 1,
        s["occ"] == 2,
        s["distress"],
        s["prior"],
        s["hip_oa"],
    ]


def correlate(a: Any, b: Any) -> float:
    """Pearson's correlation."""
    return float(np.corrcoef(a, b)[0, 1])


def kappa(a: Any, b: Any, levels: int, power: int = 1) -> float:
    """Cohen's kappa; disagreement weighs |a - b| to a power (1 linear, 2 quadratic)."""
    table = np.zeros((levels, levels))
    np.add.at(table, (a.astype(int), b.astype(int)), 1)
    table /= table.sum()
    grid = np.arange(levels)
    cost = np.abs(grid[:, None] - grid) ** power
    chance = table.sum(1)[:, None] * table.sum(0)
    return float(1 - (cost * table).sum() / (cost * chance).sum())


def alpha(items: Any) -> float:
    """Cronbach's alpha."""
    k = items.shape[1]
    total = items.sum(1).var(ddof=1)
    return float(k / (k - 1) * (1 - items.var(0, ddof=1).sum() / total))


def strength_numbers(s: Sample) -> dict[str, float]:
    """M1: the group difference in strength, crude and adjusted, and the odds ratio."""
    case, abd = s["lbp"], s["abd"]
    found: dict[str, float] = {}
    for muscle in ("abd", "ext", "er"):
        trait = s[f"trait_{muscle}"]
        found[f"m1_adjusted_{muscle}_nm_kg"] = least_squares(trait, [case, *adjusters(s)])[1]
        found[f"m1_crude_{muscle}_nm_kg"] = trait[case].mean() - trait[~case].mean()
        for group, who in (("case", case), ("control", ~case)):
            found[f"{muscle}_mean_{group}"] = s[muscle][who].mean()
            found[f"{muscle}_sd_{group}"] = s[muscle][who].std(ddof=1)
    known = [s["female"], s["age"] - 43, s["bmi"] - 26.4, s["ipaq_log_met"] - 7.5]
    known += [s["occ"] == 1, s["occ"] == 2, s["phq"].sum(1), s["prior"], s["hip_oa"]]
    found["m1_adjusted_abd_observed_nm_kg"] = least_squares(abd, [case, *known])[1]
    pooled = np.sqrt((found["abd_sd_case"] ** 2 + found["abd_sd_control"] ** 2) / 2)
    found["m1_crude_smd"] = (abd[case].mean() - abd[~case].mean()) / pooled
    per_sd = abd / STRENGTH_SD_NM_KG
    found["m1_adjusted_ln_or"] = binary_regression(case, [per_sd, *adjusters(s)], "logit")[1]
    female = s["female"]
    for muscle in ("ext", "er"):
        z = [s[f"trait_{name}"][female & case] for name in ("abd", muscle)]
        found[f"r_abd_{muscle}"] = correlate(*z)
    return found


def course_numbers(s: Sample) -> dict[str, float]:
    """M2, M4, M8: incidence, the course of pain, the programme's effect and responders."""
    case, arm, nprs = s["lbp"], s["arm"], s["nprs"]
    found: dict[str, float] = {}
    free = ~case
    found["m2_incidence_26wk"] = (s["onset"][free] != NEVER).mean()
    z = (s["abd"] - s["sex_mean"]) / STRENGTH_SD_NM_KG
    for name, exposure in (("latent", s["z"]), ("observed", z)):
        found[f"m2_ln_hr_{name}_fitted"] = _hazard(s, exposure, free)
    for arm_name, who in (("control", case & ~arm), ("programme", case & arm)):
        for visit, week in enumerate(WEEKS):
            found[f"nprs_{arm_name}_week{week:02d}"] = nprs[who, visit].mean()
            found[f"nprs_sd_{arm_name}_week{week:02d}"] = nprs[who, visit].std(ddof=1)
        fall = nprs[who, 0] - nprs[who, 3]
        good = (fall >= 2) & (fall / np.maximum(nprs[who, 0], 1) >= 0.3)
        found[f"m8_responders_{arm_name}"] = good.mean()
        rise = s["abd_12"][who] - s["abd"][who]
        found[f"r_change_strength_pain_{arm_name}"] = correlate(rise, -fall)
    found["m8_risk_difference"] = found["m8_responders_programme"] - found["m8_responders_control"]
    found["m4_arm_week12_nprs"] = least_squares(nprs[case, 3], [arm[case], nprs[case, 0]])[1]
    found["mean_adherence"] = s["adherence"][arm].mean()
    for visit, name in enumerate(VISITS[1:], start=1):
        found[f"retained_case_{name}"] = s["retained"][case, visit].mean()
        found[f"retained_control_{name}"] = s["retained"][free, visit].mean()
    return found


def _hazard(s: Sample, exposure: Any, free: Any) -> float:
    """Fit the discrete-time hazard (cloglog) of new pain per SD of strength."""
    rows = [free & ((s["onset"] == NEVER) | (s["onset"] >= v)) for v in range(1, len(WEEKS))]
    event = np.concatenate([s["onset"][r] == v for v, r in enumerate(rows, start=1)])
    design = [np.concatenate([c[r] for r in rows]) for c in (exposure, *adjusters(s))]
    interval = np.repeat(np.arange(len(rows)), [r.sum() for r in rows])
    design += [interval == k for k in range(1, len(rows))]
    return float(binary_regression(event, design, "cloglog")[1])


def test_numbers(s: Sample) -> dict[str, float]:
    """M6, M7: reliability of repeats and raters, accuracy of the Trendelenburg sign."""
    trials = s["trials_right"]
    n, k = trials.shape
    within = ((trials - trials.mean(1, keepdims=True)) ** 2).sum() / (n * (k - 1))
    between = k * trials.mean(1).var(ddof=1)
    raters = np.stack([s["abd_leg"][:, 1], s["abd_leg_second"][:, 1]], axis=1)
    sign, second = s["sign"], s["sign_second"]
    # A leg is weak if it is in the lowest third of the legs of its sex.
    female = s["female"][:, None]
    z = s["leg_z"]
    cut = [np.quantile(z[s["female"]], 1 / 3), np.quantile(z[~s["female"]], 1 / 3)]
    weak = z < np.where(female, cut[0], cut[1])
    squeeze = s["squeeze"][:, 1], s["squeeze_second"][:, 1]
    return {
        "m6_trial_sd_nm_kg": np.sqrt(within),
        "m6_icc_within_session": (between - within) / (between + (k - 1) * within),
        "m6_icc_two_assessors": correlate(raters[:, 0], raters[:, 1]),
        "m6_kappa_trendelenburg_retest": kappa(sign[:, 1], second[:, 1], 2),
        "m6_kappa_squeeze_linear": kappa(*squeeze, 5),
        "m6_kappa_squeeze_quadratic": kappa(*squeeze, 5, 2),
        "kappa_trendelenburg_true_drop": kappa(sign[:, 1], s["drop"][:, 1] > 6, 2),
        "m7_positive_share": sign.mean(),
        "m7_sensitivity": sign[weak].mean(),
        "m7_specificity": 1 - sign[~weak].mean(),
        "drop_mean_deg": s["drop"].mean(),
        "drop_sd_deg": s["drop"][:, 1].std(ddof=1),
        "r_drop_strength": correlate(s["drop"][:, 1], (s["abd"] - s["sex_mean"])),
        **{f"squeeze_share_{g}": (squeeze[0] == g).mean() for g in range(5)},
        "stance_mean_under_40": s["stance"][s["age"] < 40].mean(),
        "stance_at_cap_under_40": (s["stance"][s["age"] < 40] >= 45).mean(),
    }


def person_numbers(s: Sample) -> dict[str, float]:
    """M5 and the rest: posture, questionnaires, activity."""
    case, tilt = s["lbp"], s["tilt"]
    odi, rmdq = 2 * s["odi"].sum(1), s["rmdq"].sum(1)
    found = {
        "tilt_difference_deg": tilt[case].mean() - tilt[~case].mean(),
        "r_tilt_lordosis": correlate(tilt, s["lordosis"]),
        "m5_tilt_per_sd": least_squares(tilt, [s["z"], s["female"]])[1],
        "odi_alpha_case": alpha(s["odi"][case]),
        "r_odi_rmdq_case": correlate(odi[case], rmdq[case]),
        "r_nprs_odi_case": correlate(s["nprs"][case, 0], odi[case]),
        "phq9_mean_case": s["phq"][case].sum(1).mean(),
        "phq9_mean_control": s["phq"][~case].sum(1).mean(),
        "r_phq9_distress": correlate(s["phq"].sum(1), s["distress"]),
        "tsk11_mean_case": s["tsk"][case].sum(1).mean(),
        "r_tsk11_distress": correlate(s["tsk"].sum(1), s["distress"]),
        "r_ipaq_log_met": correlate(s["ipaq_log_met"], s["log_met"]),
        "ipaq_log_met_bias": (s["ipaq_log_met"] - s["log_met"]).mean(),
        "ipaq_log_met_slope": least_squares(s["ipaq_log_met"], [s["log_met"]])[1],
    }
    for name, score in (("odi", odi), ("rmdq", rmdq)):
        for group, who in (("case", case), ("control", ~case)):
            found[f"{name}_mean_{group}"] = score[who].mean()
            found[f"{name}_sd_{group}"] = score[who].std(ddof=1)
    return found


def unit_numbers(s: Sample) -> dict[str, float]:
    """Give the expected detection of kgf and lbf entered as N, by the simplest rule.

    The mean log force of a visit is regressed on sex and log mass; it is queried if it lies more
    than 1 under its prediction.
    """
    design = [s["female"], s["log_mass"]]
    beta = least_squares(s["log_force"], design)
    rest = s["log_force"] - np.column_stack([np.ones(len(s["female"])), *design]) @ beta
    return {
        "units_residual_sd": rest.std(ddof=1),
        "units_kgf_sensitivity": (rest + KGF_SHIFT < FLAG_BELOW).mean(),
        "units_lbf_sensitivity": (rest + LBF_SHIFT < FLAG_BELOW).mean(),
        "units_false_alarms": (rest < FLAG_BELOW).mean(),
    }


NUMBERS: tuple[Callable[[Sample], dict[str, float]], ...] = (
    strength_numbers,
    course_numbers,
    test_numbers,
    person_numbers,
    unit_numbers,
)


def summarise(sample: Sample) -> dict[str, float]:
    """Return all numbers of one batch by name."""
    found: dict[str, float] = {}
    for numbers in NUMBERS:
        found |= {name: float(value) for name, value in numbers(sample).items()}
    return found
