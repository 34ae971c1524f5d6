"""What is known of a person beside measurements: duration, diagnosis, sessions, new pain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.measures.adherence import adherence, sessions_done, volume

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.roster import Roster

ACUTE_WEEKS, CHRONIC_WEEKS = 6, 12
DISORDERS = ("disc_hernia", "spondylolisthesis")
DAYS = 7


def duration_class(weeks: Any) -> NDArray[np.object_]:
    """Class of a duration: acute under 6 weeks, subacute 6 to 12, chronic over 12.

    Examples
    --------
    >>> duration_class([5.9, 6.0, 12.0, 12.1, float("nan")]).tolist()
    ['acute', 'subacute', 'subacute', 'chronic', None]
    """
    found = np.asarray(weeks, dtype=np.float64)
    names = np.where(found < ACUTE_WEEKS, "acute", "subacute").astype(object)
    names[found > CHRONIC_WEEKS] = "chronic"
    names[np.isnan(found)] = None
    return names


def spinal_disorder(diagnosis: Any) -> NDArray[np.float64]:
    """1 with disc hernia or spondylolisthesis, 0 where the diagnosis says there is no disorder.

    Another disorder is neither: it is missing.

    Examples
    --------
    >>> spinal_disorder(["normal", "disc_hernia", "other", None])
    array([ 0.,  1., nan, nan])
    """
    names = np.asarray(diagnosis, dtype=object)
    found = np.where(np.isin(names, DISORDERS), 1.0, np.nan)
    found[names == "normal"] = 0.0
    return found


def sum_up_sessions(sessions: pd.DataFrame, who: Any, people: int) -> dict[str, Any]:
    """Adherence, sessions done and the highest stage in which anything was done.

    Parameters
    ----------
    sessions : DataFrame
        The sessions.
    who : array of int
        Place of each row's person; -1 for those not analysed.
    people : int
        Number of people.
    """
    here = sessions[who >= 0]
    group = who[who >= 0]

    def column(name: str) -> Any:
        return here[name].to_numpy("float64") if name in here else np.full(len(here), np.nan)

    done = volume(column("done_sets"), column("done_reps"))
    asked = volume(column("rx_sets"), column("rx_reps"))
    listed = np.bincount(group, minlength=people) > 0
    found: dict[str, Any] = {}
    if np.isfinite(done).any():
        counts = sessions_done(done, group, people)
        found["sessions_done"] = np.where(listed, counts, np.nan)
        if np.isfinite(asked).any():
            found["adherence"] = adherence(done, asked, group, people)
    if "stage" in here:
        from gluteal.variables import variables

        levels = list(variables()["stage_reached"].levels)
        places = {level: n for n, level in enumerate(levels)}
        stage = here["stage"].map(places).to_numpy("float64")
        counted = ~np.isnan(stage) & ((done > 0) | ~np.isfinite(done).any())
        top = np.full(people, -1, dtype=np.int64)
        np.maximum.at(top, group[counted], stage[counted].astype(np.int64))
        found["stage_reached"] = np.array([*levels, None], dtype=object)[top]
    return found


@dataclass(frozen=True, slots=True)
class NewPain:
    """New low back pain in people without it at entry; all missing for those with pain at entry.

    Attributes
    ----------
    person : array, shape (people,)
        Ever; missing for those never seen again in whom none is recorded.
    visit : array, shape (visits,)
        Whether the onset lay at or before the visit; missing at visits not attended, unless the
        onset came before.
    day : array, shape (people,)
        Study day of the first onset after entry; missing where there was none.
    followed : array, shape (people,)
        Day of the onset, or of the last visit attended, the last time that a person was known to
        be free. The day of dropping out does not count: nobody asked about pain on it.
    """

    person: NDArray[np.float64]
    visit: NDArray[np.float64]
    day: NDArray[np.float64]
    followed: NDArray[np.float64]


def find_new_pain(events: pd.DataFrame, who: Any, roster: Roster) -> NewPain:
    """Find new low back pain in people without it at entry: ever, by each visit, and when."""
    people = roster.people
    free = (
        people["lbp"].to_numpy("float64") == 0
        if "lbp" in people
        else np.zeros(len(people), dtype=bool)
    )
    here = (who >= 0) & (events["event"] == "lbp_onset").to_numpy() & (events["study_day"] > 0)
    onset = np.full(len(people), np.inf)
    np.minimum.at(onset, who[here], events["study_day"].to_numpy("float64")[here])
    attended = roster.visits["attended"].to_numpy("float64") == 1
    day = roster.week * DAYS
    last = np.full(len(people), -np.inf)
    np.fmax.at(last, roster.who[attended], day[attended])
    had = np.isfinite(onset)
    by_visit = onset[roster.who] <= day
    known = free[roster.who] & (attended | by_visit)
    reached = np.where(had, onset, np.round(last))
    return NewPain(
        person=np.where(free & (had | (last > 0)), had.astype(float), np.nan),
        visit=np.where(known, by_visit.astype(float), np.nan),
        day=np.where(free & had, onset, np.nan),
        followed=np.where(free & (reached >= 0), reached, np.nan),
    )
