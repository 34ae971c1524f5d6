"""Hip strength: force × lever arm = torque, set against body size, side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gluteal.cohort.harvest import Harvest, count_single, group_by_side, mean_of_available
from gluteal.cohort.readings import LEFT, NO_SIDE, RIGHT, Trials, mark_first
from gluteal.cohort.roster import Roster
from gluteal.cohort.settings import Derivation
from gluteal.cohort.tally import Tally
from gluteal.errors import UserError
from gluteal.measures import strength, symmetry
from gluteal.measures.trials import Summary, summarise_trials

Floats = NDArray[np.float64]
MUSCLES = ("abd", "ext", "er")


def derive_torque(
    trials: Trials, roster: Roster, mass: Floats, settings: Derivation, tally: Tally
) -> Harvest:
    """Derive every ``hip_*`` variable.

    The lever arm is that of the same visit, side and muscle (of the same assessor, if several
    measured it), else the person's last one before, flagged ``lever_carried``. A force without
    any lever arm stays a force.

    Parameters
    ----------
    trials : Trials
        All trials.
    roster : Roster
        People and visits.
    mass : array, shape (visits,)
        Body mass in kg, carried ones included.
    """
    made = Harvest()
    carried = np.zeros((len(roster.visits), 2))
    exponents: dict[str, Any] = {}
    used: dict[str, str] = {}
    for muscle in MUSCLES:
        force = trials.of(f"hip_{muscle}_n")
        if force is None:
            continue
        force, used[muscle] = _in_one_position(force, muscle, settings, tally)
        levers = trials.of(f"hip_{muscle}_lever_m")
        one = _Muscle(muscle, force, levers, roster, mass, settings, tally)
        made.add(one.derive())
        carried = np.fmax(carried, one.carried)
        exponents[muscle] = one.exponent
    if used:
        made.sides["lever_carried"] = carried
        made.facts |= {"allometric": exponents, "positions": used}
    return made


def _in_one_position(
    force: Trials, muscle: str, settings: Derivation, tally: Tally
) -> tuple[Trials, str]:
    """Keep one test position: side-lying gives some 30 % more than standing, so none are mixed."""
    name = f"hip_{muscle}_n"
    counts = np.bincount(force.position, minlength=len(force.positions))
    position = settings.positions.get(muscle, force.positions[int(counts.argmax())])
    if position not in force.positions:
        known = ", ".join(force.positions)
        raise UserError(f"positions: {name} was not measured in {position!r}, but in {known}")
    here = force.position == force.positions.index(position)
    tally.add(name, f"another position than {position}", int((~here).sum()))
    sided = force.side != NO_SIDE
    tally.add(name, "no side given", int((here & ~sided).sum()))
    return mark_first(force.take(here & sided)), position


def _lookup(levers: Trials, by_assessor: bool, wanted: Trials) -> Floats:
    """Return the mean lever arm of each wanted trial's visit and side (and assessor)."""

    def key(trials: Trials) -> Any:
        group = group_by_side(trials)
        return group * len(trials.assessors) + trials.assessor if by_assessor else group

    taken = levers if by_assessor else levers.take(levers.first)
    keys, place = np.unique(key(taken), return_inverse=True)
    means = np.append(summarise_trials(taken.value, place, len(keys)).mean, np.nan)
    asked = key(wanted)
    spot = np.searchsorted(keys, asked)
    found = np.where(np.append(keys, -1)[spot] == asked, spot, len(keys))
    return means[found]


