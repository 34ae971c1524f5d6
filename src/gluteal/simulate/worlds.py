"""The four worlds: same visible margins, different causal arrows (domain note 7.1)."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

from gluteal.errors import UserError, suggest

VISITS = ("baseline", "week04", "week08", "week12", "week26")
WEEKS = (0, 4, 8, 12, 26)

STRENGTH_SD_NM_KG = 0.25
"""SD of trait abduction strength within a sex: what "per SD" means in the parameters."""
STATE_SD_NM_KG = 0.10
STATE_SD_NPRS = 1.2
STRENGTH_TO_STRENGTH = 0.55
PAIN_TO_PAIN = 0.40
SIDE_SD_NM_KG = 0.06
SIDE_RIGHT_NM_KG = 0.02
SESSION_LOG_SD = 0.045
TRIAL_LOG_SD = 0.05
LEARNING = (1.0, 1.015, 1.010)
PROGRAMME_GAIN_NM_KG = 0.15
ADHERENCE_OF_GAIN = 0.70
TILT_TO_LORDOSIS = 0.75
STANCE_CAP_S = 45.0


@dataclass(frozen=True, slots=True)
class World:
    """The arrows of one world; "per SD" is per 0.25 Nm/kg of trait strength.

    Attributes
    ----------
    ln_or_case : float
        ln odds ratio of being a case per SD of trait strength.
    lbp_on_strength_sd : float
        Effect of having low back pain on strength, in SD.
    ln_hr_incident : float
        ln hazard ratio of new low back pain per SD of trait strength.
    strength_to_pain, pain_to_strength : float
        Within a person, over 4 weeks: NPRS per Nm/kg, and Nm/kg per NPRS.
    strength_to_tilt : float
        Degrees of anterior tilt per SD of trait strength.
    lordosis_to_pain : float
        NPRS per degree.
    programme_on_pain : float
        NPRS at 12 weeks at 70 % adherence, in all.
    share_through_strength : float
        Which part of it goes through the gain in strength.
    """

    name: str
    meaning: str
    ln_or_case: float = 0.0
    lbp_on_strength_sd: float = 0.0
    ln_hr_incident: float = 0.0
    strength_to_pain: float = 0.0
    pain_to_strength: float = 0.0
    strength_to_tilt: float = 0.0
    lordosis_to_pain: float = 0.0
    programme_on_pain: float = 0.0
    share_through_strength: float = 0.0

    @property
    def state_correlation(self) -> float:
        """Correlation of the within-person states of strength and pain."""
        return -0.15 if self.strength_to_pain or self.pain_to_strength else 0.0

    @property
    def gain_to_pain(self) -> float:
        """NPRS per Nm/kg gained by the programme: its part through strength."""
        return self.share_through_strength * self.programme_on_pain / PROGRAMME_GAIN_NM_KG

    @property
    def programme_direct(self) -> float:
        """NPRS at 12 weeks at 70 % adherence that does not go through strength."""
        return (1 - self.share_through_strength) * self.programme_on_pain


WORLDS: dict[str, World] = {
    world.name: world
    for world in (
        World(
            "evidence",
            "small effects both ways, as the literature has them",
            ln_or_case=log(0.75),
            lbp_on_strength_sd=-0.25,
            ln_hr_incident=log(0.85),
            strength_to_pain=-0.9,
            pain_to_strength=-0.010,
            strength_to_tilt=-0.4,
            programme_on_pain=-0.60,
            share_through_strength=0.25,
        ),
        World(
            "seed",
            "weak glutes tilt the pelvis, deepen the lordosis and hurt the back",
            ln_or_case=log(0.60),
            lbp_on_strength_sd=-0.05,
            ln_hr_incident=log(0.60),
            strength_to_pain=-2.4,
            pain_to_strength=-0.004,
            strength_to_tilt=-1.5,
            lordosis_to_pain=0.05,
            programme_on_pain=-1.20,
            share_through_strength=0.75,
        ),
        World(
            "reverse",
            "pain weakens; strength does nothing to pain",
            lbp_on_strength_sd=-0.45,
            pain_to_strength=-0.016,
            programme_on_pain=-0.60,
        ),
        World("null", "no arrow between strength and pain in either direction"),
    )
}


def find_world(name: str) -> World:
    """Look a world up.

    Raises
    ------
    UserError
        If there is none of this name; the message names them.

    Examples
    --------
    >>> find_world("null").strength_to_pain
    0.0
    """
    if name not in WORLDS:
        near = suggest(name, WORLDS)
        raise UserError(f"no world {name!r}. {near}Worlds: {', '.join(WORLDS)}.")
    return WORLDS[name]
