"""Risk sets of a Cox model: sorted once, summed by cumulative sums, ties by Efron.

Sums of squares over risk sets are never formed one by one: Σ_e S2(e)/S0(e) equals X' diag(c) X,
where c is the expected number of events of each row, so that an evaluation costs O(n p).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats
from gluteal.estimators.survival.times import Times

Whole = NDArray[np.intp]


def _running(values: Floats) -> Floats:
    """Cumulative sums from 0, so that sums of any stretch are differences."""
    out = np.zeros((len(values) + 1, *values.shape[1:]))
    np.cumsum(values, axis=0, out=out[1:])
    return out


@dataclass(frozen=True, slots=True)
class RiskSets:
    """Who is at risk at each event time.

    Rows are sorted by stratum and, within, from the last time to the first; ``order`` says which
    row of the data each is. An event group is a stratum's distinct time with events; a slot is
    one event of a group, each with its share ``part`` of the tied weight taken off (Efron).
    """

    order: Whole
    time: Floats
    entry: Floats
    dead: NDArray[np.bool_]
    start: Whole
    end: Whole
    entry_order: Whole
    entry_end: Whole
    deaths: Whole
    event_time: Floats
    stratum: Whole
    group_stratum: Whole
    first: Whole
    first_entry: Whole
    slot: Whole
    part: Floats
    last: Whole

    @property
    def repeated(self) -> bool:
        """Whether any time has several events."""
        return len(self.slot) > len(self.end)

    @property
    def efron(self) -> bool:
        """Whether tied weight is taken off."""
        return bool(self.part.any())

    @property
    def groups(self) -> int:
        """Number of event groups."""
        return len(self.end)

    def at_risk(self, values: Floats) -> Floats:
        """Sum sorted rows over the risk set of every event group."""
        sums = _running(values)
        found = sums[self.end]
        if len(self.last) > 1:
            found -= sums[self.start]
        if self.entry_order.size:
            late = _running(values[self.entry_order])
            found -= late[self.entry_end] - late[self.start]
        return found

    def of_dead(self, values: Floats) -> Floats:
        """Sum sorted rows over those with the event in every group."""
        return self.of_slots(values[self.dead])

    def of_slots(self, values: Floats) -> Floats:
        """Sum slots over their event group."""
        if not self.repeated:
            return values
        first = np.concatenate([[0], np.cumsum(self.deaths)[:-1]])
        return np.add.reduceat(values, first, axis=0)

    def without_efron(self) -> RiskSets:
        """Give ties Breslow's risk sets, which keep all tied weight."""
        return replace(self, part=np.zeros_like(self.part))

    def over_time(self, values: Floats) -> Floats:
        """Sum values of event groups over the time that each row was at risk."""
        sums = _running(values)
        last = sums[self.last[self.stratum]]
        found = last - sums[self.first]
        if self.entry_order.size:
            found = found - (last - sums[self.first_entry])
        return found


def build_risk_sets(found: Times, stratum: Whole) -> RiskSets:
    """Sort rows and find every risk set.

    Parameters
    ----------
    found : Times
    stratum : ndarray of int, shape (n,)
        Numbers 0, 1, 2 ...; a risk set has people of one stratum only.
    """
    order = np.lexsort((-found.event, -found.time, stratum))
    time, entry = found.time[order], found.entry[order]
    layer, dead = stratum[order], found.event[order] > 0
    n, layers = time.size, int(layer.max()) + 1
    fresh = np.concatenate([[True], (time[1:] != time[:-1]) | (layer[1:] != layer[:-1])])
    tie = np.cumsum(fresh) - 1
    ends = np.concatenate([np.flatnonzero(fresh)[1:], [n]])
    deaths = np.bincount(tie, dead).astype(np.intp)
    kept = np.flatnonzero(deaths)
    end, starts = ends[kept], np.flatnonzero(fresh)[kept]
    group_layer, event_time = layer[starts], time[starts]
    layer_start = np.searchsorted(layer, np.arange(layers))
    last = np.searchsorted(group_layer, np.arange(layers), "right")
    # The first group whose risk set reaches row i: all later ones of the stratum hold it too.
    first = np.minimum(np.searchsorted(end, np.arange(n), "right"), last[layer])
    entry_order, entry_end = np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    first_entry = np.empty(0, dtype=np.intp)
    if found.late:
        entry_order = np.lexsort((-entry, layer))
        # Sort groups among entries; an entry at the very time of a group is not at risk there.
        is_group = np.repeat([False, True], [n, len(kept)])
        both = -np.concatenate([entry, event_time]), np.concatenate([layer, group_layer])
        rank = np.lexsort((is_group, *both))
        entry_end = np.cumsum(~is_group[rank])[is_group[rank]]
        reached = np.searchsorted(entry_end, np.arange(n), "right")
        first_entry = np.empty(n, dtype=np.intp)
        first_entry[entry_order] = np.minimum(reached, last[layer[entry_order]])
    size = deaths[kept]
    slot = np.repeat(np.arange(len(kept)), size)
    within = np.arange(slot.size) - np.repeat(np.cumsum(size) - size, size)
    return RiskSets(
        order=order,
        time=time,
        entry=entry,
        dead=dead,
        start=layer_start[group_layer],
        end=end,
        entry_order=entry_order,
        entry_end=entry_end,
        deaths=size,
        event_time=event_time,
        stratum=layer,
        group_stratum=group_layer,
        first=first,
        first_entry=first_entry,
        slot=slot,
        part=within / np.repeat(size, size),
        last=last,
    )
