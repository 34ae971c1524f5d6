"""Two groups compared in one outcome, crude and adjusted, and how alike the groups are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import CannotTest, Fault, UserError
from gluteal.estimators.checks import smd
from gluteal.estimators.inference import Estimate, Floats, Model, interval
from gluteal.estimators.linear import fit_linear
from gluteal.frames.design import WHERE, Design, build_design, level_of, numeric_column
from gluteal.notation import write_number
from gluteal.variables import variables

if TYPE_CHECKING:
    import pandas as pd

ENOUGH = 10
"""People from which on a group's curve and outer quantiles are shown."""


@dataclass(frozen=True)
class Comparison:
    """One adjusted comparison: group 1 minus group 0.

    ``covariates`` are those that entered; ``dropped`` have one value only in these rows.
    """

    found: Estimate
    model: Model
    design: Design
    outcome: Floats
    group: NDArray[np.bool_]
    covariates: tuple[str, ...]
    dropped: tuple[str, ...]

    @property
    def sizes(self) -> tuple[int, int]:
        """People in group 1 and in group 0."""
        ones = int(self.group.sum())
        return ones, len(self.group) - ones


def compare(
    frame: pd.DataFrame,
    outcome: str,
    exposure: str,
    covariates: Sequence[str],
    level: float = 0.95,
    *,
    logs: Sequence[str] = (),
    drop_constant: bool = False,
) -> Comparison:
    """Estimate the adjusted mean difference by least squares with HC3 standard errors.

    Parameters
    ----------
    frame : DataFrame
        One row a person.
    outcome, exposure : str
        A number; a yes/no variable.
    covariates : sequence of str
        Variables to adjust for; none gives the crude difference.
    level : float
    logs : sequence of str
        Covariates that enter as logarithms.
    drop_constant : bool
        Leave out covariates with one value only (within a stratum) instead of refusing them.

    Raises
    ------
    UserError
        If a group has fewer than two people with complete data, or the design has a fault.

    References
    ----------
    Long and Ervin 2000, doi:10.1080/00031305.2000.10474549.
    """
    kept = list(covariates)
    if drop_constant:
        used = frame[[outcome, exposure, *covariates]].dropna()
        kept = [name for name in covariates if len(used[name].unique()) > 1]
    values, groups = numeric_column(frame, outcome), numeric_column(frame, exposure)
    full = frame[[outcome, exposure, *kept]].notna().all(axis=1).to_numpy()
    for code in (1, 0):
        if int((groups[full] == code).sum()) < 2:
            rule = f"fewer than two people with complete data have {level_of(exposure, code)}"
            raise CannotTest(Fault(WHERE, rule, "A comparison needs two groups.", column=exposure))
    design = build_design(frame, [exposure, *kept], complete=[outcome], logs=logs)
    y = values[design.rows]
    if np.ptp(y) == 0:
        rule = "has one value only in the rows analysed"
        raise CannotTest(Fault(WHERE, rule, "Choose an outcome that varies.", column=outcome))
    model = fit_linear(design.matrix, y, "HC3")
    return Comparison(
        found=model.coefficient(1, level),
        model=model,
        design=design,
        outcome=y,
        group=groups[design.rows] == 1,
        covariates=tuple(f"ln {name}" if name in logs else name for name in kept),
        dropped=tuple(name for name in covariates if name not in kept),
    )


def imbalance(design: Design, group: NDArray[np.bool_], covariates: Sequence[str]) -> list[float]:
    """Return each covariate's standardised mean difference, the largest of its dummies.

    Examples
    --------
    >>> x = np.array([[1.0, 1, 3], [1, 1, 5], [1, 0, 1], [1, 0, 3]])
    >>> made = Design(x, ("1", "g", "z"), {"g": (1,), "z": (2,)}, np.arange(4), 0)
    >>> [round(v, 3) for v in imbalance(made, x[:, 1] == 1, ["z"])]
    [1.414]
    """
    found: list[float] = []
    for name in covariates:
        each = [smd(design.matrix[group, j], design.matrix[~group, j]) for j in design.terms[name]]
        found.append(max(each, key=abs))
    return found


