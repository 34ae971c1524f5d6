"""Put imputed cells into a cohort's tables: one completed cohort for each imputation."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import Fault, UserError
from gluteal.estimators.inference import Floats
from gluteal.frames.gaps import PEOPLE, PERSON, VISIT, VISITS, from_numbers
from gluteal.variables import variables

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.derived import Cohort

FILE = "imputed.parquet"


@dataclass(frozen=True)
class Block:
    """The imputed cells of one variable.

    Attributes
    ----------
    rows : ndarray of int, shape (cells,)
        Rows of the table.
    visits : ndarray of str, shape (cells,)
    drawn : ndarray, shape (m, cells)
    """

    table: str
    variable: str
    rows: NDArray[np.intp]
    visits: NDArray[Any]
    drawn: Floats


@dataclass(frozen=True)
class Completed:
    """A cohort and what its missing cells may have been.

    Attributes
    ----------
    cohort : Cohort
    blocks : tuple of Block
    m : int
        Imputations; 0 where nothing was imputed.
    """

    cohort: Cohort
    blocks: tuple[Block, ...]
    m: int

    def count(self, names: Collection[str], visit: str | None = None) -> dict[str, int]:
        """Count the imputed cells of variables, at one visit or (None) at all."""
        found: dict[str, int] = {}
        for block in self.blocks:
            if block.variable in names:
                here = block.table == PEOPLE or visit is None
                cells = len(block.rows) if here else int((block.visits == visit).sum())
                if cells:
                    found[block.variable] = cells
        return found

    def complete(
        self, k: int, names: Collection[str] | None = None, shift: tuple[str, float] | None = None
    ) -> Cohort:
        """Return the cohort with the cells of imputation ``k`` (from 0) filled in.

        Parameters
        ----------
        k : int
        names : collection of str, optional
            Fill in these variables only.
        shift : (variable, amount), optional
            Add an amount to what was imputed of one variable, held within its range: the missing
            differ by so much from what their other values predict.
        """
        if not 0 <= k < self.m:
            raise IndexError(f"imputation {k} of {self.m}")
        tables: dict[str, dict[str, Any]] = {PEOPLE: {}, VISITS: {}}
        for block in self.blocks:
            if names is not None and block.variable not in names:
                continue
            values = block.drawn[k]
            if shift and shift[0] == block.variable:
                known = variables()[block.variable]
                values = np.clip(values + shift[1], known.low, known.high)
            column: Any = getattr(self.cohort, block.table)[block.variable].copy()
            column.iloc[block.rows] = from_numbers(values, block.variable)
            tables[block.table][block.variable] = column
        return replace(
            self.cohort,
            people=self.cohort.people.assign(**tables[PEOPLE]),
            visits=self.cohort.visits.assign(**tables[VISITS]),
        )


def attach(cohort: Cohort, cells: pd.DataFrame) -> Completed:
    """Find the place of every imputed cell in the tables of a cohort.

    Raises
    ------
    UserError
        If a cell names a person or visit that the cohort lacks, or holds a value already.
    """
    m = int(cells["m"].max()) if len(cells) else 0
    blocks: list[Block] = []
    for (table, name), part in cells.groupby(["table", "variable"], sort=False):
        frame: pd.DataFrame = getattr(cohort, str(table))
        keys = [PERSON] if table == PEOPLE else [PERSON, VISIT]
        first = part[part["m"] == 1]
        place = frame[keys].assign(row=np.arange(len(frame)))
        rows: Any = first[keys].merge(place, on=keys, how="left")["row"].to_numpy(dtype=float)
        if name not in frame or np.isnan(rows).any() or len(part) != m * len(first):
            raise UserError(_stale(str(name), "does not fit the derived tables"))
        at = rows.astype(np.intp)
        if frame[str(name)].iloc[at].notna().any():
            raise UserError(_stale(str(name), "would overwrite recorded values"))
        # Rows are sorted by imputation within a variable and visit: bring each back to one order.
        order = part.sort_values(["m"], kind="stable")["value"].to_numpy(dtype=float)
        visits = first[VISIT].to_numpy()
        blocks.append(Block(str(table), str(name), at, visits, order.reshape(m, -1)))
    return Completed(cohort, tuple(blocks), m)


def _stale(name: str, rule: str) -> Fault:
    return Fault(FILE, rule, "Run gluteal impute again.", column=name)


def read_completed(cohort: Cohort, folder: Path, names: Iterable[str] = ()) -> Completed:
    """Read the imputed cells that ``gluteal impute`` wrote beside the derived tables.

    Parameters
    ----------
    cohort : Cohort
    folder : Path
    names : iterable of str
        Variables to read; all if none is named.

    Raises
    ------
    UserError
        If there is no such file, it cannot be read, or it belongs to other tables.
    """
    import pandas as pd

    path = folder / FILE
    wanted = list(names)
    try:
        cells = pd.read_parquet(path, filters=[("variable", "in", wanted)] if wanted else None)
    except FileNotFoundError as error:
        raise UserError(Fault(str(path), "no such file", "Run gluteal impute first.")) from error
    except (OSError, ValueError) as error:
        rule = f"cannot be read ({type(error).__name__})"
        raise UserError(Fault(str(path), rule, "Run gluteal impute again.")) from error
    return attach(cohort, cells)
