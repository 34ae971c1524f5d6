import math

import pytest

from gluteal.errors import UserError
from gluteal.simulate.worlds import VISITS, WEEKS, WORLDS, find_world

TABLE = {
    "evidence": (math.log(0.75), -0.25, math.log(0.85), -0.9, -0.010, -0.4, 0, -0.60, 0.25),
    "seed": (math.log(0.60), -0.05, math.log(0.60), -2.4, -0.004, -1.5, 0.05, -1.20, 0.75),
    "reverse": (0, -0.45, 0, 0, -0.016, 0, 0, -0.60, 0),
    "null": (0, 0, 0, 0, 0, 0, 0, 0, 0),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_arrows_are_those_of_the_domain_note(name):
    w = WORLDS[name]
    found = (
        w.ln_or_case,
        w.lbp_on_strength_sd,
        w.ln_hr_incident,
        w.strength_to_pain,
        w.pain_to_strength,
        w.strength_to_tilt,
        w.lordosis_to_pain,
        w.programme_on_pain,
        w.share_through_strength,
    )
    assert found == TABLE[name]


@pytest.mark.parametrize("world", WORLDS.values(), ids=str)
def test_both_parts_of_the_programme_make_its_whole(world):
    through = world.gain_to_pain * 0.15
    assert through + world.programme_direct == pytest.approx(world.programme_on_pain)
    assert through == pytest.approx(world.share_through_strength * world.programme_on_pain)


def test_an_unknown_world_names_the_nearest():
    with pytest.raises(UserError, match="Did you mean 'reverse'"):
        find_world("revers")


def test_every_visit_has_its_week():
    assert dict(zip(VISITS, WEEKS, strict=True))["week26"] == 26
