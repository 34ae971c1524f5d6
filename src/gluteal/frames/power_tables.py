"""What a planned study can show, laid out for its figure, its table and the Methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from gluteal.frames.power_plan import Planned, write_settings
from gluteal.notation import write_list


class Asked(Protocol):
    """The settings that a sentence needs."""

    @property
    def level(self) -> float:
        """Level of the intervals."""
        ...

    @property
    def replicates(self) -> int:
        """Simulated studies for each number."""
        ...

    @property
    def seed(self) -> int:
        """Seed of the simulation."""
        ...

    @property
    def from_cohort(self) -> bool:
        """Whether the cohort's baseline was read."""
        ...

    @property
    def measure(self) -> str:
        """Whose SD was read."""
        ...


def draw_panels(
    curve: Sequence[Mapping[str, Any]], n: int, targets: Sequence[float], unit: str
) -> dict[str, list[dict[str, Any]]]:
    """Give the curves of power and precision, the planned size and the wanted power."""
    return {
        "power": [dict(row) for row in curve],
        "planned": [{"n": n, "unit": unit}],
        "targets": [{"power": target} for target in targets],
    }


def lay_out_settings(
    study: str, how: Mapping[str, Any], effects: Sequence[float], source: str
) -> list[dict[str, str]]:
    """List what was assumed: every number decides the power."""
    rows = [("People enrolled", f"{how['n']:,}"), *write_settings(study, how)]
    rows.append(("Smallest effect of interest", f"{effects[0]:g} ({source})"))
    if len(effects) > 1:
        rows.append(("Other effects", ", ".join(f"{one:g}" for one in effects[1:])))
    return [{"Setting": name, "Value": value} for name, value in rows]


def write_sentences(what: str, plan: Planned, how: Mapping[str, Any], asked: Asked) -> list[str]:
    """Say what was simulated, from the settings."""
    text = [
        f"Power for the {what} was simulated: {asked.replicates:,} studies for each size, each "
        f"analysed with a {100 * asked.level:g}% interval, seed {asked.seed}. Monte Carlo errors "
        "are reported (doi:10.1002/sim.8086); shares have Wilson's interval "
        "(doi:10.1080/01621459.1927.10502953).",
        f"The smallest effect that is detected and the people to be enrolled come from a formula, "
        f"{plan.cited}, held against the simulation.",
        "Exaggeration and wrong signs among significant results are those of Gelman and Carlin "
        "(doi:10.1177/1745691614551642).",
    ]
    if asked.from_cohort:
        taken = ["the number of people", "attendance"]
        taken += ["the SD of a measure at baseline over all people"] if asked.measure else []
        text.append(
            f"From the cohort were taken {write_list(taken)}; no later value and no comparison of "
            "groups was looked at."
        )
    text.append(
        "Power is of use before the data. Once they are there, intervals say what is known."
    )
    return text
