"""Hip strength by hand-held dynamometry: force, torque, and both set against body size.

Rules of domain note 1.1. Torque is force times lever arm; a force without its lever arm is never
called torque. The mean of trials has the smaller error and is what models use; the best trial is
another variable, and the two are never mixed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.constants import constant
from gluteal.errors import Fault, UserError
from gluteal.measures.trials import Floats, as_floats, refuse, require_positive

FORCE_UNITS = {"N": "", "kgf": "newton_per_kgf", "lbf": "newton_per_lbf"}


def force_n(raw: ArrayLike, unit: ArrayLike) -> Floats:
    """Convert the device's value to newton.

    Parameters
    ----------
    raw : array_like, shape (n,)
        What the device showed; above zero.
    unit : str or array_like of str, shape (n,)
        N, kgf or lbf: there is no default, since a value in kgf looks like a weak person.

    Raises
    ------
    UserError
        For a value at or below zero, and for a unit that is not one of the three.

    Examples
    --------
    >>> force_n([10.0, 100.0], ["kgf", "N"])
    array([ 98.0665, 100.    ])
    """
    found = require_positive(raw, "force")
    units = np.broadcast_to(np.asarray(unit, dtype=object), found.shape)
    known = {name: constant(key).value if key else 1.0 for name, key in FORCE_UNITS.items()}
    names = {str(name) for name in set(units.ravel().tolist())}
    if strange := sorted(names - set(known)):
        raise UserError(
            [
                Fault("measurements", "force has no known unit", "Write N, kgf or lbf.", value=name)
                for name in strange
            ]
        )
    factors = np.ones(found.shape)
    for name, factor in known.items():
        factors[units == name] = factor
    return found * factors


def torque_nm(force: ArrayLike, lever_arm_m: ArrayLike) -> Floats:
    """Torque about the hip: force (N) times lever arm (m).

    Raises
    ------
    UserError
        For a lever arm over 1.5 m, which means centimetres (over 100: millimetres). It is
        refused, not converted: only the person who measured knows which it was.

    Examples
    --------
    >>> torque_nm([150.0], [0.8])
    array([120.])
    """
    lever = require_positive(lever_arm_m, "lever_arm_m")
    long = lever > constant("limit_lever_arm").value
    if long.any():
        unit = "mm" if (lever[long] > 100).all() else "cm"
        remedy = f"Give the unit as {unit} if that is what was measured."
        refuse(lever, long, "lever_arm_m", "no leg has a lever arm over 1.5 m", remedy)
    return require_positive(force, "force_n") * lever


def per_mass(value: ArrayLike, body_mass_kg: ArrayLike) -> Floats:
    """Divide by body mass: Nm to Nm/kg, N to N/kg.

    Examples
    --------
    >>> per_mass([120.0], [80.0])
    array([1.5])
    """
    return as_floats(value) / require_positive(body_mass_kg, "body_mass_kg")


torque_nm_kg = per_mass
n_kg = per_mass


def pct_bw(force: ArrayLike, body_mass_kg: ArrayLike) -> Floats:
    """Force (N) in percent of body weight, which is mass times standard gravity.

    Examples
    --------
    >>> pct_bw([98.0665], [50.0])
    array([20.])
    """
    weight_n = require_positive(body_mass_kg, "body_mass_kg") * constant("newton_per_kgf").value
    return 100 * require_positive(force, "force_n") / weight_n


def carry_mass(
    body_mass_kg: ArrayLike, week: ArrayLike, person: ArrayLike, within_weeks: float | None = None
) -> tuple[Floats, NDArray[np.bool_]]:
    """Fill a visit's missing body mass with the person's last one, at most 8 weeks old.

    Parameters
    ----------
    body_mass_kg, week, person : array_like, shape (n,)
        One entry a visit: mass or NaN, week of the visit, code of the person; in any order.
    within_weeks : float, optional
        Age of the oldest mass that is taken; by default the constant ``carry_mass_weeks`` (8).

    Returns
    -------
    mass, carried : arrays, shape (n,)
        The masses in the order given, and which of them come from an earlier visit.

    Examples
    --------
    >>> carry_mass([80.0, float("nan")], [0, 4], [7, 7])
    (array([80., 80.]), array([False,  True]))
    """
    mass = require_positive(body_mass_kg, "body_mass_kg")
    weeks, who = as_floats(week), np.asarray(person)
    limit = constant("carry_mass_weeks").value if within_weeks is None else within_weeks
    order = np.lexsort((weeks, who))
    here = ~np.isnan(mass[order])
    last = np.maximum.accumulate(np.where(here, np.arange(mass.size), -1))
    source = order[np.maximum(last, 0)]
    usable = (last >= 0) & (who[source] == who[order])
    usable &= weeks[order] - weeks[source] <= limit
    filled, carried = np.full(mass.size, np.nan), np.zeros(mass.size, dtype=bool)
    filled[order] = np.where(usable, mass[source], np.nan)
    carried[order] = usable & ~here
    return filled, carried


@dataclass(frozen=True, slots=True)
class Exponent:
    """The allometric exponent of a sample, its standard error, and how many people gave it."""

    b: float
    se: float
    n: int


def allometric_exponent(torque: ArrayLike, body_mass_kg: ArrayLike, sex: ArrayLike) -> Exponent:
    """Estimate b of torque = a(sex) × mass^b: the log-log slope pooled within sex.

    Parameters
    ----------
    torque, body_mass_kg : array_like, shape (n,)
        One value a person (their mean), not one a side or a trial: legs are not people.
    sex : array_like, shape (n,)
        Each sex has its own intercept; people without torque, mass or sex are left out.

    Raises
    ------
    UserError
        With fewer than three people, or where all of a sex weigh the same.

    Examples
    --------
    >>> mass = [50.0, 60.0, 70.0, 80.0]
    >>> round(allometric_exponent([m**0.74 for m in mass], mass, ["f", "f", "m", "m"]).b, 6)
    0.74
    """
    y = np.log(require_positive(torque, "torque_nm"))
    x = np.log(require_positive(body_mass_kg, "body_mass_kg"))
    labels = np.asarray(sex, dtype=object)
    named = np.array([isinstance(label, str) and label != "" for label in labels], dtype=bool)
    here = ~np.isnan(y) & ~np.isnan(x) & named
    x, y = x[here], y[here]
    names, codes = np.unique(labels[here].astype(str), return_inverse=True)
    free = x.size - names.size - 1
    if x.size:
        count = np.bincount(codes)
        x = x - (np.bincount(codes, weights=x) / count)[codes]
        y = y - (np.bincount(codes, weights=y) / count)[codes]
    spread = float(x @ x)
    if free < 1 or spread < 1e-12:
        raise UserError(
            Fault(
                "measurements",
                "the allometric exponent needs people of differing body mass within a sex",
                "Set the exponent by hand, or leave the allometric variable out.",
                column="body_mass_kg",
            )
        )
    b = float(x @ y) / spread
    rest = y - b * x
    return Exponent(b=b, se=float(np.sqrt(rest @ rest / free / spread)), n=int(x.size))


def torque_allom(torque: ArrayLike, body_mass_kg: ArrayLike, b: float) -> Floats:
    """Torque over mass^b (Nm/kg^b); b = 1 is Nm/kg.

    Examples
    --------
    >>> torque_allom([120.0], [80.0], 1.0)
    array([1.5])
    """
    return as_floats(torque) / require_positive(body_mass_kg, "body_mass_kg") ** b
