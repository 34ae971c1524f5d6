"""A number as exposure: its slope, its curve, and how straight the curve is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import CannotTest, Fault, UserError
from gluteal.estimators.effect_size import log_ratio
from gluteal.estimators.families import FamilyName, fit_family, slope
from gluteal.estimators.inference import Estimate, Floats, JointTest, Model
from gluteal.estimators.splines import place_knots, spline_basis
from gluteal.frames.design import WHERE, Design, build_design, numeric_column
from gluteal.variables import variables

if TYPE_CHECKING:
    import pandas as pd

MOST_LEVELS = 12


def code_outcome(frame: pd.DataFrame, name: str, family: FamilyName) -> Floats:
    """Return the outcome as the family wants it, NaN where missing.

    Raises
    ------
    UserError
        If the outcome does not suit the family; the message names one that does.
    """
    known = variables().get(name)
    kind = known.kind if known else "number"

    def refuse(rule: str, remedy: str) -> UserError:
        return UserError(Fault(WHERE, rule, remedy, column=name))

    if family == "ordinal":
        if kind == "category" and not (known and known.ordered):
            raise refuse("has no order", "An ordinal model needs ordered categories.")
        if kind == "category" and known:
            codes = {level: float(k) for k, level in enumerate(known.levels)}
            column: Any = frame[name]
            text = column.astype("str").where(column.notna())
            values = text.map(codes).to_numpy(dtype=float, na_value=np.nan)
        else:
            values = numeric_column(frame, name)
        seen = np.unique(values[np.isfinite(values)])
        if not 3 <= len(seen) <= MOST_LEVELS:
            rule = f"has {len(seen)} different values"
            raise refuse(rule, f"family ordinal takes 3 to {MOST_LEVELS}; see logistic or linear.")
        return np.where(np.isfinite(values), np.searchsorted(seen, values), np.nan)
    values = numeric_column(frame, name)
    known_values = values[np.isfinite(values)]
    if family == "logistic" and not set(np.unique(known_values)) <= {0.0, 1.0}:
        raise refuse("is not a yes/no variable", "Use family linear, poisson or ordinal.")
    if family == "linear" and kind == "boolean":
        raise refuse("is a yes/no variable", "Use family poisson (prevalence ratio) or logistic.")
    if family in ("poisson", "negative_binomial"):
        if np.any(known_values < 0):
            raise refuse("has values below zero", "A count has none; use family linear.")
        if family == "negative_binomial" and np.any(known_values != np.round(known_values)):
            raise refuse("has values that are no whole numbers", "Use family linear or poisson.")
    return values


@dataclass(frozen=True)
class Slope:
    """A model with the exposure as a straight line."""

    model: Model
    design: Design
    outcome: Floats
    exposure: Floats
    cluster: NDArray[np.generic] | None
    family: FamilyName

    def per(self, units: float, level: float) -> Estimate:
        """Estimate the change in the outcome for so many units more of the exposure."""
        return slope(self.model, self.family, self.design.matrix, self.outcome, 1, units, level)


@dataclass(frozen=True)
class Curve:
    """A model with the exposure as a restricted cubic spline."""

    model: Model
    knots: Floats
    reference: float
    at: tuple[int, ...]
    family: FamilyName

    def against(self, value: float, reference: float, level: float) -> Estimate:
        """Estimate the outcome at one exposure against that at another."""
        ends = spline_basis([reference, value], self.knots)
        weights = np.zeros(len(self.model.coef))
        weights[list(self.at)] = ends[1] - ends[0]
        found = self.model.contrast(weights, level)
        return found if self.family == "linear" else log_ratio(found)

    def bend(self) -> JointTest:
        """Test that the curve is a straight line (on the scale of the link)."""
        return self.model.wald(list(self.at[1:]))

    def points(self, low: float, high: float, level: float, n: int = 61) -> list[dict[str, float]]:
        """Return the curve with its pointwise band, against the reference."""
        found: list[dict[str, float]] = []
        for value in np.linspace(low, high, n):
            here = self.against(float(value), self.reference, level)
            point = {"x": float(value), "estimate": here.estimate}
            found.append(point | {"low": here.low, "high": here.high})
        return found


def fit_slope(
    frame: pd.DataFrame,
    outcome: str,
    exposure: str,
    covariates: Sequence[str],
    family: FamilyName,
    cluster: str | None = None,
    also: Sequence[str] = (),
) -> Slope:
    """Fit the outcome on the exposure as a straight line.

    Parameters
    ----------
    frame : DataFrame
        One row an observation.
    outcome, exposure : str
    covariates : sequence of str
    family : {"linear", "poisson", "ordinal", "negative_binomial", "logistic"}
    cluster : str, optional
        The column that says which person a row belongs to, where a person has several.
    also : sequence of str
        Other variables that must be present, so that models compare the same rows.

    Raises
    ------
    UserError
        If outcome or exposure do not suit, or the design has a fault; the column is named.
    """
    known = variables().get(exposure)
    if known and not known.numeric:
        remedy = "Use group_difference with the groups as exposure."
        raise UserError(Fault(WHERE, "is not a number", remedy, column=exposure))
    made = build_design(frame, [exposure, *covariates], complete=[outcome, *also])
    y = code_outcome(frame.iloc[made.rows], outcome, family)
    if np.ptp(y) == 0:
        rule = "has one value only in the rows analysed"
        raise CannotTest(Fault(WHERE, rule, "Choose an outcome that varies.", column=outcome))
    who = frame[cluster].to_numpy()[made.rows] if cluster else None
    if who is not None and len(np.unique(who)) < 2:
        raise CannotTest(Fault(WHERE, "only one person has data", "Add people.", column=outcome))
    model = fit_family(family, made.matrix, y, who)
    return Slope(model, made, y, made.matrix[:, 1], who, family)


def fit_curve(line: Slope, knots: int) -> Curve | None:
    """Refit a slope's rows with the exposure as a spline; None if its values are too few.

    Knots stand at quantiles of the exposure; the reference is its median.
    """
    placed = place_knots(line.exposure, knots)
    if len(placed) < 3:
        return None
    basis = spline_basis(line.exposure, placed)
    rest = line.design.matrix[:, 2:]
    x = np.column_stack([line.design.matrix[:, :1], basis, rest])
    if x.shape[0] <= x.shape[1] or np.linalg.matrix_rank(x / np.abs(x).max(0)) < x.shape[1]:
        return None
    model = fit_family(line.family, x, line.outcome, line.cluster)
    if not model.converged:
        return None
    middle = float(np.median(line.exposure))
    return Curve(model, placed, middle, tuple(range(1, 1 + basis.shape[1])), line.family)
