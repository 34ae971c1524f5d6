import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.cohort.body import check_angles, check_mass, others
from gluteal.cohort.grid import Grid
from gluteal.cohort.measured import Measured


@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(-9, 9) | st.just(float("nan"))), min_size=1),
    st.sampled_from([0.0, 0.5, 1.0]),
)
def test_the_median_of_the_others_is_what_a_loop_finds(rows, lean):
    who = np.array([row[0] for row in rows])
    values = np.array([row[1] for row in rows])
    expected = []
    for i, (person, value) in enumerate(rows):
        rest = sorted(
            v for j, (p, v) in enumerate(rows) if j != i and p == person and not np.isnan(v)
        )
        if np.isnan(value) or not rest:
            expected.append(np.nan)
        else:
            low, high = rest[(len(rest) - 1) // 2], rest[len(rest) // 2]
            expected.append((1 - lean) * low + lean * high)
    np.testing.assert_allclose(others(who, values, lean), expected)


def mass(masses, height="1.75", people=("P1",) * 3):
    visits = pa.table({"participant_id": list(people), "body_mass_kg": list(masses)})
    who = pa.table({"participant_id": sorted(set(people))})
    who = who.append_column("height_m", pa.array([height] * who.num_rows))
    grids = {"visits": Grid("visits", "v.csv", visits)}
    grids["participants"] = Grid("participants", "p.csv", who)
    return [(f.row, f.rule, f.severity) for f in check_mass(grids)]


def test_a_steady_mass_is_fine():
    assert mass(["70", "74", "NA:lost"]) == []


@pytest.mark.parametrize("rest", [["70", "71"], ["70", "NA:lost"]])
def test_pounds_at_one_visit_are_named_and_the_right_ones_are_not(rest):
    ((row, rule, severity),) = mass([*rest, "154"])
    assert (row, severity) == (4, "query")
    assert "pounds?" in rule


def test_pounds_with_one_visit_show_in_the_body_mass_index():
    ((_, rule, _),) = mass(["180"], people=("P1",))
    assert "pounds, or a wrong height" in rule
    ((_, rule, _),) = mass(["42"], people=("P1",))
    assert rule == "gives a body-mass index outside 15 to 50 kg/m²"


def test_a_light_visit_among_others():
    ((row, rule, _),) = mass(["70", "71", "31.8"])
    assert row == 4
    assert "under 1/1.6" in rule


@pytest.mark.parametrize(("tilt", "faults"), [("12", 0), ("12.9", 0), ("14", 1), ("-12", 1)])
def test_incidence_is_tilt_plus_slope(tilt, faults):
    tests = ["pelvic_incidence", "pelvic_tilt_radiographic_pt", "sacral_slope"]
    table = pa.table(
        {
            "participant_id": ["P1"] * 3,
            "visit": ["baseline"] * 3,
            "test": tests,
            "side": ["na"] * 3,
            "trial": ["1"] * 3,
            "value": ["50", tilt, "38"],
            "unit": ["deg"] * 3,
        }
    )
    found = check_angles(Measured(Grid("measurements", "m.csv", table)))
    assert [(f.row, f.severity) for f in found] == [(2, "query")] * faults
    without = table.slice(0, 2)
    assert check_angles(Measured(Grid("measurements", "m.csv", without))) == []