def density(values: ArrayLike, grid: ArrayLike) -> Floats:
    """Smooth a distribution with a normal kernel and Silverman's bandwidth.

    References
    ----------
    Silverman 1986, Density Estimation, equation 3.31.

    Examples
    --------
    >>> grid = np.linspace(-9, 12, 2001)
    >>> round(float(density([0.0, 1.0, 2.0, 3.0], grid).sum() * (grid[1] - grid[0])), 3)
    1.0
    """
    v, at = np.asarray(values, dtype=float), np.asarray(grid, dtype=float)
    q1, q3 = np.quantile(v, [0.25, 0.75])
    spreads = [s for s in (float(v.std(ddof=1)), float(q3 - q1) / 1.34) if s > 0]
    width = 0.9 * (min(spreads) if spreads else 1.0) * len(v) ** -0.2
    total = np.zeros(len(at))
    for part in np.array_split(v, max(1, len(v) // 5000)):  # never grid x everyone at once
        total += np.exp(-0.5 * ((at[:, None] - part[None, :]) / width) ** 2).sum(1)
    return total / (len(v) * width * np.sqrt(2 * np.pi))


def curves(
    outcome: Floats, group: NDArray[np.bool_], labels: Mapping[str, str], points: int = 101
) -> list[dict[str, Any]]:
    """Return a smoothed curve of each group of ten people or more, one row a point."""
    low, high = np.quantile(outcome, [0.005, 0.995])
    edge = 0.1 * (high - low)
    grid = np.linspace(low - edge, high + edge, points)
    return [
        {"group": code, "label": labels.get(code, code), "x": float(x), "density": float(y)}
        for code, of in (("0", ~group), ("1", group))
        if of.sum() >= ENOUGH
        for x, y in zip(grid, density(outcome[of], grid), strict=True)
    ]


def summarise(
    outcome: Floats, group: NDArray[np.bool_], labels: Mapping[str, str], level: float
) -> list[dict[str, Any]]:
    """Return number, mean with interval, SD and (from ten people on) quantiles of each group."""
    found: list[dict[str, Any]] = []
    for code, of in (("0", ~group), ("1", group)):
        v = outcome[of]
        sd = float(v.std(ddof=1))
        mean = interval(float(v.mean()), sd / len(v) ** 0.5, len(v) - 1, level)
        row = {"group": code, "label": labels.get(code, code), "n": len(v), "sd": sd}
        row |= {"mean": mean.estimate, "low": mean.low, "high": mean.high}
        if len(v) >= ENOUGH:
            q = np.quantile(v, [0.05, 0.25, 0.5, 0.75, 0.95]).tolist()
            row |= dict(zip(("q05", "q25", "q50", "q75", "q95"), q, strict=True))
        found.append(row)
    return found


def tabulate_groups(
    groups: Sequence[Mapping[str, Any]], outcome: str, level: float
) -> list[dict[str, str]]:
    """Lay the summaries out for a reader, one row a group."""
    head = f"Mean (SD), {variables()[outcome].axis}"
    range_head = f"{100 * level:g}% interval of the mean"
    rows: list[dict[str, str]] = []
    for row in groups:
        mean, sd, low, high = (write_number(row[key]) for key in ("mean", "sd", "low", "high"))
        cells = {"Group": row["label"], "People": f"{row['n']:,}", head: f"{mean} ({sd})"}
        rows.append(cells | {range_head: f"{low} to {high}"})
    return rows


def compare_strata(
    frame: pd.DataFrame,
    by: str,
    outcome: str,
    exposure: str,
    covariates: Sequence[str],
    level: float = 0.95,
) -> tuple[list[tuple[str, Comparison | str]], Estimate | None]:
    """Compare the groups within each level of a category or yes/no variable.

    Returns
    -------
    strata : list of (label, Comparison or str)
        The reason in words where a stratum is too small to be modelled.
    gap : Estimate or None
        Last minus first stratum, where there are two: strata share no people.
    """
    known = variables()[by]
    column: Any = frame[by]
    text = (column.astype("Int64") if known.kind == "boolean" else column).astype("str")
    rest = [name for name in covariates if name != by]
    strata: list[tuple[str, Comparison | str]] = []
    for code, label in known.levels.items():
        part = frame[(text == code).fillna(False).to_numpy(dtype=bool)]
        try:
            made = compare(part, outcome, exposure, rest, level, drop_constant=True)
        except UserError as error:  # a stratum too small to model is said, and stops nothing
            made = str(error)
        strata.append((label, made))
    pair = [made.found for _label, made in strata if isinstance(made, Comparison)]
    if len(strata) != 2 or len(pair) != 2:
        return strata, None
    se = float(np.hypot(pair[0].se, pair[1].se))
    return strata, interval(pair[1].estimate - pair[0].estimate, se, level=level)
