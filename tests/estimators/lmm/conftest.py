"""The models of tests/parity/lmm.R, fitted by us on first use and kept."""

import numpy as np
import pandas as pd
import pytest

from gluteal.estimators.lmm import choose_df, fit_components, fit_lmm


def design(frame, *names):
    return np.column_stack([np.ones(len(frame)), *(frame[name] for name in names)])


@pytest.fixture(scope="session")
def data(parity):
    folder = parity / "data"
    long = pd.read_csv(folder / "long.csv")
    more = pd.read_csv(folder / "lmm_weights.csv")
    long["time"], long["w"], long["tenth"] = more["time"], more["w"], long["tilt"] / 10
    long["gm"] = long.groupby("id")["glute"].transform("mean")
    long["gw"] = long["glute"] - long["gm"]
    tables = {name: pd.read_csv(folder / f"lmm_{name}.csv") for name in ("nested", "crossed")}
    return {"long": long, "boundary": pd.read_csv(folder / "lmm_boundary.csv"), **tables}


def grouped(frame, outcome, covariates, effects=(), **how):
    z = design(frame, *effects) if effects else None
    return fit_lmm(design(frame, *covariates), frame[outcome], frame["id"], z, **how)


def build(data, name, **how):
    long, nested, crossed, flat = (data[k] for k in ("long", "nested", "crossed", "boundary"))
    usual = ("glute", "wave", "age", "female")
    if name == "slope":
        return grouped(long, "pain", usual, ["wave"], **how)
    if name == "wb":
        return grouped(long, "pain", ("gw", "gm", "wave", "age", "female"), **how)
    if name == "apart":
        some = ("glute", "wave", "age")
        return grouped(long, "pain", some, ["wave"], correlated=False, **how)
    if name == "three":
        return grouped(long, "pain", ["glute"], ["wave", "tenth"], **how)
    if name == "times":
        return grouped(long, "pain", ("glute", "time", "age"), ["time"], **how)
    if name == "weights":
        some = ("glute", "time", "age")
        return grouped(long, "pain", some, ["time"], weights=long["w"], **how)
    if name == "weights_intercept":
        return grouped(long, "pain", ("glute", "wave"), weights=long["w"], **how)
    if name == "boundary":
        return grouped(flat, "y", ["t"], ["t"], **how)
    if name == "none":
        return grouped(flat, "none", ["t"], **how)
    if name == "nested":
        x = design(nested, "x", "z")
        return fit_components(x, nested["y"], [nested["id"], nested["side"]], nested=True, **how)
    x, factors = design(crossed, "x", "z"), [crossed["id"], crossed["rater"]]
    if name == "crossed_weights":
        how["weights"] = crossed["w"]
    return fit_components(x, crossed["y"], factors, **how)


@pytest.fixture(scope="session")
def fits(data):
    kept = {}

    def fit(name):
        if name not in kept:
            plain, ml = name.removesuffix("_ml"), name.endswith("_ml")
            kept[name] = build(data, plain, reml=not ml)
        return kept[name]

    return fit


@pytest.fixture(scope="session")
def kr(fits):
    return lambda name: choose_df(fits(name), "kenward_roger")


@pytest.fixture(scope="session")
def said(answers):
    return answers("lmm")


@pytest.fixture(scope="session")
def sleep(real_data):
    frame = pd.read_csv(real_data / "lmm-sleepstudy" / "sleepstudy.csv")
    frame["even"] = frame["Subject"] % 2
    frame["slower"] = frame["Days"] * frame["even"]
    return frame


@pytest.fixture(scope="session")
def simulate():
    """Make people with visits, a random intercept and slope, some visits missing."""

    def make(seed, people=40, visits=4, slope=0.3, miss=0.2, times="shared"):
        rng = np.random.default_rng(seed)
        who = np.repeat(np.arange(people), visits)
        t = np.tile(np.arange(float(visits)), people)
        if times == "own":
            t = t + rng.normal(0, 0.2, len(t))
        u = rng.normal(size=(people, 2)) * [1.0, slope]
        group = (who % 2).astype(float)
        noise = rng.normal(size=len(t))
        y = 1 + 0.5 * t - 0.4 * group + u[who, 0] + u[who, 1] * t + noise
        keep = rng.uniform(size=len(t)) >= miss
        keep[:2] = keep[visits : visits + 3] = True
        x = np.column_stack([np.ones(len(t)), t, group])[keep]
        return x, y[keep], who[keep], x[:, :2]

    return make
