"""What all questionnaires share: the answers they allow, and sums with missing items.

``NaN`` is a missing answer. A score is a column of the data dictionary; the notes beside it count,
rule by rule, whose answers were prorated, left unscored or excluded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Interval:
    """Answers on a line: any number from ``low`` to ``high``."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}"


Codes = Interval | tuple[int, ...]
Notes = dict[str, int]
Settings = Mapping[str, Any]


class Scored(NamedTuple):
    """Scores, one row a questionnaire in the order of the items, and the notes on the rules."""

    scores: pd.DataFrame
    notes: Notes


def steps(low: int, high: int) -> tuple[int, ...]:
    """Return the whole numbers from ``low`` to ``high``, both included."""
    return tuple(range(low, high + 1))


def numbered(count: int, codes: Codes, stem: str = "item_") -> dict[str, Codes]:
    """Return items ``item_1`` to ``item_<count>``, all with the same codes."""
    return {f"{stem}{number}": codes for number in range(1, count + 1)}


def allows(codes: Codes, values: Floats) -> Flags:
    """Say which numbers are among the allowed answers.

    Examples
    --------
    >>> import numpy as np
    >>> allows((0, 1), np.array([0.0, 0.5, 2.0])).tolist()
    [True, False, False]
    """
    import numpy as np

    if isinstance(codes, Interval):
        return (values >= codes.low) & (values <= codes.high)
    return np.isin(values, codes)


def describe(codes: Codes) -> str:
    """Write the allowed answers: ``0, 1, 2, 3`` or ``0 to 100``."""
    return str(codes) if isinstance(codes, Interval) else ", ".join(str(code) for code in codes)


def take(items: pd.DataFrame, names: list[str] | tuple[str, ...]) -> Floats:
    """Return a copy of items, (people, items); one without a column was not answered."""
    return items.reindex(columns=list(names)).to_numpy("float64", copy=True)


def frame(items: pd.DataFrame, **scores: Any) -> pd.DataFrame:
    """Set scores beside the index of their items; labels are text, missing where not known."""
    import pandas as pd

    table = pd.DataFrame(scores, index=items.index)
    words = [name for name, values in scores.items() if values.dtype == object]
    return table.astype(dict.fromkeys(words, "str"))


def as_given(items: pd.DataFrame, names: Mapping[str, str]) -> Scored:
    """Score where each answer is a variable itself: ``names`` maps item to variable."""
    answers = take(items, tuple(names))
    scores = {name: answers[:, column] for column, name in enumerate(names.values())}
    return Scored(frame(items, **scores), {})


def label(place: Any, names: tuple[str, ...], known: Flags) -> NDArray[np.object_]:
    """Return the name of each place, None where it is not known."""
    import numpy as np

    labels = np.array(names, dtype=object)[place]
    labels[~known] = None
    return labels


class Sum(NamedTuple):
    """A prorated sum, and which rows are complete, prorated or unscored though answered."""

    total: Floats
    complete: Flags
    prorated: Flags
    dropped: Flags


def prorate(answers: Floats, max_missing: int) -> Sum:
    """Sum the items, each missing one replaced by the mean of the answered.

    Parameters
    ----------
    answers : array, shape (people, items)
        NaN is a missing answer.
    max_missing : int
        With more missing, or nothing answered, the sum is NaN.

    Examples
    --------
    >>> import numpy as np
    >>> prorate(np.array([[1.0, 2.0, np.nan], [1.0, np.nan, np.nan]]), 1).total.tolist()
    [4.5, nan]
    """
    import numpy as np

    here = ~np.isnan(answers)
    size = answers.shape[1]
    answered = here.sum(axis=1)
    missing = size - answered
    kept = (missing <= max_missing) & (answered > 0)
    total = np.where(here, answers, 0.0).sum(axis=1)
    # The factor is exactly 1 without missing items: a complete sum stays a whole number.
    total = np.where(kept, total * (size / np.maximum(answered, 1)), np.nan)
    return Sum(
        total=total,
        complete=missing == 0,
        prorated=kept & (missing > 0),
        dropped=~kept & (answered > 0),
    )


def count_rules(found: Sum, max_missing: int, what: str = "") -> Notes:
    """Count the rows of a sum by what was done with them."""
    name = f"{what}: " if what else ""
    notes = {f"{name}complete": int(found.complete.sum())}
    if max_missing:
        notes[f"{name}prorated (up to {max_missing} missing)"] = int(found.prorated.sum())
    over = f"over {max_missing} missing" if max_missing else "an item missing"
    notes[f"{name}not scored ({over})"] = int(found.dropped.sum())
    return notes
