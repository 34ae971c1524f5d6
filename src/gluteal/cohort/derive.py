"""From a cohort package to the analysis tables: people, visits, sides, trials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gluteal.cohort.derived import Cohort
from gluteal.cohort.settings import Derivation, settle

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.harvest import Harvest
    from gluteal.cohort.package import Package
    from gluteal.cohort.roster import Roster
    from gluteal.cohort.tally import Tally


def derive(package: Package, settings: Mapping[str, Any] | None = None) -> Cohort:
    """Derive the analysis tables of a cohort.

    The same package and settings give the same tables, whatever the order of the rows. Nothing is
    mended: what cannot be used is set aside and counted in ``meta["set_aside"]``; who is not
    analysed is counted in ``flow``.

    Parameters
    ----------
    package : Package
        What ``read_package`` read.
    settings : mapping, optional
        See `gluteal.cohort.settings.Derivation`.

    Raises
    ------
    UserError
        For settings that do not exist, and a package that ``gluteal check`` would refuse for its
        form: text in a number, unknown people, visits and tests, contradicting repeats.
    """
    import numpy as np

    from gluteal.cohort.exclusions import exclude, trace_flow
    from gluteal.cohort.functions import derive_functions
    from gluteal.cohort.readings import read_trials
    from gluteal.cohort.roster import make_roster
    from gluteal.cohort.tally import Tally
    from gluteal.cohort.torque import derive_torque
    from gluteal.cohort.wide import read_wide, require_columns

    chosen = settle(settings)
    require_columns(package)
    tally = Tally()
    participants = read_wide(package, "participants", tally)
    visits = read_wide(package, "visits", tally)
    listed = "dispositions" in package.tables
    dispositions = read_wide(package, "dispositions", tally) if listed else None
    excluded = exclude(participants, dispositions)
    roster = make_roster(participants, visits, frozenset(excluded))
    made = _body(roster, chosen, tally)
    if "measurements" in package.tables:
        trials = read_trials(package.tables["measurements"], roster, tally)
        mass = made.visits.get("body_mass_kg", np.full(len(roster.visits), np.nan))
        made.add(derive_torque(trials, roster, mass, chosen, tally))
        made.add(derive_functions(trials, len(roster.visits), chosen, tally))
    scores, notes = _scores(package, roster, chosen)
    people = _people(package, roster, made, tally)
    frames = _frames(roster, made, scores, people, tally)
    with_data = _with_data(roster, made, scores)
    flow = trace_flow(participants, dispositions, excluded, roster, with_data)
    meta = _meta(package, chosen, frames, made, tally, notes, len(participants))
    return Cohort(**frames, meta=meta, flow=flow)


def _body(roster: Roster, settings: Derivation, tally: Tally) -> Harvest:
    """Body mass (carried for some weeks), body-mass index, actual week."""
    from gluteal.cohort.harvest import Harvest
    from gluteal.measures.strength import carry_mass

    made = Harvest()
    table = roster.visits
    if "study_day" in table:
        made.visits["week_actual"] = table["study_day"].to_numpy("float64") / 7
    if "body_mass_kg" not in table:
        return made
    mass = table["body_mass_kg"].to_numpy("float64")
    # A visit nobody came to has no mass to carry to.
    attended = table["attended"].to_numpy("float64") == 1
    mass, carried = carry_mass(mass, roster.week, roster.who, settings.mass_within_weeks)
    mass[~attended & carried] = float("nan")
    carried &= attended
    made.visits |= {"body_mass_kg": mass, "mass_carried": carried.astype("float64")}
    tally.note("body_mass_kg", "carried from an earlier visit", int(carried.sum()))
    if "height_m" in roster.people:
        height = roster.people["height_m"].to_numpy("float64")[roster.who]
        made.visits["bmi_kg_m2"] = tally.keep_in_range("bmi_kg_m2", mass / height**2)
    return made


def _scores(
    package: Package, roster: Roster, settings: Derivation
) -> tuple[pd.DataFrame | None, list[dict[str, Any]]]:
    if "responses" not in package.tables:
        return None, []
    import pandas as pd

    from gluteal.cohort.frames import as_words
    from gluteal.cohort.grid import Column
    from gluteal.instruments import score_responses

    table = package.tables["responses"]
    columns = {name: Column(table[name]) for name in table.column_names}
    _, kept = roster.locate("responses", columns["participant_id"], columns["visit"])
    wanted = ("participant_id", "visit", "instrument", "item", "value")
    responses = pd.DataFrame(
        {name: as_words(columns[name].codes[kept], columns[name].words) for name in wanted}
    )
    return score_responses(responses, settings.instruments)


def _people(package: Package, roster: Roster, made: Harvest, tally: Tally) -> dict[str, Any]:
    """Derive the columns of people, and new pain by visit."""
    from gluteal.cohort.grid import Column
    from gluteal.cohort.history import (
        duration_class,
        find_new_pain,
        spinal_disorder,
        sum_up_sessions,
    )
    from gluteal.cohort.programme import sessions_by_visit
    from gluteal.cohort.wide import read_wide

    table = roster.people
    found: dict[str, Any] = {}
    if "lbp_duration_wk" in table:
        found["lbp_duration_class"] = duration_class(table["lbp_duration_wk"])
    if "diagnosis" in table:
        found["spinal_disorder"] = spinal_disorder(table["diagnosis"])
    if "sessions" in package.tables:
        sessions = read_wide(package, "sessions", tally)
        ids = Column(package.tables["sessions"]["participant_id"])
        who = roster.people_of("sessions", ids)
        found |= sum_up_sessions(sessions, who, len(table))
        made.visits |= sessions_by_visit(sessions, who, roster)
    if "events" in package.tables:
        events = read_wide(package, "events", tally)
        ids = Column(package.tables["events"]["participant_id"])
        who = roster.people_of("events", ids)
        new = find_new_pain(events, who, roster)
        made.visits["incident_lbp"] = new.visit
        found["incident_lbp"], found["incident_lbp_day"] = new.person, new.day
        found["follow_up_day"] = new.followed
    return found


def _frames(
    roster: Roster,
    made: Harvest,
    scores: pd.DataFrame | None,
    people: dict[str, Any],
    tally: Tally,
) -> dict[str, pd.DataFrame]:
    from gluteal.cohort.frames import lay_out_people, lay_out_sides, lay_out_trials, lay_out_visits

    return {
        "people": lay_out_people(roster, people),
        "visits": lay_out_visits(roster, made, scores, tally),
        "sides": lay_out_sides(roster, made, tally),
        "trials": lay_out_trials(roster, made),
    }


def _with_data(roster: Roster, made: Harvest, scores: pd.DataFrame | None) -> Any:
    """Say which visits have at least one trial or one score."""
    import numpy as np

    found = np.zeros(len(roster.visits), dtype=bool)
    for _, trials in made.trials:
        found[trials.row] = True
    if scores is not None and len(scores):
        keys = ["participant_id", "visit"]
        there = scores.set_index(keys).notna().any(axis=1)
        index = roster.visits.set_index(keys).index
        found |= there.reindex(index, fill_value=False).to_numpy(dtype=bool)
    return found


def _meta(
    package: Package,
    settings: Derivation,
    frames: dict[str, pd.DataFrame],
    made: Harvest,
    tally: Tally,
    notes: list[dict[str, Any]],
    participants: int,
) -> dict[str, Any]:
    """Write down what was done: counts and settings, never a person."""
    return {
        "title": package.title,
        "synthetic": package.synthetic,
        "package_sha256": package.sha256,
        "rows": {name: len(frame) for name, frame in frames.items()},
        "n_participants": participants,
        "n_analysed": len(frames["people"]),
        "settings": settings.model_dump(),
        "set_aside": tally.rows(),
        "noted": tally.notes(),
        "scoring": notes,
        "assessor": "first in the alphabet, by visit and side; trials keep all",
        **{"allometric": {}, "positions": {}, "summaries": {}, **made.facts},
    }
