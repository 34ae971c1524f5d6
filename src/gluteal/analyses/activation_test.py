"""Does an uneven static squeeze show one-sided weakness? People, their two legs compared.

The headline is Spearman's rank correlation of the squeeze grade, right minus left, with
ln(right / left) of measured strength: it needs no cut-off, keeps the side, and its interval is
stable. Sensitivity, specificity and Youden's J of an uneven squeeze stand beside it; they rest on
the minimal detectable difference of the two legs. The squeeze grade is a non-validated instrument,
and every table and figure says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from gluteal import spec as base
from gluteal.errors import Fault, UserError
from gluteal.estimates import Fit, diagnostic
from gluteal.notation import HIDDEN, MINUS, write_count, write_label, write_number
from gluteal.variables import variable

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort
    from gluteal.frames.squeeze_rows import SqueezeRows

FIGURE = "asymmetry"
SMALLEST = 5
FEW = 50
TABLE = "non_validated_squeeze_by_strength"


class Spec(base.Spec):
    """Settings of ``activation_test``."""

    method: Literal["activation_test"] = "activation_test"
    squeeze: str = Field("squeeze_grade", description="The graded squeeze of each leg")
    strength: str = Field("hip_ext_nm_kg", description="Measured strength of each leg")
    mdc_pct: float | None = Field(
        None, gt=0, description="Published minimal detectable side difference in %, in place of own"
    )
    mdc_source: str = Field("", description="Where mdc_pct was published")
    resamples: int = Field(2000, ge=100, description="Resamples of people for intervals of kappa")

    @model_validator(mode="after")
    def _name_the_source(self) -> Spec:
        if self.mdc_pct is not None and not self.mdc_source:
            raise ValueError("mdc_pct needs a stated source: add mdc_source")
        return self


def needs(spec: Spec) -> tuple[str, ...]:
    """Name squeeze and strength."""
    return (spec.squeeze, spec.strength)


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Compare the squeeze of both legs with their strength.

    Raises
    ------
    UserError
        With fewer than ten people measured on both legs, or where nothing differs between legs.
    """
    from gluteal.frames.asymmetry_panels import smooth_pairs, summarise_levels
    from gluteal.frames.legs import find_one_sided
    from gluteal.frames.squeeze import bands, take_squeeze
    from gluteal.frames.squeeze_rows import NOT_VALIDATED, SqueezeRows

    if lacking := cohort.lacks(needs(spec)):
        return Fit(needs=lacking)
    if lacking := find_one_sided(cohort, needs(spec), spec.visit):
        return Fit(needs=lacking)
    found = take_squeeze(cohort, spec.squeeze, spec.strength, spec.visit)
    made = SqueezeRows(cohort, spec, found)
    rows = [made.correlate(), *made.beside(), *made.other_measures(), *made.reliability()]
    legs = [found.pairs[f"{spec.strength}_{side}"].to_numpy(float) for side in ("left", "right")]
    words = {
        "levels": f"{variable(spec.strength).label}, right over left (%)",
        "groups": f"Squeeze grade, right {MINUS} left\n({NOT_VALIDATED})",
        "forest": f"Rank correlation or kappa ({NOT_VALIDATED})",
        "ratio": False,
    }
    return Fit(
        estimates=rows,
        diagnostics=list(_diagnose(made)),
        panels={
            "levels": summarise_levels(list(bands(found.grade, found.asymmetry)), spec.level),
            "forest": _forest(rows),
            "words": [words],
            "mdc": [{"log": made.error.mdc}] if made.error else [],
            "density": smooth_pairs(*legs),
            "legs": [{"axis": variable(spec.strength).axis}],
        },
        tables={TABLE: _tabulate(made)},
        sentences=list(_write_sentences(made, spec)),
    )


def headline(cohort: Cohort, spec: Spec) -> dict[str, Any]:
    """Return the rank correlation alone.

    Raises
    ------
    UserError
        As ``fit``; also where only one leg was tested.
    """
    from gluteal.frames.legs import find_one_sided
    from gluteal.frames.squeeze import take_squeeze
    from gluteal.frames.squeeze_rows import SqueezeRows

    if lacking := find_one_sided(cohort, needs(spec), spec.visit):
        remedy = "An asymmetry needs both."
        raise UserError(Fault("the derived tables", f"lack {', '.join(lacking)}", remedy))
    found = take_squeeze(cohort, spec.squeeze, spec.strength, spec.visit)
    return SqueezeRows(cohort, spec, found, quick=True).correlate()


