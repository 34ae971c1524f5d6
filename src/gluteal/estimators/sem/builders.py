"""Ready-made models: paths, factors, cross-lagged panels with and without traits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gluteal.estimators.sem.expressions import read_expression
from gluteal.estimators.sem.specification import Derived, Specification, Term, complete


def path_model(
    paths: Mapping[str, Sequence[str] | Mapping[str, str]],
    defined: Mapping[str, str] | None = None,
    *,
    fixed_x: bool = False,
) -> Specification:
    """Build a path model of observed variables.

    Parameters
    ----------
    paths : mapping
        For each outcome its predictors, or a mapping from predictors to labels.
    defined : mapping, optional
        Names of quantities and their formulas in labels, such as ``{"indirect": "a*b"}``.
    fixed_x : bool
        Take the means and covariances of covariates from the data; see ``read_model``.

    Examples
    --------
    >>> model = path_model({"m": {"x": "a"}, "y": {"m": "b", "x": "c"}}, {"indirect": "a*b"})
    >>> [term.name for term in model.terms]
    ['a', 'b', 'c', 'm ~~ m', 'x ~~ x', 'y ~~ y']
    """
    terms = [
        Term(outcome, "~", name, label)
        for outcome, predictors in paths.items()
        for name, label in (
            predictors.items() if isinstance(predictors, Mapping) else ((n, "") for n in predictors)
        )
    ]
    x = tuple(dict.fromkeys(t.right for t in terms if t.right not in paths))
    made = tuple(read_expression(name, text) for name, text in (defined or {}).items())
    return Specification(complete(terms), defined=made, fixed_x=x if fixed_x else (), covariates=x)


def factor_model(factors: Mapping[str, Sequence[str]], *, fix_first: bool = True) -> Specification:
    """Build a confirmatory factor analysis with correlated factors.

    Parameters
    ----------
    factors : mapping
        Indicators of each factor.
    fix_first : bool
        Fix the first loading of each factor at 1, else the variances of the factors.

    Examples
    --------
    >>> factor_model({"strength": ["abduction", "extension", "rotation"]}).latent
    ('strength',)
    """
    terms = [Term(f, "=~", name) for f, names in factors.items() for name in names]
    return Specification(complete(terms, tuple(factors), fix_first=fix_first), tuple(factors))


def clpm(
    first: Sequence[str],
    second: Sequence[str],
    *,
    lags_equal: bool = False,
    lag_times: Sequence[float] | None = None,
) -> Specification:
    """Build a cross-lagged panel model of two variables.

    It does not separate stable differences between people from change within them; use it as a
    contrast to ``riclpm`` only.

    Parameters
    ----------
    first, second : sequence of str
        Columns of both variables at each wave.
    lags_equal, lag_times
        See ``riclpm``.
    """
    terms, constraints = _lags(first, second, lags_equal, lag_times)
    terms += _together(first, second)
    return Specification(tuple(terms), constraints=constraints, experimental=_caution(constraints))


def riclpm(
    first: Sequence[str],
    second: Sequence[str],
    *,
    lags_equal: bool = False,
    lag_times: Sequence[float] | None = None,
    error_variances: Mapping[str, float] | None = None,
) -> Specification:
    """Build a random-intercept cross-lagged panel model.

    Parameters
    ----------
    first, second : sequence of str
        Columns of both variables at each wave, at least three.
    lags_equal : bool
        Hold the four lagged paths equal over waves: labels a (first on first), b (first on
        second), c (second on first), d (second on second).
    lag_times : sequence of float, optional
        Time between consecutive waves; the lags over the shortest time are labelled a to d, and
        the matrix of those over a k times longer one is held to its k-th power, as a process in
        continuous time has it (labels ``a_8`` and so on for a time of 8).
    error_variances : mapping, optional
        Known measurement-error variance of columns.

    Returns
    -------
    Specification
        Latent variables ``trait_1``, ``trait_2`` and ``within_<column>``.

    References
    ----------
    Hamaker, Kuiper and Grasman 2015, doi:10.1037/a0038889; Mulder and Hamaker 2021,
    doi:10.1080/10705511.2020.1784738.

    Examples
    --------
    >>> model = riclpm(["s1", "s2", "s3"], ["p1", "p2", "p3"], lags_equal=True)
    >>> len([term for term in model.terms if term.label == "c"])
    2
    """
    if len(first) < 3:
        raise ValueError("a random-intercept model needs at least three waves")
    within = [[f"within_{name}" for name in names] for names in (first, second)]
    traits = ("trait_1", "trait_2")
    terms: list[Term] = []
    for trait, names in zip(traits, (first, second), strict=True):
        terms += [Term(trait, "=~", name, value=1.0) for name in names]
    for inners, names in zip(within, (first, second), strict=True):
        pairs = zip(inners, names, strict=True)
        terms += [Term(inner, "=~", name, value=1.0) for inner, name in pairs]
    lags, constraints = _lags(within[0], within[1], lags_equal, lag_times)
    terms += lags
    terms += _together(within[0], within[1])
    terms += [Term(traits[i], "~~", traits[j]) for i, j in ((0, 0), (1, 1), (0, 1))]
    terms += [Term(n, "~~", n, value=v) for n, v in (error_variances or {}).items()]
    latent = (*traits, *within[0], *within[1])
    return Specification(
        tuple(terms), latent, constraints=constraints, experimental=_caution(constraints)
    )


def _together(first: Sequence[str], second: Sequence[str]) -> list[Term]:
    """Give both variables a variance at each wave, and their covariance."""
    pairs = zip(first, second, strict=True)
    return [Term(x, "~~", y) for one, two in pairs for x, y in ((one, one), (two, two), (one, two))]


def _lags(
    first: Sequence[str],
    second: Sequence[str],
    equal: bool,
    times: Sequence[float] | None,
) -> tuple[list[Term], tuple[Derived, ...]]:
    """Regress each wave on the one before."""
    from gluteal.estimators.sem.lags import power_of_lags

    if len(first) != len(second) or len(first) < 2:
        raise ValueError("both variables need the same waves, at least two")
    if times is not None and (len(times) != len(first) - 1 or min(times) <= 0):
        raise ValueError("lag_times needs one positive time between each two waves")
    terms: list[Term] = []
    constraints: dict[float, Derived] = {}
    unit = min(times) if times is not None else 1.0
    for t in range(1, len(first)):
        length = times[t - 1] if times is not None else 1.0
        end = "" if length == unit and times is not None else f"_{length:g}"
        labels = ("",) * 4
        if times is not None:
            labels = tuple(f"{name}{end}" for name in "abcd")
            if length != unit:
                constraints[length] = power_of_lags(labels, length / unit)
        elif equal:
            labels = ("a", "b", "c", "d")
        begin = 0.3 if times is not None else None
        for k, (to, source) in enumerate(
            ((first, first), (first, second), (second, first), (second, second))
        ):
            start = begin if k in (0, 3) else None
            terms.append(Term(to[t], "~", source[t - 1], labels[k], start=start))
    return terms, tuple(constraints.values())


def _caution(constraints: tuple[Derived, ...]) -> str:
    if not constraints:
        return ""
    return "lags follow a continuous-time process: experimental, check it against free lags"
