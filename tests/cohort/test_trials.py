import numpy as np
import pyarrow as pa
import pytest

from gluteal.cohort.grid import Grid
from gluteal.cohort.measured import Measured
from gluteal.cohort.trials import check_trials

NAMES = ("participant_id", "visit", "muscle", "side", "trial", "value")


def found(rows, test="hip_force", unit="N"):
    columns = dict(zip(NAMES, map(list, zip(*rows, strict=True)), strict=True))
    columns |= {"test": [test] * len(rows), "unit": [unit] * len(rows)}
    faults = check_trials(Measured(Grid("measurements", "m.csv", pa.table(columns))))
    assert all(f.severity == "query" for f in faults)
    return [(f.row, f.value, f.rule) for f in faults]


def pair(left, right, muscle="abd"):
    sides = (("left", left), ("right", right))
    return [
        ("P1", "baseline", muscle, side, str(trial), str(value))
        for side, values in sides
        for trial, value in enumerate(values, start=1)
    ]


def test_plain_trials_are_fine():
    assert found(pair((150, 155, 149), (158, 150, 161))) == []


def test_scatter_past_15_percent():
    ((row, value, rule),) = found(pair((150, 155, 149), (100, 150, 161)))
    assert (row, value) == (5, "P1 baseline abd right: CV 24 %")
    assert "15 %" in rule
    assert found(pair((150,), (160,))) == []


def test_a_copied_side():
    ((row, value, rule),) = found(pair((150, 155, 149), (150, 155, 149)))
    assert (row, value) == (2, "P1 baseline abd")
    assert "copied?" in rule
    assert found(pair((150, 155, 149), (150, 155, 148))) == []
    assert found(pair((150, 150, 150), (150, 150, 150))) == []  # a device that shows tens


def test_stance_at_the_cap_is_no_copy():
    rows = [(*row[:2], "na", *row[3:]) for row in pair((45, 44, 45), (45, 44, 45))]
    assert found(rows, "sls_time", "s") == []


def test_one_side_only():
    ((row, value, rule),) = found(pair((150, 155), ()))
    assert (row, value) == (2, "P1 baseline abd left")
    assert rule.startswith("only one side")


def visits(people, swapped=(), seed=3):
    """Give each person sides that differ by up to a fifth, the same way at each visit."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(people):
        for muscle in ("abd", "ext", "er"):
            lean = rng.normal(0, 0.1)
            for visit in ("baseline", "week04", "week08", "week12"):
                for side, sign in (("left", -0.5), ("right", 0.5)):
                    name = side
                    if (i, visit) in swapped:
                        name = "right" if side == "left" else "left"
                    for trial in (1, 2, 3):
                        value = 150 * np.exp(sign * lean + rng.normal(0, 0.04))
                        rows.append((f"P{i:03d}", visit, muscle, name, str(trial), f"{value:.1f}"))
    return rows


def exchanged(rows):
    return {value for _, value, rule in found(rows) if "exchanged" in rule}


def test_exchanged_sides_are_found_and_few_are_asked_in_vain():
    swapped = {(i, "week08") for i in range(0, 60, 6)}
    named = exchanged(visits(60, swapped))
    dirty = {f"P{i:03d} {visit}" for i, visit in swapped}
    assert len(named & dirty) >= 0.7 * len(dirty)
    assert len(named - dirty) <= 0.01 * 60 * 4
    assert len(exchanged(visits(60))) <= 0.01 * 60 * 4


def test_with_a_few_people_nobody_can_say():
    assert exchanged(visits(1, {(0, "week08")})) == set()


@pytest.mark.parametrize("test", ["sls_time", "emg_rms"])
def test_no_force_no_question(test):
    table = pa.table({name: pa.array([], pa.string()) for name in (*NAMES, "test", "unit")})
    assert check_trials(Measured(Grid("measurements", "m.csv", table))) == []
    unit = {"sls_time": "s", "emg_rms": "µV"}[test]
    muscle = {"sls_time": "na", "emg_rms": "gmax"}[test]
    assert found(pair((20, 29), (11, 44), muscle), test, unit) == []
