"""What a specification curve says in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.multiverse.run import Multiverse

NORMAL_MAD = 1.4826
"""Makes the median absolute deviation the SD of a normal sample, as R's ``mad`` does."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Summary of the estimates of a multiverse.

    Attributes
    ----------
    median, mad, minimum, maximum, q25, q75 : float
        Of the estimates, as specr summarises them.
    share_positive, share_same_sign : float
        Share above 0; share with the sign of the median.
    share_significant : float
        Share whose interval leaves 0 out, in either direction.
    share_significant_same_sign : float
        Share that does so on the side of the median.
    vibration : float
        Estimate at the 99th minus that at the 1st centile.
    vibration_p : float
        Difference of the same centiles of -log10 p.
    janus : bool
        Whether estimates at these centiles lie on both sides of 0.
    specifications, fitted : int
        How many there are, and how many have an answer.
    median_n : float
        Rows used, in the middle.
    """

    median: float
    mad: float
    minimum: float
    maximum: float
    q25: float
    q75: float
    share_positive: float
    share_same_sign: float
    share_significant: float
    share_significant_same_sign: float
    vibration: float
    vibration_p: float
    janus: bool
    specifications: int
    fitted: int
    median_n: float
    warnings: tuple[str, ...]


def summarise_curve(found: Multiverse) -> Curve:
    """Summarise the estimates that were found; those without an answer are counted, not used.

    Raises
    ------
    UserError
        If no specification has an answer.

    References
    ----------
    Masur and Scharkow, specr (R package); Patel, Burford and Ioannidis 2015 for the vibration of
    effects, doi:10.1016/j.jclinepi.2015.05.029.

    Examples
    --------
    >>> from gluteal.estimators.multiverse import expand_grid, run_multiverse
    >>> columns = np.random.default_rng(2).normal(size=(80, 5))
    >>> curve = summarise_curve(run_multiverse(columns, expand_grid([0], [1, 2], [(), (3,), (4,)])))
    >>> curve.fitted, curve.q25 <= curve.median <= curve.q75
    (6, True)
    """
    good = found.converged
    if not good.any():
        raise UserError(f"no specification has an answer ({'; '.join(found.warnings)})")
    b, p = found.estimate[good], found.p[good]
    median = float(np.median(b))
    side = np.sign(median) if median else 1.0
    clear = p < 1 - found.level
    low, high = _centiles(b)
    # A p below what a float holds counts as that.
    weak, strong = _centiles(-np.log10(np.maximum(p, 1e-300)))
    return Curve(
        median=median,
        mad=NORMAL_MAD * float(np.median(np.abs(b - median))),
        minimum=float(b.min()),
        maximum=float(b.max()),
        q25=float(np.quantile(b, 0.25)),
        q75=float(np.quantile(b, 0.75)),
        share_positive=float((b > 0).mean()),
        share_same_sign=float((np.sign(b) == side).mean()),
        share_significant=float(clear.mean()),
        share_significant_same_sign=float((clear & (np.sign(b) == side)).mean()),
        vibration=high - low,
        vibration_p=strong - weak,
        janus=low < 0 < high,
        specifications=len(good),
        fitted=int(good.sum()),
        median_n=float(np.median(found.n[good])),
        warnings=found.warnings,
    )


def _centiles(values: Floats) -> tuple[float, float]:
    low, high = np.quantile(values, [0.01, 0.99])
    return float(low), float(high)
