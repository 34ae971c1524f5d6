"""EMG amplitudes on their three scales as logarithms, along an exposure, with people clustered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import CannotTest, Fault, UserError
from gluteal.estimators.effect_size import log_ratio
from gluteal.estimators.families import fit_family
from gluteal.estimators.inference import Estimate, Floats, Model
from gluteal.frames.design import WHERE, Design, build_design, numeric_column
from gluteal.frames.emg_coupling import MUSCLES, RATIOS, SCALES, Scale, read_measure

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.derived import Cohort

PERSON = "participant_id"


@dataclass(frozen=True)
class Rise:
    """A logarithm, or a yes/no or time, along an exposure.

    Attributes
    ----------
    log : bool
        Whether the outcome is a logarithm, so that its slope is a ratio.
    """

    model: Model
    design: Design
    outcome: Floats
    person: NDArray[Any]
    log: bool

    @property
    def people(self) -> int:
        """Number of people."""
        return len(np.unique(self.person))

    @property
    def exposure(self) -> Floats:
        """The exposure of the rows analysed."""
        return self.design.matrix[:, 1]

    def plain(self, units: float, level: float) -> Estimate:
        """Estimate the slope itself, of the logarithm where there is one."""
        return self.model.coefficient(1, level).times(units)

    def per(self, units: float, level: float) -> Estimate:
        """Estimate the ratio (or the difference) for so many units more of the exposure."""
        found = self.plain(units, level)
        return log_ratio(found) if self.log else found


def take_emg(
    cohort: Cohort,
    names: Sequence[str],
    unit: Literal["person", "side"],
    visit: str,
    *,
    every: bool = True,
) -> pd.DataFrame:
    """Take variables, and every EMG amplitude, maximum and onset there is, with logarithms beside.

    The logarithm of ``emg_gmax_rms_uv`` is ``ln emg_gmax_rms_uv``; a silent muscle (0) has none.
    Without ``every``, only the variables named.
    """
    found = [one for one in names if read_measure(one)]
    if every:
        known = [f"emg_{muscle}_{scale}" for muscle in MUSCLES for scale in (*SCALES, "onset_ms")]
        lacking = set(cohort.lacks([*known, *RATIOS]))
        found = [one for one in (*known, *RATIOS) if one not in lacking]
    frame = cohort.frame(list(dict.fromkeys((*names, *found))), unit, visit)
    more: dict[str, Floats] = {}
    for name in found:
        held = read_measure(name)
        if held and held.scale in SCALES:
            values = numeric_column(frame, name)
            with np.errstate(divide="ignore", invalid="ignore"):
                more[f"ln {name}"] = np.where(values > 0, np.log(values), np.nan)
    return frame.assign(**more)


def log_name(name: str) -> str:
    """Name the column that is the logarithm of an EMG variable; a log-ratio is one already."""
    return name if name in RATIOS else f"ln {name}"


def fit_rise(
    frame: pd.DataFrame,
    outcome: str,
    exposure: str,
    covariates: Sequence[str],
    *,
    also: Sequence[str] = (),
    log: bool = True,
) -> Rise:
    """Fit a column by least squares on the exposure, CR2 where people have several rows, else HC3.

    Parameters
    ----------
    outcome : str
        A column of ``take_emg``.
    also : sequence of str
        Columns that must be present, so that several scales are compared in the same rows.

    Raises
    ------
    UserError
        If the exposure has more than two levels and is no number, or the design has a fault.
    """
    try:
        made = build_design(frame, [exposure, *covariates], complete=[outcome, *also])
    except UserError as error:  # the logarithm's own name means nothing to a reader
        plain = [replace(one, column=one.column.removeprefix("ln ")) for one in error.faults]
        raise UserError(plain or str(error)) from error
    if len(made.terms[exposure]) != 1:
        rule = "has more than two levels here"
        raise UserError(Fault(WHERE, rule, "Compare two of them: use only.", column=exposure))
    y = numeric_column(frame.iloc[made.rows], outcome)
    name = outcome.removeprefix("ln ")
    if np.ptp(y) == 0:
        rule = "has one value only in the rows analysed"
        raise CannotTest(Fault(WHERE, rule, "Choose an outcome that varies.", column=name))
    who = frame[PERSON].to_numpy()[made.rows]
    if len(np.unique(who)) < 2:
        raise CannotTest(Fault(WHERE, "only one person has data", "Add people.", column=name))
    several = len(np.unique(who)) < len(who)
    model = fit_family("linear", made.matrix, y, who if several else None)
    return Rise(model, made, y, who, log)


def fit_scales(
    frame: pd.DataFrame, muscle: str, exposure: str, covariates: Sequence[str]
) -> dict[Scale, Rise]:
    """Fit raw amplitude, maximum and % of a muscle in the same rows.

    The slope of ln % MVIC of sides is then that of ln raw less that of ln MVIC, to the last digit;
    the % of a person is the mean of two sides, so that it holds nearly.
    """
    columns: dict[Scale, str] = {scale: f"ln emg_{muscle}_{scale}" for scale in SCALES}
    found: dict[Scale, Rise] = {}
    for scale, column in columns.items():
        found[scale] = fit_rise(frame, column, exposure, covariates, also=list(columns.values()))
    return found


def muscles_in(frame: pd.DataFrame, asked: Sequence[str]) -> list[str]:
    """Name the muscles that the frame holds with amplitude and maximum."""
    return [one for one in asked if all(f"ln emg_{one}_{scale}" in frame for scale in SCALES)]
