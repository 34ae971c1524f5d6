"""A cohort with known truth: the structural model of the domain note, section 7."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gluteal.simulate.streams import DESIGNS, Settings, settle
from gluteal.simulate.worlds import WORLDS

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["DESIGNS", "WORLDS", "make_tables", "simulate"]
TRUTH, DIRT_LOG = "truth.json", "dirt_log.csv"


def make_tables(settings: Settings) -> dict[str, Iterator[pa.Table]]:
    """Return the tables of a simulated cohort by name, each as chunks that are made on the way."""
    from gluteal.simulate import measures, people, responses, sessions

    tables = {
        "participants": people.make_participants(settings),
        "visits": people.make_visits(settings),
        "measurements": measures.make_measurements(settings),
        "responses": responses.make_responses(settings),
        "dispositions": people.make_dispositions(settings),
    }
    if settings.visits > 1:
        tables["events"] = people.make_events(settings)
    if settings.randomised:
        tables["sessions"] = sessions.make_sessions(settings)
    return tables


def simulate(
    folder: Path,
    n: int = 400,
    seed: int = 1,
    world: str = "evidence",
    *,
    form: str = "csv",
    design: str = "full",
    dirt: bool = False,
    mnar: bool = False,
) -> None:
    """Write a cohort package with known truth: the same arguments give the same bytes.

    Parameters
    ----------
    folder : Path
        Where the package goes; ``truth.json`` and, with dirt, ``dirt_log.csv`` go into it too.
    n : int
        Number of participants.
    seed : int
        Seed of the random numbers.
    world : {"evidence", "seed", "reverse", "null"}
        Which causal arrows there are.
    form : {"csv", "parquet"}
        How tables are written.
    design : {"full", "case_control", "cohort", "repeated", "programme"}
        Who takes part and who is followed.
    dirt : bool
        Whether to add the errors of real data files, each logged.
    mnar : bool
        Whether drop-out depends on the pain that is then not seen.

    Raises
    ------
    UserError
        If a setting is impossible or the folder cannot be written.
    """
    from gluteal.cohort.package import write_package
    from gluteal.simulate.dirt import Spoiler
    from gluteal.simulate.truth import write_truth

    settings = settle(n, seed, world, design, mnar=mnar, dirt=dirt)
    tables, spoiler = make_tables(settings), Spoiler(settings)
    if dirt:
        tables = {name: spoiler.spoil(name, chunks) for name, chunks in tables.items()}
    made = {"simulated": {"n": n, "seed": seed, "world": world, "design": design}}
    made["simulated"] |= {"dirt": dirt, "mnar": mnar}
    title = f"Synthetic cohort: {world} world, {n} people, seed {seed} (no real person)"
    write_package(folder, tables, title=title, synthetic=True, provenance=made, form=form)
    write_truth(folder / TRUTH, settings)
    if dirt:
        spoiler.write(folder / DIRT_LOG)
    else:  # a log of an earlier cohort would lie about this one
        (folder / DIRT_LOG).unlink(missing_ok=True)
