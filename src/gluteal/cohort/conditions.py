"""What counts as weak, and when a test counts as positive: cut-points that name their source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pydantic import Field, model_validator

from gluteal.errors import Fault, UserError
from gluteal.spec import Strict
from gluteal.variables import Variable

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

RULE = r"^(>=|<=|>|<)\s*(-?\d+(\.\d+)?)?$"


class Rule(NamedTuple):
    """A comparison, and the number compared with; none where it is to be searched in the data."""

    sign: str
    cut: float | None

    @property
    def direction(self) -> int:
        """1 where high values make the test positive, -1 where low ones do."""
        return 1 if self.sign.startswith(">") else -1

    def apply(self, values: NDArray[np.float64], cut: float) -> NDArray[np.float64]:
        """Return 1 where the rule holds, 0 where not, NaN where the value is missing."""
        import numpy as np

        compare: dict[str, Any] = {
            ">=": np.greater_equal, ">": np.greater, "<=": np.less_equal, "<": np.less
        }  # fmt: skip
        return np.where(np.isnan(values), np.nan, compare[self.sign](values, cut))


def read_rule(text: str) -> Rule:
    """Read a rule such as ``>= 1`` or ``<``.

    Examples
    --------
    >>> read_rule("< 20")
    Rule(sign='<', cut=20.0)
    """
    found = re.match(RULE, text)
    if found is None:
        raise ValueError(f"{text!r} is no rule such as '>= 1' or '<'")
    return Rule(found[1], float(found[2]) if found[2] else None)


class Cut(Strict):
    """Where a condition begins: a published value with its source, or a quantile of this cohort."""

    value: float | None = Field(None, description="Cut-point, in the unit of the reference")
    source: str = Field("", description="Where the value was published")
    quantile: float | None = Field(None, gt=0, lt=1, description="Quantile of this cohort")
    by: str | None = Field(None, description="Variable within whose levels the quantile is taken")
    side: Literal["below", "above"] = Field("below", description="Where the condition lies")

    @model_validator(mode="after")
    def _one_of_both(self) -> Cut:
        if (self.value is None) == (self.quantile is None):
            raise ValueError("give either value, with its source, or quantile")
        if self.value is not None and not self.source:
            raise ValueError("a cut-point needs a stated source: add source")
        return self

    def describe(self, known: Variable) -> str:
        """Say in words what the condition is."""
        if self.value is not None:
            return f"{known.label} {self.side} {self.value:g} {known.unit} ({self.source})".strip()
        share = self.quantile or 0.0
        share = share if self.side == "below" else 1 - share
        which = "lowest" if self.side == "below" else "highest"
        within = f" of each level of {self.by}" if self.by else ""
        return f"{known.label} in the {which} {100 * share:.3g} %{within}"


def as_numbers(values: pd.Series, known: Variable) -> NDArray[np.float64]:
    """Turn a variable into numbers: categories by their code, or by their place where it is a word.

    Raises
    ------
    UserError
        If its categories have no order.
    """
    import numpy as np

    if known.kind == "category":
        if not known.ordered:
            rule = "its levels have no order, so no cut-off is possible"
            raise UserError(Fault("the config", rule, "Name another.", column=known.name))
        try:
            codes = {level: float(level) for level in known.levels}
        except ValueError:
            codes = {level: float(place) for place, level in enumerate(known.levels)}
        return np.asarray(values.astype("str").map(codes), dtype=np.float64)
    numbers = values.astype("Float64").to_numpy("float64", na_value=np.nan)
    return np.asarray(numbers, dtype=np.float64)


def find_condition(
    values: NDArray[np.float64], cut: Cut, groups: pd.Series | None = None, times: float = 1.0
) -> NDArray[np.float64]:
    """Say which values show the condition: 1, 0, or NaN where unknown.

    Parameters
    ----------
    values : array of shape (n,)
        The reference measure.
    cut : Cut
        Where the condition begins.
    groups : Series, optional
        Levels within which a quantile is taken; a missing level leaves the condition unknown.
    times : float
        Multiplies the cut-point, for sensitivity analyses.
    """
    import numpy as np

    limits = np.full(values.size, np.nan)
    if cut.value is not None:
        limits[:] = cut.value
    elif cut.quantile is not None:
        names = np.zeros(values.size) if groups is None else groups.astype("str").to_numpy()
        known = np.isfinite(values) if groups is None else groups.notna().to_numpy()
        known = known & np.isfinite(values)
        for name in np.unique(names[known]):
            rows = names == name
            limits[rows & known] = np.quantile(values[rows & known], cut.quantile)
    limits = limits * times
    shown = values < limits if cut.side == "below" else values > limits
    return np.where(np.isnan(values) | np.isnan(limits), np.nan, shown)
