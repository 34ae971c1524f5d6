import numpy as np

from gluteal.frames.mediation import Chain
from gluteal.frames.mediation_effects import Drawing
from gluteal.frames.mediation_panels import make_panels
from gluteal.frames.mediation_rows import Mediated


def mediated(n):
    rng = np.random.default_rng(7)
    x = rng.integers(0, 2, n).astype(float)
    m = x + rng.normal(size=n)
    chain = Chain(
        names=("arm", "hip_abd_nm_kg@week08", "nprs_avg@week12"), exposure=x,
        mediators=m[:, None], outcome=m + rng.normal(size=n), covariates=np.empty((n, 0)),
        labels=(), adjusted=(), person=np.arange(n), levels=("control", "programme"), n_missing=0,
        visits=("baseline", "week08", "week12"), ordered=True, yes_no=False,
    )  # fmt: skip
    return Mediated(
        chain, how=Drawing(200, 1, "percentile", 0.95), form="single", through="all", per=None,
        interaction=False, randomised=True, sem_of=lambda _name: 0.0,
    )  # fmt: skip


def test_the_diagram_holds_what_was_estimated():
    made = mediated(80)
    panels = make_panels(made, made.rhos())
    assert [row["visit"] for row in panels["nodes"]] == ["baseline", "week08", "week12"]
    ends = {(row["start"], row["end"]): row["estimate"] for row in panels["arrows"]}
    direct = ends["arm", "nprs_avg@week12"]
    assert direct == made.effects.by_name["direct"].estimate
    assert [row["part"] for row in panels["effects"]] == ["indirect", "direct", "total"]
    assert panels["scale"][0]["word"] == "effect"
    assert len(panels["rho"]) == 37


def test_nothing_is_shown_of_fewer_than_ten():
    assert make_panels(mediated(9), {}) == {}
