"""What a user can mend: one message that names every fault, where it is and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Severity = Literal["error", "query"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a user's input.

    Parameters
    ----------
    file : str
        The file as the user named it.
    rule : str
        The rule that was broken, as a short sentence.
    remedy : str
        What to do about it.
    row : int, optional
        The line of the file, the header being line 1.
    column, value, sheet : str, optional
        Where in the row, and what stood there.
    severity : {"error", "query"}
        An error stops the run; a query goes to the list that a person looks through.
    """

    file: str
    rule: str
    remedy: str
    row: int | None = None
    column: str = ""
    value: str = ""
    sheet: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        place = [self.file]
        if self.sheet:
            place.append(f"sheet {self.sheet}")
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column:
            place.append(f"column {self.column}")
        value = f" (value {self.value!r})" if self.value else ""
        return f"{', '.join(place)}{value}: {self.rule}. {self.remedy}"


class UserError(Exception):
    """A fault that the user can mend; the command line prints it and ends with status 2.

    Parameters
    ----------
    faults : Fault, str or sequence of Fault
        All faults found, not the first one only.

    Examples
    --------
    >>> print(UserError(Fault("participants.csv", "the table is empty", "Add participants.")))
    participants.csv: the table is empty. Add participants.
    """

    def __init__(self, faults: Fault | str | Sequence[Fault]) -> None:
        self.faults: tuple[Fault, ...] = ()
        if isinstance(faults, str):
            super().__init__(faults)
            return
        self.faults = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__(listing(self.faults))


class CannotTest(UserError):
    """What a cohort lacks for one question: people, visits, groups or events; nobody's fault.

    It stops one analysis only: the report and the ledger say "not testable" and why, and the
    other analyses go on. A plain ``UserError`` with faults stops everything.

    Examples
    --------
    >>> issubclass(CannotTest, UserError)
    True
    """


def listing(faults: Iterable[Fault], most: int = 200) -> str:
    """Write faults one a line, the first ``most`` of them, and say how many are left out."""
    lines = [str(fault) for fault in faults]
    head = [f"{len(lines)} faults found:"] if len(lines) > 1 else []
    more = [f"... and {len(lines) - most} more."] if len(lines) > most else []
    return "\n".join([*head, *lines[:most], *more])


def suggest(word: str, known: Iterable[str]) -> str:
    """Name the nearest known word: ``"Did you mean 'age_years'? "``, or nothing."""
    near = get_close_matches(word, list(known), n=1)
    return f"Did you mean {near[0]!r}? " if near else ""
