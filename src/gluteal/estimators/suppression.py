"""Hide small counts of a table, and what would give them away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Mark = Literal["shown", "small", "hidden"]
Place = tuple[int, int]


def suppress_counts(counts: Sequence[Sequence[int]], least: int) -> list[list[Mark]]:
    """Decide which cells of levels by groups are shown.

    Parameters
    ----------
    counts : sequence of sequence of int, shape (levels, groups)
        Group sizes are taken as known to the reader, and so is the sum of a level over the
        groups unless it is hidden too.
    least : int
        Counts of 1 to ``least`` - 1 are small. A zero names nobody and is shown.

    Returns
    -------
    list of list of {"shown", "small", "hidden"}, shape (levels, groups + 1)
        The last column is the sum over groups. A hidden cell is not small itself: it would
        give a small one away by subtraction.

    Notes
    -----
    Every row and column with exactly one unknown, or whose small cells are fixed by their sum
    (all 1, or all ``least`` - 1), gets another cell hidden, the smallest there, until none is
    left. This guards one table; it is no audit of all tables of a study taken together.

    Examples
    --------
    >>> suppress_counts([[2, 10], [28, 30], [20, 20]], 5)[0]
    ['small', 'hidden', 'shown']
    """
    table = [[*row, sum(row)] for row in counts]
    marks: list[list[Mark]] = [
        ["small" if 0 < n < least else "shown" for n in row] for row in table
    ]
    if not table:
        return marks
    width = len(table[0])
    # A column's sum is the size of its group: known. A row's sum is its last cell.
    lines: list[list[Place]] = [[(i, j) for i in range(len(table))] for j in range(width)]
    if width > 2:
        lines += [[(i, j) for j in range(width)] for i in range(len(table))]
    else:  # one group: its column and the sum are the same numbers
        lines = lines[:1]
    changed = True
    while changed:
        changed = False
        for line in lines:
            if _is_open(line, table, marks, least):
                shown = [(i, j) for i, j in line if marks[i][j] == "shown" and table[i][j] > 0]
                if shown:
                    i, j = min(shown, key=lambda at: (at[1] == width - 1, table[at[0]][at[1]], at))
                    marks[i][j] = "hidden"
                    changed = True
    if width == 2:
        marks = [[row[0], row[0]] for row in marks]
    return marks


def _is_open(
    line: list[Place], table: list[list[int]], marks: list[list[Mark]], least: int
) -> bool:
    """Say whether a reader can work a cell of this line out."""
    unknown = [(i, j) for i, j in line if marks[i][j] != "shown"]
    if len(unknown) == 1:
        return True
    values = [table[i][j] for i, j in unknown]
    if not values or any(marks[i][j] == "hidden" for i, j in unknown):
        return False
    last = len(table[0]) - 1
    if any(j == last for _, j in unknown) and len({j for _, j in unknown}) > 1:
        return False  # a row whose sum is unknown too
    return set(values) == {1} or set(values) == {least - 1}
