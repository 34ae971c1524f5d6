import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.simulate.streams import BLOCK, DESIGNS, Settings, blocks, settle
from gluteal.simulate.worlds import WORLDS


@given(n=st.integers(1, 40_000), design=st.sampled_from(sorted(DESIGNS)))
def test_blocks_cover_the_cohort_once_with_the_exact_share_of_cases(n, design):
    found = list(blocks(Settings(n, 1, WORLDS["null"], design)))
    assert sum(b.size for b in found) == n
    assert [b.start for b in found] == [i * BLOCK for i in range(len(found))]
    share = {"full": 0.6, "case_control": 0.6, "cohort": 0, "repeated": 1, "programme": 1}[design]
    assert sum(b.cases for b in found) == round(share * n)
    assert all(0 <= b.cases <= b.size for b in found)


def test_streams_differ_by_topic_block_and_seed_and_repeat():
    first, second = list(blocks(settle(2 * BLOCK, 4)))
    other = next(blocks(settle(2 * BLOCK, 5)))
    draws = [first.rng("a"), first.rng("b"), second.rng("a"), other.rng("a"), first.rng("a")]
    values = [float(rng.random()) for rng in draws]
    assert len(set(values[:4])) == 4
    assert values[4] == values[0]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"n": 0, "seed": 1}, "at least one participant"),
        ({"n": 9, "seed": -1}, "zero or larger"),
        ({"n": 9, "seed": 1, "world": "evidenc"}, "Did you mean 'evidence'"),
        ({"n": 9, "seed": 1, "design": "cohorts"}, "Did you mean 'cohort'"),
    ],
)
def test_impossible_settings_are_refused(settings, says):
    with pytest.raises(UserError, match=says):
        settle(**settings)
