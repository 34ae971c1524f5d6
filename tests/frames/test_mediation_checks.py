from dataclasses import replace

import numpy as np
import pytest

from gluteal.frames.mediation import Chain
from gluteal.frames.mediation_checks import check_chain


def chain(product=0.0, *, yes_no=False, n=400, visits=("baseline",) * 3):
    rng = np.random.default_rng(4)
    x = rng.integers(0, 2, n).astype(float)
    m = 0.5 * x + rng.normal(size=n)
    y = 0.3 * m + product * x * m + rng.normal(size=n)
    return Chain(
        names=("arm", "hip_abd_nm_kg", "nprs_avg"), exposure=x, mediators=m[:, None],
        outcome=(y > 0).astype(float) if yes_no else y, covariates=np.empty((n, 0)), labels=(),
        adjusted=(), person=np.arange(n), levels=("control", "programme"), n_missing=0,
        visits=visits, ordered=False, yes_no=yes_no,
    )  # fmt: skip


def by_name(made, reliability=None):
    return {row["name"]: row for row in check_chain(made, reliability or {}, (0.0, 10.0))}


@pytest.mark.parametrize(("product", "fine"), [(0.0, True), (0.8, False)])
def test_an_interaction_is_seen(product, fine):
    found = by_name(chain(product))
    (row,) = (one for name, one in found.items() if name.startswith("exposure ×"))
    assert row["ok"] is fine


def test_visits_decide_what_may_be_said():
    assert by_name(chain())["measured at one visit"]["ok"] is False
    later = by_name(chain(visits=("baseline", "week08", "week12")))
    assert later["measured at one visit"]["ok"] is True
    assert "mediators measured with the outcome" not in later
    late = by_name(chain(visits=("baseline", "week12", "week12")))
    assert late["mediators measured with the outcome"]["ok"] is False


def test_numbers_and_groups_are_counted():
    found = by_name(chain(), {"hip_abd_nm_kg": 0.4})
    assert found["people"]["value"] == 400
    (row,) = (one for name, one in found.items() if name.startswith("reliability"))
    assert row["ok"] is False
    (row,) = (one for name, one in found.items() if name.startswith("overlap"))
    assert row["value"] > 0.9
    apart = chain()
    apart = replace(apart, mediators=apart.mediators + 20 * apart.exposure[:, None])
    assert next(v for k, v in by_name(apart).items() if k.startswith("overlap"))["value"] == 0


def test_events_are_counted_for_a_yes_no_outcome():
    found = by_name(chain(yes_no=True))
    assert found["events per parameter"]["ok"] is True
    assert found["linear risks out of range"]["ok"] is True
    assert "residual skewness" not in found
    rare = replace(chain(yes_no=True), outcome=np.r_[np.ones(4), np.zeros(396)])
    assert by_name(rare)["events per parameter"]["ok"] is False
