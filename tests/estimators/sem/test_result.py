import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.sem import fit_sem


def test_parameters_are_asked_for_by_name():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(200, 2))
    fit = fit_sem("a ~ slope*b; half := slope/2", x, ("a", "b"))
    whole, half = fit.estimate("slope", 0.9), fit.estimate("half", 0.9)
    assert half.estimate == pytest.approx(whole.estimate / 2)
    assert half.se == pytest.approx(whole.se / 2)
    assert half.p == pytest.approx(whole.p)
    assert whole.level == 0.9
    with pytest.raises(UserError, match="no parameter 'other'"):
        fit.estimate("other")


def test_contrasts_go_through_the_model():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(300, 2))
    y = x @ [1.0, 0.5] + rng.normal(size=300)
    fit = fit_sem("y ~ p*u + q*v; gap := p - q", np.column_stack([x, y]), ("u", "v", "y"))
    weights = np.zeros(len(fit.names))
    weights[[fit.names.index("p"), fit.names.index("q")]] = 1, -1
    assert fit.model.contrast(weights).se == pytest.approx(fit.estimate("gap").se)
