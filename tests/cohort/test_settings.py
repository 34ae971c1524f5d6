import pytest

from gluteal.cohort.settings import settle
from gluteal.errors import UserError


def test_defaults():
    found = settle(None)
    assert found.strength_summary == "mean"
    assert found.mass_within_weeks == 8


def test_all_faults_at_once_with_the_nearest_name():
    with pytest.raises(UserError) as caught:
        settle({"strength_sumary": "max", "sls_cap_s": -1})
    text = str(caught.value)
    assert "Did you mean 'strength_summary'" in text
    assert "sls_cap_s" in text