def _forest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Take the rows between -1 and 1 that stand on one axis."""
    keys = ("estimate", "low", "high")
    found: list[dict[str, Any]] = []
    for row in rows:
        scale, name = row.get("scale"), str(row.get("estimand", ""))
        if scale not in ("correlation", "kappa") or not row.get("converged", True):
            continue
        model = row["model"].removesuffix(" torque per body mass")
        what = name if name.startswith("Somers") else "correlation"
        if scale == "kappa":
            what = "kappa" if model == "all people" else "kappa, " + row["contrast"].split()[2]
        found.append(
            {"label": f"{model}: {what}", "n": row["n_people"]} | {k: row[k] for k in keys}
        )
    return found


def _diagnose(made: SqueezeRows) -> Iterator[dict[str, Any]]:
    """Say what limits the reading; each line says that the test is not validated."""
    import numpy as np

    from gluteal.frames.squeeze_rows import WARNING

    found, n = made.found, len(made.found.grade)
    text = f"no published study has validated this grading; {WARNING}"
    yield diagnostic("Instrument", "non-validated", False, text)
    yield diagnostic(
        "People", n, n >= FEW, f"the interval is wide with few; {WARNING}", f">= {FEW}"
    )
    tied = float(np.mean(found.grade == 0))
    text = (
        f"share of people whose legs have the same grade: ties weaken a rank correlation; {WARNING}"
    )
    yield diagnostic("Equal grades", round(tied, 3), tied <= 0.5, text, "<= 0.5")
    top = found.pairs[[f"{made.spec.squeeze}_{s}" for s in ("left", "right")]].to_numpy(float)
    share = float(np.mean(top == np.nanmax(top)))
    text = f"share of legs in the highest grade; many there hide differences; {WARNING}"
    yield diagnostic("Ceiling of the grade", round(share, 3), share <= 0.5, text, "<= 0.5")
    if made.error is None:
        text = f"no leg was measured twice, so rows against the MDC are left out; {WARNING}"
        yield diagnostic("Error of the asymmetry", "unknown", False, text)
        return
    error = made.error
    text = f"of one leg, {error.how}, {error.people} people; {WARNING}"
    yield diagnostic("SEM of strength in %", round(error.leg_pct, 2), None, text)
    beyond = float(np.mean(abs(found.asymmetry) > error.mdc))
    text = f"share whose strength differs by more than the MDC; error alone: 0.05; {WARNING}"
    yield diagnostic("Asymmetry beyond its MDC", round(beyond, 3), beyond > 0.05, text, "> 0.05")
    real = error.shrink(found.asymmetry)
    text = f"share of the variance of ln(right/left) that is no measurement error; {WARNING}"
    yield diagnostic("Reliability of the asymmetry", round(real, 3), real >= 0.5, text, ">= 0.5")


def _tabulate(made: SqueezeRows) -> list[dict[str, str]]:
    """Count people by squeeze difference and by the stronger leg; small counts stay hidden."""
    import numpy as np

    from gluteal.estimators.suppression import suppress_counts
    from gluteal.frames.squeeze import bands

    found = made.found
    mdc = made.error.mdc if made.error else 0.0
    side = np.where(np.abs(found.asymmetry) > mdc, np.sign(found.asymmetry), 0.0)
    labels, counts = [], []
    for label, values in bands(found.grade, side):
        labels.append(label)
        counts.append([int((values == code).sum()) for code in (-1, 0, 1)])
    marks = suppress_counts(counts, SMALLEST)
    heads = ("Left stronger", "Within the MDC" if made.error else "Equal", "Right stronger", "All")
    rows: list[dict[str, str]] = []
    for label, row, mark in zip(labels, counts, marks, strict=True):
        cells = [
            HIDDEN if m == HIDDEN else write_count(n, SMALLEST)
            for n, m in zip([*row, sum(row)], mark, strict=True)
        ]
        first = "Squeeze grade (non-validated), right - left"
        rows.append({first: label, **dict(zip(heads, cells, strict=True))})
    return rows


def _write_sentences(made: SqueezeRows, spec: Spec) -> Iterator[str]:
    """Say what was compared, and how."""
    from gluteal.estimators import rank_correlation

    n = len(made.found.grade)
    strength = write_label(variable(spec.strength).label)
    yield (
        "The static squeeze was graded per leg; this grading is non-validated, and its own "
        "reliability is reported beside it"
    )
    yield (
        f"The difference of the grades (right minus left) was compared with ln(right/left) of "
        f"{strength} at {spec.visit} in {n:,} people with both legs measured; "
        f"{made.found.n_missing:,} were left out for missing values"
    )
    yield rank_correlation.CITED_SPEARMAN
    yield rank_correlation.CITED_SOMERS
    yield (
        "Strength per grade was estimated between the legs of one person (HC3 errors, "
        "doi:10.1080/00031305.2000.10474549) and among all legs, clustered by person (CR2, "
        "doi:10.1080/07350015.2016.1247004)"
    )
    if made.error:
        yield (
            f"The minimal detectable difference of the legs was "
            f"{write_number(100 * made.error.mdc)} % (1.96 √2 SEM of one leg, "
            f"{write_number(made.error.leg_pct)} %, {made.error.how}); agreement on the weaker leg "
            "is weighted kappa, people resampled (doi:10.1348/000711007X249603)"
        )
