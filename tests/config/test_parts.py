"""What may stand in a claim, a simulated cohort, a deviation."""

import pytest
from pydantic import ValidationError

from gluteal.config.parts import Claim, Deviation, Simulated
from gluteal.config.plan import simulate_arguments
from gluteal.config.study import parse_study
from gluteal.errors import UserError


def test_an_unknown_world_or_design_is_told_with_its_likeness():
    with pytest.raises(ValidationError, match="Did you mean 'reverse'"):
        Simulated(world="revers")
    with pytest.raises(ValidationError, match="Did you mean 'cohort'"):
        Simulated(design="cohorte")
    with pytest.raises(ValidationError):
        Simulated(n=0)


def test_a_simulated_cohort_becomes_arguments_of_the_command():
    raw = {
        "title": "T",
        "design": "cohort",
        "cohort": "c",
        "simulated": {"world": "seed", "design": "cohort", "n": 50, "seed": 3},
        "analyses": {"audit": {"method": "data_audit"}},
    }
    words = "--world seed --design cohort --n 50 --seed 3"
    assert simulate_arguments(parse_study(raw)) == words
    with pytest.raises(UserError, match="keep one of them"):
        parse_study({**raw, "mapping": "mapping.yaml"})
    assert simulate_arguments(parse_study({k: v for k, v in raw.items() if k != "simulated"})) == ""


def test_a_smallest_effect_is_above_zero_and_a_deviation_has_a_day():
    with pytest.raises(ValidationError):
        Claim(sentence="S.", smallest_effect=0)
    with pytest.raises(ValidationError):
        Deviation(what="a", date="24.11.2026", reason="r")
    assert Deviation(what="a", date="2026-11-24", reason="r").reason == "r"
    from datetime import date

    assert Deviation(what="a", date=date(2026, 11, 24), reason="r").date == "2026-11-24"
