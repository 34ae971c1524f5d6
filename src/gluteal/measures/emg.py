"""Surface EMG: amplitude against the maximal contraction, ratios, co-contraction, onset.

%MVIC holds the exposure in its denominator: a weak or pain-inhibited maximal effort raises it.
Reports show raw amplitude, MVIC and % together (domain note 1.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from gluteal.constants import constant
from gluteal.errors import UserError
from gluteal.measures.trials import Floats, as_floats, require_positive


def mvic_uv(*positions: ArrayLike) -> Floats:
    """Take the largest amplitude of the maximal contractions in two or more positions.

    No single position suits all people (Contreras,
    https://pmc.ncbi.nlm.nih.gov/articles/PMC4582950); a position not done is NaN.

    Examples
    --------
    >>> mvic_uv([200.0, 150.0], [180.0, float("nan")])
    array([200., 150.])
    """
    stacked = np.stack([require_positive(p, "emg_mvic_uv") for p in positions])
    best = np.where(np.isnan(stacked), -np.inf, stacked).max(axis=0)
    return np.where(np.isneginf(best), np.nan, best)


def pct_mvic(rms_uv: ArrayLike, mvic: ArrayLike) -> Floats:
    """Amplitude in percent of the maximal contraction; over 100 is possible and kept.

    Examples
    --------
    >>> pct_mvic([50.0], [200.0])
    array([25.])
    """
    rms = require_positive(rms_uv, "emg_rms_uv", zero=True)
    return 100 * rms / require_positive(mvic, "emg_mvic_uv")


def log_ratio(over_pct: ArrayLike, under_pct: ArrayLike) -> Floats:
    """ln(over / under) of two muscles' %MVIC; missing where either is silent (0).

    Examples
    --------
    >>> log_ratio([30.0, 30.0], [30.0, 0.0])
    array([ 0., nan])
    """
    over = require_positive(over_pct, "emg % MVIC", zero=True)
    under = require_positive(under_pct, "emg % MVIC", zero=True)
    heard = (over > 0) & (under > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(heard, np.log(over) - np.log(under), np.nan)


def cci_pct(first: ArrayLike, second: ArrayLike) -> Floats:
    """Co-contraction index: mean over time of (low / high) × (low + high).

    Parameters
    ----------
    first, second : array_like, shape (..., time)
        %MVIC of two muscles at the same moments. Where both are silent the index is 0; moments
        with a missing value are left out.

    Notes
    -----
    The form of Rudolph and of Nelson-Wong, from memory, unverified.

    Examples
    --------
    >>> float(cci_pct([10.0, 20.0], [20.0, 20.0]))
    27.5
    """
    a = require_positive(first, "emg % MVIC", zero=True)
    b = require_positive(second, "emg % MVIC", zero=True)
    low, high = np.minimum(a, b), np.maximum(a, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        index = np.where(high == 0, 0.0, low / high * (low + high))
    here = ~np.isnan(index)
    total = np.where(here, index, 0.0).sum(axis=-1)
    count = here.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(total / count, dtype=np.float64)


def onset_ms(
    signal_uv: ArrayLike,
    rate_hz: float,
    movement_index: int,
    baseline: slice,
    *,
    k: float | None = None,
    hold_ms: float | None = None,
) -> float:
    """Find the muscle's onset relative to the onset of movement; negative = before it.

    Onset is the first sample after the baseline from which the rectified signal stays above
    the baseline's mean + k SD for ``hold_ms``. NaN where there is none: never 0.

    Parameters
    ----------
    signal_uv : array_like, shape (time,)
        Rectified (and smoothed) signal.
    rate_hz : float
        Samples a second.
    movement_index : int
        Sample at which the movement starts.
    baseline : slice
        Samples of rest.
    k, hold_ms : float, optional
        By default the constants ``emg_onset_sd`` and ``emg_onset_hold`` (from memory,
        unverified); the study states which it used.

    Examples
    --------
    >>> quiet, active = [1.0, 1.2] * 50, [9.0] * 100
    >>> onset_ms(quiet + active, 1000.0, 120, slice(0, 100))
    -20.0
    """
    signal = as_floats(signal_uv)
    rest = signal[baseline]
    if rest.size < 2:
        raise UserError("EMG onset: the baseline holds fewer than two samples. Give a longer one.")
    k = constant("emg_onset_sd").value if k is None else k
    hold_ms = constant("emg_onset_hold").value if hold_ms is None else hold_ms
    start = baseline.indices(signal.size)[1]
    above = signal[start:] > rest.mean() + k * rest.std(ddof=1)
    run = max(1, int(np.ceil(hold_ms / 1000 * rate_hz)))
    if above.size < run:
        return float("nan")
    together = np.convolve(above, np.ones(run, dtype=np.int64), mode="valid") == run
    if not together.any():
        return float("nan")
    first = start + int(np.argmax(together))
    return (first - movement_index) / rate_hz * 1000


def onset_order(onsets_ms: Mapping[str, float]) -> str:
    """Write the order in which muscles fire: ``HAM<ES<GM``; empty if one was not detected.

    Examples
    --------
    >>> onset_order({"GM": 20.0, "HAM": -30.0, "ES": -5.0})
    'HAM<ES<GM'
    >>> onset_order({"GM": 20.0, "HAM": 20.0})
    'GM=HAM'
    """
    if not onsets_ms or any(np.isnan(time) for time in onsets_ms.values()):
        return ""
    ordered = sorted(onsets_ms.items(), key=lambda pair: (pair[1], pair[0]))
    text = ordered[0][0]
    for (_, before), (muscle, time) in pairwise(ordered):
        text += ("=" if time == before else "<") + muscle
    return text
