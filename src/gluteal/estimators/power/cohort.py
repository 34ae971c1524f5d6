"""Designs whose data come from the simulated cohort: its latent arrays, without files between.

What is true stands in the parameters of the world, or was measured on a million people (see
``gluteal.simulate.truth``).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gluteal.estimators.inference import Estimate, Floats
from gluteal.estimators.power.designs import Design

VISITS = 4
"""Visits at weeks 0, 4, 8 and 12: equal intervals."""


def _course(rng: Any, n: int, world: str, design: str) -> Any:
    """Follow n new people of a world; one block, whatever its size."""
    from gluteal.simulate.course import draw_course
    from gluteal.simulate.streams import Block, settle

    share = {"case_control": 0.6, "full": 0.6, "cohort": 0.0}.get(design, 1.0)
    settings = settle(n, int(rng.integers(2**62)), world, design)
    return draw_course(Block(settings, 0, 0, n, round(share * n)))


def _confounders(people: Any) -> Floats:
    """Sex, age, body mass index, activity, lifting, distress, earlier pain, hip osteoarthritis."""
    return np.column_stack(
        [
            people.female,
            people.age - 43,
            people.bmi - 26.4,
            people.log_met - 7.5,
            people.occ == 1,
            people.occ == 2,
            people.distress,
            people.prior,
            people.hip_oa,
        ]
    ).astype(float)


def _truth(world: str, name: str) -> float:
    from gluteal.simulate.truth import exact, truths
    from gluteal.simulate.worlds import find_world

    known = exact(find_world(world))
    return known[name] if name in known else truths(world)[name][0]


def cohort_group_difference(world: str = "evidence") -> Design:
    """Compare measured abduction strength of cases and controls, adjusted for all confounders.

    In Nm per kg of body mass; n people, 60 % of them cases; least squares with HC3 errors.

    Examples
    --------
    >>> round(cohort_group_difference().truth, 3)
    -0.114
    """
    from gluteal.simulate.strength import measure_torque

    def make(rng: Any, n: int) -> tuple[Floats, Floats]:
        course = _course(rng, n, world, "case_control")
        people = course.traits.people
        strength = measure_torque(course, "abd", 0, rng).mean(axis=(1, 2))
        design = np.column_stack([np.ones(n), people.lbp, _confounders(people)])
        return design, strength

    def fit(data: tuple[Floats, Floats], level: float) -> Estimate | None:
        from gluteal.estimators.linear import fit_linear

        return fit_linear(*data).coefficient(1, level)

    truth = _truth(world, "m1_adjusted_abd_nm_kg")
    return Design(f"group difference, {world} world", truth, make, fit, least=30)


def cohort_incidence(world: str = "evidence") -> Design:
    """Relate new low back pain to strength by the hazard over visits, adjusted.

    Log hazard ratio per SD of trait strength; n people without pain at entry.

    Examples
    --------
    >>> round(cohort_incidence("seed").truth, 3)
    -0.511
    """

    def make(rng: Any, n: int) -> tuple[Floats, Floats]:
        course = _course(rng, n, world, "cohort")
        people, onset = course.traits.people, course.onset
        visit = np.arange(1, course.nprs.shape[1])
        status = ((onset[:, None] > 0) & (visit >= onset[:, None])).astype(float)
        left = course.left[:, None]
        status[(left > 0) & (visit >= left)] = np.nan
        return status, np.column_stack([people.z, _confounders(people)])

    def fit(data: tuple[Floats, Floats], level: float) -> Estimate | None:
        from gluteal.estimators.survival import expand_visits, fit_discrete

        status, x = data
        found = fit_discrete(expand_visits(status), x)
        return found.hazard_ratio(0, level) if found.model.converged else None

    truth = _truth(world, "m2_ln_hr_latent")
    return Design(f"new low back pain, {world} world", truth, make, fit, least=100)


def cohort_cross_lagged(world: str = "evidence", *, direction: str = "strength_to_pain") -> Design:
    """Estimate lagged effects within people by a random-intercept cross-lagged panel model.

    Strength in Nm/kg and pain in NPRS at four visits, four weeks apart; equal lags; n people with
    low back pain. Errors are robust: traits of two sexes are not normal together.

    Parameters
    ----------
    direction : {"strength_to_pain", "pain_to_strength"}

    Examples
    --------
    >>> cohort_cross_lagged(direction="pain_to_strength").truth
    -0.01
    """
    label = {"strength_to_pain": "c", "pain_to_strength": "b"}[direction]
    names = tuple(f"{what}{t}" for what in ("s", "p") for t in range(VISITS))

    def make(rng: Any, n: int) -> Floats:
        course = _course(rng, n, world, "repeated")
        strength = course.traits.strength["abd"][:, None] + course.state[:, :VISITS]
        table = np.column_stack([strength, course.pain[:, :VISITS]])
        gone = ~course.attended[:, :VISITS]
        table[np.column_stack([gone, gone])] = np.nan
        return table

    def fit(data: Floats, level: float) -> Estimate | None:
        from gluteal.estimators.sem import fit_sem, riclpm

        model = riclpm(names[:VISITS], names[VISITS:], lags_equal=True)
        found = fit_sem(model, data, names, robust=True)
        return found.estimate(label, level) if found.converged else None

    truth = _truth(world, f"m3_{direction}_4wk")
    return Design(f"{direction.replace('_', ' ')}, {world} world", truth, make, fit, least=50)


def cohort_mediation(world: str = "seed", *, resamples: int = 1000) -> Design:
    """Follow the path from strength by pelvic tilt and lordosis to pain, with a bootstrap.

    NPRS per SD of strength; n people with low back pain, pain free of rating error.

    Examples
    --------
    >>> round(cohort_mediation("seed").truth, 4)
    -0.0563
    """

    def make(rng: Any, n: int) -> tuple[Floats, Floats, Floats, Floats, int]:
        traits = _course(rng, n, world, "repeated").traits
        people = traits.people
        between = np.column_stack([traits.tilt, traits.lordosis])
        more = np.column_stack([people.female, people.distress]).astype(float)
        return people.z, between, traits.pain, more, int(rng.integers(2**31))

    def fit(data: tuple[Floats, Floats, Floats, Floats, int], level: float) -> Estimate | None:
        from gluteal.estimators.mediation import mediate

        x, between, y, more, seed = data
        found = mediate(
            x, between, y, more, arrows="serial", resamples=resamples, seed=seed, level=level
        )
        return found.effect("X → M1 → M2 → Y") if found.converged else None

    truth = _truth(world, "m5_strength_tilt_lordosis_pain_per_sd")
    return Design(f"serial mediation, {world} world", truth, make, fit, least=30)


def cohort_programme(world: str = "evidence") -> Design:
    """Compare pain at week 12 between the programme and control, given pain at entry.

    NPRS as rated; n people with low back pain, randomised; least squares with HC3 errors of those
    who were seen at both visits.

    Examples
    --------
    >>> round(cohort_programme().truth, 3)
    -0.544
    """

    def make(rng: Any, n: int) -> tuple[Floats, Floats]:
        course = _course(rng, n, world, "programme")
        seen = course.attended[:, 0] & course.attended[:, 3]
        design = np.column_stack([np.ones(n), course.traits.arm, course.nprs[:, 0]])
        return design[seen].astype(float), course.nprs[seen, 3]

    def fit(data: tuple[Floats, Floats], level: float) -> Estimate | None:
        from gluteal.estimators.linear import fit_linear

        return fit_linear(*data).coefficient(1, level)

    truth = _truth(world, "m4_arm_week12_nprs")
    return Design(f"programme, {world} world", truth, make, fit, least=20)
