"""What stands beside a hazard ratio: the same people under other models, other people, threats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.checks import check
from gluteal.frames import hazard_checks as checks
from gluteal.frames import hazards as models
from gluteal.frames.followed import RATING, Followed
from gluteal.frames.hazards import Answer
from gluteal.frames.incidence_checks import check_dates, check_weights
from gluteal.notation import write_number
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort

RATIOS = "ratio of hazard ratios of incident low back pain"


class Task(NamedTuple):
    """Something to estimate, and the words of its row."""

    make: Callable[[], Answer]
    words: dict[str, Any]


@dataclass(frozen=True)
class Ask:
    """Lists what to estimate beside the main answer; nothing is fitted before ``make`` is called.

    ``everyone`` has the people who were never seen again, too; ``found`` collects diagnostics.
    """

    cohort: Cohort
    everyone: Followed
    people: Followed
    main: Answer
    units: float
    level: float
    found: list[dict[str, Any]] = field(default_factory=list)

    def other_models(self, *, crude: bool) -> Iterator[Task]:
        """Yield the same people under other models."""
        people, units, level = self.people, self.units, self.level
        same: dict[str, Any] = {"role": "sensitivity", "threat": "robust"}
        more = f"{write_number(units)} {variables()[people.names[0]].unit}".strip()
        if crude:
            words = {"role": "secondary", "model": "crude", "threat": "crude", "adjusted_for": ""}
            yield Task(lambda: models.answer_visits(people, units, level, crude=True)[0], words)
        if np.isfinite(people.days).any():
            yield Task(self._by_date, {**same, "model": "Cox, exact days"})
        yield Task(lambda: models.answer_logit(people, units, level, penalised=False),
                   {**same, "model": "logit link"})  # fmt: skip
        yield Task(lambda: models.answer_logit(people, units, level, penalised=True),
                   {**same, "model": "logit link, Firth's penalty"})  # fmt: skip
        yield Task(self._drift, {
            "role": "exploratory", "model": "change of the hazard ratio with time",
            "contrast": f"per {more} more and doubling of weeks",
            "estimand": RATIOS,
        })  # fmt: skip

    def _by_date(self) -> Answer:
        answer, own, whole = models.answer_dates(self.people, self.units, self.level)
        self.found.extend(check_dates(own, whole))
        return answer

    def _drift(self) -> Answer:
        answer = models.answer_drift(self.people, self.level, self.units)
        text = "small: the hazard ratio changes over time, and one number is its average"
        p = answer.found.p
        if answer.converged:
            self.found.append(check("constant over visits, p", p, ">= 0.05", p >= 0.05, text))
        return answer

    def threats(self, week: float, predictors: Sequence[str], visit: str) -> Iterator[Task]:
        """Yield a later start, people without any pain, and weights for those who left."""
        people, units, level = self.people, self.units, self.level
        if 0 < week < float(people.weeks[-1]):
            yield Task(lambda: models.answer_surely(people.after(week), units, level)[0], {
                "role": "sensitivity", "model": f"after week {week:g}",
                "threat": "early events out",
            })  # fmt: skip
        if RATING in people.frame and (people.frame[RATING] > 0).any():
            quiet = np.asarray(people.frame[RATING].to_numpy(dtype=float, na_value=np.nan) == 0)
            yield Task(lambda: models.answer_surely(people.take(quiet), units, level)[0], {
                "role": "sensitivity", "model": "rated no pain at all at the start",
                "threat": "exclusion",
            })  # fmt: skip
        if checks.count_lost(self.everyone):

            def weigh() -> Answer:
                known = checks.last_known(self.cohort, self.everyone, predictors, visit)
                answer, spread = checks.answer_weighted(self.everyone, known, units, level)
                self.found.extend(check_weights(spread, tuple(known)))
                return answer

            words = {"role": "sensitivity", "model": "weighted for staying", "threat": "weighted"}
            yield Task(weigh, words)

    def measured_better(self, source: str) -> Iterator[Task]:
        """Yield the ratio for the exposure without its error of measurement."""
        if source == "none":
            return

        def calibrate() -> Answer:
            name = self.people.names[0]
            share, words = checks.reliability_of(self.cohort, self.people, name, source)
            text = f"share of the exposure's spread that lasts, given the covariates: {words}"
            self.found.append(check("reliability", share.estimate, "", None, text))
            return models.answer_calibrated(self.main, share, self.level)

        yield Task(calibrate, {"role": "sensitivity", "model": "corrected for measurement error",
                               "threat": "exposure error"})  # fmt: skip

    def within(self, by: str | None) -> Iterator[Task]:
        """Yield the ratio within the levels of a yes/no variable, and the ratio of both."""
        if by is None or by not in self.people.frame:
            return
        known, parts = variables()[by], list[Answer]()
        values = self.people.frame[by].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        for code in ("0", "1"):

            def inside(code: str = code) -> Answer:
                group = self.people.take(np.asarray(values == float(code)))
                parts.append(models.answer_surely(group, self.units, self.level)[0])
                return parts[-1]

            name = f"{known.label}: {known.levels.get(code, code)}"
            yield Task(inside, {"role": "exploratory", "model": name})

        def both() -> Answer:
            if len(parts) < 2:
                raise UserError("one of the two groups has no estimate")
            return models.compare_answers(parts[0], parts[1], self.level)

        yield Task(both, {
            "role": "exploratory", "model": f"{known.label}: ratio of the two",
            "contrast": "ratio of the hazard ratios", "estimand": RATIOS,
        })  # fmt: skip
