import pytest

from gluteal.errors import UserError
from gluteal.instruments import INSTRUMENTS
from gluteal.instruments.settings import settle


def test_defaults_of_all_instruments():
    settled = settle(INSTRUMENTS, None)
    assert set(settled) == set(INSTRUMENTS)
    assert settled["odi"] == {"max_missing": 1, "recode": None}
    assert settled["rmdq24"] == {"rule": "proportional", "max_missing": 2, "recode": None}


def test_given_settings_win():
    settled = settle(INSTRUMENTS, {"odi": {"max_missing": 2}, "vas": None})
    assert settled["odi"]["max_missing"] == 2
    assert settled["vas"]["unit"] == "mm"


def test_every_fault_is_named_at_once():
    with pytest.raises(UserError) as caught:
        settle(
            INSTRUMENTS,
            {
                "oddi": {},
                "odi": {"max_mising": 1},
                "rmdq24": {"rule": "guess"},
                "phq9": {"recode": {"a": "b"}},
                "vas": "cm",
                "tsk17": {"reversed": 1},
            },
        )
    found = {fault.column: fault for fault in caught.value.faults}
    assert set(found) == {
        "oddi",
        "odi.max_mising",
        "rmdq24.rule",
        "phq9.recode",
        "vas",
        "tsk17.reversed",
    }
    assert "max_missing" in found["odi.max_mising"].remedy
    assert "'odi'" in found["oddi"].remedy


@pytest.mark.parametrize("bad", [True, "1", 10, -1, 1.5])
def test_a_limit_is_a_whole_number_of_items(bad):
    with pytest.raises(UserError, match=r"odi\.max_missing"):
        settle(INSTRUMENTS, {"odi": {"max_missing": bad}})


def test_defaults_are_among_the_options():
    for module in INSTRUMENTS.values():
        for key, choices in module.OPTIONS.items():
            assert module.SETTINGS[key] in choices