class _Muscle:
    """One muscle group: its trials, summarised by side and by visit."""

    def __init__(
        self,
        muscle: str,
        force: Trials,
        levers: Trials | None,
        roster: Roster,
        mass: Floats,
        settings: Derivation,
        tally: Tally,
    ) -> None:
        self.name = f"hip_{muscle}"
        self.force, self.roster, self.mass = force, roster, mass
        self.settings, self.tally = settings, tally
        self.visits = len(roster.visits)
        self.exponent: dict[str, float | int | str] | None = None
        self.lever, self.carried, own = self._levers(levers)
        nm = strength.torque_nm(force.value, own)
        self.nm = tally.keep_in_range(f"{self.name}_nm", nm)
        self.nm_kg = tally.keep_in_range(
            f"{self.name}_nm_kg", strength.per_mass(self.nm, mass[force.row])
        )
        tally.add(f"{self.name}_nm", "torque not computable: no lever arm", np.isnan(own).sum())
        without = np.isnan(mass[force.row]) & ~np.isnan(self.nm)
        tally.add(f"{self.name}_nm_kg", "not computable: no body mass", without.sum())

    def _levers(self, levers: Trials | None) -> tuple[Floats, Floats, Floats]:
        """Return the lever of each visit and side, which are carried, and that of each trial."""
        lever = np.full((self.visits, 2), np.nan)
        carried = np.zeros((self.visits, 2))
        if levers is not None:
            levers = mark_first(levers.take(levers.side != NO_SIDE))
        if levers is None or not len(levers.value):
            return lever, carried, np.full(len(self.force.value), np.nan)
        first = levers.take(levers.first)
        means = summarise_trials(first.value, group_by_side(first), 2 * self.visits).mean
        for side, column in ((LEFT, means[0::2]), (RIGHT, means[1::2])):
            # What is last known of a mass is last known of a leg: the same search.
            lever[:, side], carried[:, side] = strength.carry_mass(
                column, self.roster.week, self.roster.who, np.inf
            )
        own = _lookup(levers, True, self.force)
        general = lever[self.force.row, self.force.side]
        return lever, carried, np.where(np.isnan(own), general, own)

    def _sum_up(self, values: Floats) -> Summary:
        first = self.force.first
        group = group_by_side(self.force)[first]
        return summarise_trials(values[first], group, 2 * self.visits)

    def _chosen(self, values: Floats) -> Floats:
        found = self._sum_up(values)
        best = self.settings.strength_summary == "max"
        return (found.best if best else found.mean).reshape(-1, 2)

    def derive(self) -> Harvest:
        """Make the columns of visits and sides, and the trials."""
        made = Harvest()
        second = self.force.value[~self.force.first]
        self.tally.note(f"{self.name}_n", "second assessor, in trials only", len(second))
        pairs = {
            "n": self._chosen(self.force.value),
            "nm": self._chosen(self.nm),
            "nm_kg": self._chosen(self.nm_kg),
            "max_nm_kg": self._sum_up(self.nm_kg).best.reshape(-1, 2),
        }
        mass = np.repeat(self.mass[:, None], 2, axis=1)
        pairs["n_kg"] = strength.per_mass(pairs["n"], mass)
        pairs["pct_bw"] = strength.pct_bw(pairs["n"], mass)
        self._allometric(pairs, mass)
        raw = self._sum_up(self.force.value)
        for part, values in pairs.items():
            name = f"{self.name}_{part}"
            made.sides[name] = values
            made.visits[name] = mean_of_available(values)
        self.tally.note(f"{self.name}_nm_kg", "mean of one side only", count_single(pairs["nm_kg"]))
        here = np.isfinite(pairs["n"])
        made.sides[f"{self.name}_lever_m"] = np.where(here, self.lever, np.nan)
        self.carried = np.where(here & ~np.isnan(self.lever), self.carried, np.nan)
        made.sides[f"{self.name}_trial_n"] = raw.n.reshape(-1, 2).astype(np.float64)
        made.sides[f"{self.name}_trial_cv_pct"] = raw.cv_pct.reshape(-1, 2)
        made.visits[f"{self.name}_weaker_nm_kg"] = pairs["nm_kg"].min(axis=1)
        made.visits[f"{self.name}_pain_during"] = self._pain()
        made.visits |= self._asymmetry(pairs["nm"])
        for part, values in (("n", self.force.value), ("nm", self.nm), ("nm_kg", self.nm_kg)):
            kept = ~np.isnan(values)
            block = replace(self.force, value=values).take(kept)
            made.trials.append((f"{self.name}_{part}", block))
        return made

    def _pain(self) -> Floats:
        """Say of each visit whether a trial hurt, on either side; NaN where nobody asked."""
        used = self.force.take(self.force.first & ~np.isnan(self.force.value))
        found = np.full(self.visits, np.nan)
        for code in (0, 1):  # one trial that hurt outweighs those that did not
            found[used.row[used.pain == code]] = code
        return found

    def _allometric(self, pairs: dict[str, Floats], mass: Floats) -> None:
        fixed = self.settings.allometric_exponent
        if fixed is not None:
            self.exponent = {"b": fixed, "se": 0.0, "n": 0, "source": "fixed by the study"}
        else:
            rows = self.roster.baseline
            torque = np.append(mean_of_available(pairs["nm"]), np.nan)[rows]
            weight = np.append(self.mass, np.nan)[rows]
            people = self.roster.people
            sex = people["sex"].to_numpy(object) if "sex" in people else np.full(len(people), "all")
            try:
                found = strength.allometric_exponent(torque, weight, sex)
            except UserError as error:
                self.exponent = {"source": f"not estimated: {error.faults[0].rule}"}
                return
            source = "estimated at baseline, log-log within sex"
            self.exponent = {"b": found.b, "se": found.se, "n": found.n, "source": source}
        pairs["allom"] = strength.torque_allom(pairs["nm"], mass, float(self.exponent["b"]))

    def _asymmetry(self, nm: Floats) -> dict[str, Floats]:
        left, right = nm[:, LEFT], nm[:, RIGHT]
        people = self.roster.people
        sides = (
            people["pain_side"].to_numpy(object)
            if "pain_side" in people
            else np.full(len(people), None)
        )[self.roster.who]
        found = {
            "asym_log": symmetry.asym_log(right, left),
            "asym_abs_log": symmetry.asym_abs_log(right, left),
            "asym_pct_signed": symmetry.asym_pct_signed(right, left),
            "asym_pct_max": symmetry.asym_pct_max(right, left),
            "sym_angle_pct": symmetry.sym_angle_pct(right, left),
            "lsi_pct": symmetry.lsi_pct(right, left, sides),
            "asym_involved_pct": symmetry.asym_involved_pct(right, left, sides),
        }
        return {f"{self.name}_{part}": values for part, values in found.items()}
