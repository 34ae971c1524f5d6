"""Published results that a cohort can stand beside: which constants, which sign, how an error.

Constants keep the sign that their source prints. Here it is said, result by result, whether the
sign is turned round to read "low back pain minus none", and how a standard error is had: from a
printed interval, from a p, or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gluteal.constants import Constant, constant

How = Literal["interval", "difference", "p", "means", "none"]
WEAKER = "positive in print = weaker in LBP; turned round"
AS_PRINTED = "as printed: LBP minus none"
ARMS = "as printed: programme minus control"
IN_REVIEW = "part of de Sousa 2019"
IN_TRIALS = "may share trials with Ceballos-Laita 2023"


@dataclass(frozen=True, slots=True)
class Published:
    """One published result.

    Attributes
    ----------
    label : str
    part : str
        What it is about: abductors, extensors, lordosis, tilt, pain.
    values : tuple of str
        Constants that hold it; several are sides of the same people and are averaged.
    how : str
        ``interval`` its standardised or plain difference has an interval; ``difference`` a
        difference in units with an interval and group sizes, standardised by the SD that follows;
        ``p`` means of two groups with a p; ``means`` means with SD; ``none`` no error can be had.
    turned : bool
        Whether the printed sign is turned round.
    sign : str
        The sign in words.
    divide : float
        Printed units in one of ours.
    sizes : (str, str)
        Constants of the group sizes, LBP first.
    more : tuple of str
        Further constants: the p of each value, or SDs.
    pooled : bool
        Whether it is part of the reference unless the settings name others.
    why_not : str
        Why it is not.
    """

    label: str
    part: str
    values: tuple[str, ...]
    how: How
    turned: bool = False
    sign: str = AS_PRINTED
    divide: float = 1.0
    sizes: tuple[str, str] | None = None
    more: tuple[str, ...] = ()
    pooled: bool = False
    why_not: str = ""

    @property
    def constants(self) -> tuple[Constant, ...]:
        """The values with their sources."""
        return tuple(constant(name) for name in self.values)

    @property
    def verified(self) -> bool:
        """Whether every number that it rests on was seen in its source."""
        names = (*self.values, *(self.sizes or ()), *self.more)
        return all(constant(name).verified for name in names)


def _means(stem: str, study: str) -> tuple[str, str]:
    return f"mean_{stem}_{study}_lbp", f"mean_{stem}_{study}_control"


def _both(stem: str, study: str) -> tuple[str, ...]:
    right, left = _means(f"{stem}_right", study), _means(f"{stem}_left", study)
    return (*right, *left)


PIZOL = ("n_lbp_pizol2023", "n_control_pizol2023")
PIZOL_ABD = ("md_hip_abd_right_pizol2023", "md_hip_abd_left_pizol2023")
PIZOL_EXT = ("md_hip_ext_right_pizol2023", "md_hip_ext_left_pizol2023")
PENNEY = ("n_lbp_penney2014", "n_control_penney2014")
SUTHERLIN = ("n_lbp_sutherlin2015", "n_control_sutherlin2015")
NO_ERROR = f"{IN_REVIEW}; no interval printed"
RESULTS: tuple[Published, ...] = (
    Published("de Sousa 2019, review of 5 studies", "abductors",
              ("smd_hip_abductors_desousa2019",), "interval", True, WEAKER, pooled=True),
    Published("Pizol 2023", "abductors", PIZOL_ABD, "difference", True, WEAKER, sizes=PIZOL,
              pooled=True),
    Published("Penney 2014", "abductors", _both("hip_abd", "penney2014"), "p", sizes=PENNEY,
              more=("p_hip_abd_right_penney2014", "p_hip_abd_left_penney2014"),
              why_not=IN_REVIEW),
    Published("Sutherlin and Hart 2015", "abductors", _means("hip_abd", "sutherlin2015"), "means",
              sizes=SUTHERLIN, more=("sd_hip_abd_sutherlin2015",), why_not=IN_REVIEW),
    Published("Arab and Nourbakhsh 2010", "abductors", _means("hip_abd_kpa", "arab2010"), "none",
              why_not=NO_ERROR),
    Published("Kendall 2010", "abductors", _means("hip_abd", "kendall2010"), "none",
              why_not=NO_ERROR),
    Published("Bussey 2016", "abductors", _both("hip_abd", "bussey2016"), "none",
              why_not=NO_ERROR),
    Published("Cai and Kong 2015, men", "abductors", _means("hip_abd_men", "cai2015"), "none",
              why_not=NO_ERROR),
    Published("Cai and Kong 2015, women", "abductors", _means("hip_abd_women", "cai2015"), "none",
              why_not=NO_ERROR),
    Published("de Sousa 2019, review of 2 studies", "extensors",
              ("smd_hip_extensors_desousa2019",), "interval", True, WEAKER, pooled=True),
    Published("Pizol 2023", "extensors", PIZOL_EXT, "difference", True, WEAKER, sizes=PIZOL,
              pooled=True),
    Published("Cai and Kong 2015, men", "extensors", _means("hip_ext_men", "cai2015"), "none",
              why_not="no interval printed"),
    Published("Cai and Kong 2015, women", "extensors", _means("hip_ext_women", "cai2015"), "none",
              why_not="no interval printed"),
    Published("Laird 2014, review", "lordosis", ("smd_lordosis_laird2014",), "interval",
              pooled=True),
    Published("Radiographs of acute LBP", "lordosis",
              ("mean_lordosis_cobb_acute", "mean_lordosis_cobb_control"), "p",
              more=("p_lordosis_cobb_acute", "sd_lordosis_cobb_acute", "sd_lordosis_cobb_control"),
              pooled=True),
    Published("Laird 2014, review", "tilt", ("smd_tilt_laird2014",), "interval", pooled=True),
    Published("Sugavanam 2024, review", "tilt", ("smd_tilt_sugavanam2024",), "interval",
              why_not="may mix both signs of pelvic tilt, and share studies with Laird 2014"),
    Published("Ceballos-Laita 2023, review of 8 trials", "pain", ("md_pain_hip_ceballos2023",),
              "interval", sign=ARMS, pooled=True),
    Published("de Jesus 2020, review of 5 trials", "pain", ("md_pain_hip_dejesus2020",),
              "interval", sign=ARMS, divide=10, why_not=IN_TRIALS),
    Published("Kendall 2015", "pain", ("md_pain_kendall2015",), "interval", sign=ARMS, divide=10,
              why_not=IN_TRIALS),
    Published("Fukuda 2021", "pain", ("md_pain_post_fukuda2021",), "interval", sign=ARMS,
              why_not=IN_TRIALS),
)  # fmt: skip
"""Group differences are in SDs, differences between arms in points of 0 to 10."""


def choose(part: str, named: tuple[str, ...] | None = None) -> list[tuple[Published, bool]]:
    """Give the results about a part, each with whether it enters the reference.

    Examples
    --------
    >>> [one.label for one, used in choose("tilt") if used]
    ['Laird 2014, review']
    """
    found = [one for one in RESULTS if one.part == part]
    if named is None:
        return [(one, one.pooled) for one in found]
    return [(one, one.how != "none" and bool(set(named) & set(one.values))) for one in found]
