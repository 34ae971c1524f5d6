import csv
import re
from importlib.resources import files

import pytest

from gluteal.constants import constant, constants
from gluteal.instruments import INSTRUMENTS

TABLE = list(csv.DictReader((files("gluteal") / "constants.csv").read_text("utf-8").splitlines()))
MARKED = {mark: [c for c in constants().values() if c.mark == mark] for mark in "VSMD"}


def test_every_row_has_a_name_of_its_own_in_snake_case():
    names = [row["name"] for row in TABLE]
    assert len(names) == len(set(names)) == len(constants())
    assert not [name for name in names if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+", name)]


def test_marks_are_known_and_all_in_use():
    assert {row["mark"] for row in TABLE} == set("VSMD")


def test_nothing_from_memory_counts_as_verified():
    assert len(MARKED["M"]) > 30
    for found in MARKED["M"]:
        assert not found.verified
        assert "unverified" in found.cite()
        assert found.checked_by == ""
        assert found.checked_on == ""


def test_a_decision_is_never_printed_as_a_finding():
    for found in MARKED["D"]:
        assert not found.verified
        assert "project decision" in found.cite()


def test_what_is_verified_names_its_source():
    assert len(MARKED["V"]) > 100
    for found in MARKED["V"] + MARKED["S"]:
        assert found.verified
        assert found.source
        assert found.checked_by
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", found.checked_on)
        assert "unverified" not in found.cite()
    for found in MARKED["V"]:
        assert found.url or found.checked_by == "definition"


def test_intervals_hold_their_value():
    for found in constants().values():
        assert (found.low is None) == (found.high is None), found.name
        if found.low is not None and found.high is not None:
            assert found.low <= found.value <= found.high, found.name


def test_ranges_come_in_ordered_pairs():
    known = constants()
    for name in known:
        if name.endswith("_low"):
            assert known[name].value < known[f"{name[:-4]}_high"].value


def test_every_row_says_what_it_means():
    for row in TABLE:
        assert row["meaning"]
        assert None not in row  # a comma without quotes would shift the columns


@pytest.mark.parametrize(
    ("name", "value", "mark"),
    [
        ("mic_nprs", 2, "V"),
        ("mic_pct", 30, "V"),
        ("mic_odi", 10, "V"),
        ("mdc_odi90", 10, "V"),
        ("mdc95_hip_abd", 0.20, "D"),
        ("smd_hip_abductors_desousa2019", 0.70, "V"),
        ("or_lordosis_sadler2017", 0.73, "V"),
        ("fp_six_trials", 0.43, "S"),
        ("promis_pi4a_t_20", 75.6, "M"),
        ("course_persistent_wk6_costa2012", 33, "V"),
    ],
)
def test_numbers_of_the_domain_reference(name, value, mark):
    assert (constant(name).value, constant(name).mark) == (value, mark)


def test_constants_that_the_instruments_name_exist():
    for module in INSTRUMENTS.values():
        for name in re.findall(r"``((?:mic|mdc|cut|sem|met|mean)_\w+\*?)``", module.__doc__ or ""):
            stem = name.rstrip("*")
            assert [known for known in constants() if known.startswith(stem)], name


def test_working_mdc_follows_from_its_sem():
    # MDC95 = 1.96 x sqrt(2) x SEM, to the two digits of the reference
    for muscle, ratio in (("abd", 2.77), ("ext", 2.77), ("er", 2.77)):
        sem = constant(f"sem_hip_{muscle}_between_day").value
        assert constant(f"mdc95_hip_{muscle}").value == pytest.approx(ratio * sem, abs=0.0065)


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(KeyError, match="mic_nprs"):
        constant("mic_nrps")
