"""What the figure of muscle activity draws: three scales of each muscle, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gluteal.frames.emg_coupling import MUSCLES, SCALES, read_measure
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.frames.emg_rows import Compensation

FEWEST = 10


def make_panels(
    made: Compensation, rows: Sequence[Mapping[str, Any]]
) -> dict[str, Sequence[dict[str, Any]]]:
    """Make the figure's data; none from fewer than ten people.

    Returns
    -------
    dict
        ``scales`` (muscle, scale, headline, estimate, low, high, note), ratios last, and ``axis``
        (one row of words).
    """
    if made.main.people < FEWEST:
        return {}
    shown: list[dict[str, Any]] = []
    for row in rows:
        held = read_measure(row["outcome"])
        if row.get("role") != "secondary" or held is None or held.scale == "onset_ms":
            continue
        ratio = held.scale == "ratio"
        name = str(row["outcome"])
        shown.append(
            {
                "muscle": row["model"] if ratio else MUSCLES[held.muscles[0]],
                "scale": scale_name(name),
                "headline": row["outcome"] == made.outcome,
                "note": "" if row["converged"] else "not estimated",
                **{key: row.get(key) for key in ("estimate", "low", "high")},
            }
        )
    first = rows[0]
    if not any(one["headline"] for one in shown):
        held = read_measure(made.outcome)
        single = held is not None and held.scale != "ratio"
        muscle = MUSCLES[held.muscles[0]] if held and single else str(first["model"])
        head = {
            "muscle": muscle.partition(", ")[0] if not single else muscle,
            "scale": scale_name(made.outcome),
            "headline": True,
            "note": "",
            **{key: first[key] for key in ("estimate", "low", "high")},
        }
        shown.append(head)
    words = {
        "contrast": made.contrast,
        "exposure": variables()[made.exposure].label,
        "level": made.level,
    }
    return {"scales": shown, "axis": [words]}


def scale_name(outcome: str) -> str:
    """Name the scale of an EMG variable as the figure does.

    Examples
    --------
    >>> scale_name("emg_bf_rms_uv"), scale_name("emg_ham_gmax_log_ratio")
    ('raw', 'ratio of %')
    """
    held = read_measure(outcome)
    words: dict[str, str] = {**SCALES, "ratio": "ratio of %"}
    return words[held.scale] if held else ""
