import numpy as np

from gluteal.estimators.impute import Column, Passive
from gluteal.estimators.impute.columns import fill_passive
from gluteal.estimators.impute.draws import Memory, draw_values, write_values
from gluteal.estimators.impute.start import as_people, prepare, start_state
from gluteal.estimators.impute.targets import make_target


def test_design_and_values_agree_after_writing():
    """Own column, function of it and person means of both: all as if built anew."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=(24, 3))
    values[rng.random(24) < 0.4, 0] = np.nan
    columns = [Column("a", method="norm"), Column("b"), Column("ab")]
    passive = [Passive(2, (0, 1), np.multiply)]
    roots, _ = fill_passive(values, columns, passive)
    people = as_people(np.repeat(np.arange(8), 3), 24)
    start = prepare(values, columns, passive, roots, people)
    streams = [np.random.default_rng(i) for i in range(3)]
    state = start_state(start, columns, passive, streams)
    allowed = np.array([False, True, False])
    target, _, _ = make_target(start.cells[0], allowed, state, passive, roots, columns)
    z = rng.normal(size=(3, target.draws))
    found, lacking = draw_values(state, target, z, np.full((3, 2), 9.0), z[:, :0], Memory())
    write_values(state, target, found, lacking, columns, {})
    rows = start.cells[0].rows
    np.testing.assert_allclose(state.raw[0][:, rows], found)
    np.testing.assert_allclose(state.raw[2], state.raw[0] * values[:, 1])
    for j, coding in enumerate(start.layout.codings):
        now = state.raw[j] if j in state.raw else np.repeat(values[None, :, j], 3, axis=0)
        np.testing.assert_allclose(state.x[:, :, coding.at], coding.encode(now), atol=1e-12)
        mean = state.x[:, :, coding.at].reshape(3, 8, 3, 1).mean(2)
        np.testing.assert_allclose(state.x[:, ::3, coding.means_at], mean, atol=1e-12)
    np.testing.assert_allclose(state.gram, state.x.swapaxes(1, 2) @ state.x, atol=1e-10)


def test_normal_draws_scatter_by_the_residual_spread():
    rng = np.random.default_rng(2)
    values = rng.normal(size=(4000, 2))
    values[:, 0] = 3 + 2 * values[:, 1] + 0.7 * values[:, 0]
    truth = values[:2000, 1].copy()
    values[:2000, 0] = np.nan
    columns = [Column(method="norm"), Column()]
    start = prepare(values, columns, [], {}, as_people(None, 4000))
    state = start_state(start, columns, [], [rng])
    target, _, _ = make_target(start.cells[0], np.array([False, True]), state, [], {}, columns)
    z = rng.normal(size=(1, target.draws))
    found, _ = draw_values(state, target, z, np.full((1, 2), 1998.0), z[:, :0], Memory())
    residual = found[0] - 3 - 2 * truth
    assert abs(residual.mean()) < 0.08
    np.testing.assert_allclose(residual.std(), 0.7, rtol=0.06)
