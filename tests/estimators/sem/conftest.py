"""Data that lavaan fitted too, its answers, and how to hold a fit beside them."""

import numpy as np
import pandas as pd
import pytest

from gluteal.estimators.sem.indices import fit_indices
from gluteal.estimators.sem.standardised import standardise

THREE = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
DEMOCRACY = """ind60 =~ x1 + x2 + x3; dem60 =~ y1 + y2 + y3 + y4; dem65 =~ y5 + y6 + y7 + y8
dem60 ~ ind60; dem65 ~ ind60 + dem60
y1 ~~ y5; y2 ~~ y4 + y6; y3 ~~ y7; y4 ~~ y8; y6 ~~ y8"""
SERIAL = """tilt ~ a1*glute + age + female + bmi + prior_lbp
lordosis ~ a2*glute + d21*tilt + age + female + bmi + prior_lbp
pain ~ cp*glute + b1*tilt + b2*lordosis + age + female + bmi + prior_lbp
serial := a1*d21*b2; via_tilt := a1*b1; via_lord := a2*b2
totind := a1*b1 + a2*b2 + a1*d21*b2; total := cp + a1*b1 + a2*b2 + a1*d21*b2"""


@pytest.fixture(scope="session")
def syntax():
    """Models as text."""
    partial = SERIAL.replace("cp*glute", "0*glute").split("totind")[0]
    return {"three": THREE, "democracy": DEMOCRACY, "serial": SERIAL, "partial": partial}


def table(frame):
    return frame.to_numpy(float), tuple(frame.columns)


@pytest.fixture(scope="session")
def wide(parity):
    return table(pd.read_csv(parity / "data" / "wide.csv").drop(columns="id"))


@pytest.fixture(scope="session")
def mulder(parity):
    return table(pd.read_csv(parity / "data" / "riclpm_mulder.csv"))


@pytest.fixture(scope="session")
def first_wave(parity):
    long = pd.read_csv(parity / "data" / "long.csv")
    kept = ["glute", "tilt", "lordosis", "pain", "age", "female", "bmi", "prior_lbp"]
    return table(long.loc[long["wave"] == 0, kept])


@pytest.fixture(scope="session")
def schools(real_data):
    frame = pd.read_csv(real_data / "sem-lavaan" / "HolzingerSwineford1939.csv")
    return table(frame[[f"x{k}" for k in range(1, 10)]])


@pytest.fixture(scope="session")
def schools_with_holes(schools):
    """A tenth of the cells, by the rule of sem.R."""
    data, names = schools
    i, j = np.arange(len(data))[:, None], np.arange(9)
    return np.where((i * i * 31 + j * 17 + i * j * 7) % 10 == 3, np.nan, data), names


@pytest.fixture(scope="session")
def democracy(real_data):
    return table(pd.read_csv(real_data / "sem-lavaan" / "PoliticalDemocracy.csv"))


RENAME = {
    "chisq": lambda f, i: f.test.statistic,
    "df": lambda f, i: f.test.df,
    "npar": lambda f, i: f.free,
    "ntotal": lambda f, i: f.n,
    "pvalue": lambda f, i: f.test.p,
    "logl": lambda f, i: f.log_likelihood,
    "unrestricted.logl": lambda f, i: f.saturated_log_likelihood,
    "aic": lambda f, i: i.aic,
    "bic": lambda f, i: i.bic,
    "cfi": lambda f, i: i.cfi,
    "tli": lambda f, i: i.tli,
    "rmsea": lambda f, i: i.rmsea.value,
    "rmsea.ci.lower": lambda f, i: i.rmsea.low,
    "rmsea.ci.upper": lambda f, i: i.rmsea.high,
    "rmsea.pvalue": lambda f, i: i.rmsea.p_close,
    "srmr": lambda f, i: i.srmr,
    "baseline.chisq": lambda f, i: i.baseline.statistic,
    "baseline.df": lambda f, i: i.baseline.df,
    "chisq.scaled": lambda f, i: f.test.scaled_statistic,
    "pvalue.scaled": lambda f, i: f.test.scaled_p,
    "chisq.scaling.factor": lambda f, i: f.test.scaling,
    "baseline.chisq.scaled": lambda f, i: i.baseline.scaled_statistic,
    "baseline.chisq.scaling.factor": lambda f, i: i.baseline.scaling,
    "cfi.scaled": lambda f, i: i.cfi_scaled,
    "tli.scaled": lambda f, i: i.tli_scaled,
    "rmsea.scaled": lambda f, i: i.rmsea_scaled.value,
    "rmsea.ci.lower.scaled": lambda f, i: i.rmsea_scaled.low,
    "rmsea.ci.upper.scaled": lambda f, i: i.rmsea_scaled.high,
    "rmsea.pvalue.scaled": lambda f, i: i.rmsea_scaled.p_close,
    "cfi.robust": lambda f, i: i.cfi_robust,
    "tli.robust": lambda f, i: i.tli_robust,
    "rmsea.robust": lambda f, i: i.rmsea_robust.value,
    "rmsea.ci.lower.robust": lambda f, i: i.rmsea_robust.low,
    "rmsea.ci.upper.robust": lambda f, i: i.rmsea_robust.high,
}
TRAITS = {"RIg": "trait_1", "RIp": "trait_2", "RIx": "trait_1", "RIy": "trait_2"}


def ours(name):
    if name in TRAITS:
        return TRAITS[name]
    return f"within_{name[1:]}" if name[:1] == "w" and name[-1].isdigit() else name


def apart(fit, want, *, skip=()):
    """Largest relative differences of indices, estimates, errors, and of both standardised."""
    found = fit_indices(fit)
    worst = {}
    for key, value in want["fit"].items():
        if key in skip or key not in RENAME or value is None:
            continue
        got = RENAME[key](fit, found)
        worst[key] = abs(got - value) / max(abs(value), 1e-3)
    std = standardise(fit)
    seen = {"est": [0.0], "se": [0.0], "std": [0.0], "std_se": [0.0]}
    par = want["par"]
    for k in range(len(par["lhs"])):
        left, op, right = ours(par["lhs"][k]), par["op"][k], ours(par["rhs"][k])
        if op == "==":
            continue
        term = left if op == ":=" else f"{left} {op} {right}".strip()
        flipped = f"{right} {op} {left}"
        name = par["label"][k] or (term if term in fit.names else flipped)
        if name in fit.names and par["se"][k] is not None:
            e = fit.estimate(name)
            scale = abs(par["se"][k]) or 1.0
            seen["est"].append(abs(e.estimate - par["est"][k]) / scale)
            seen["se"].append(abs(e.se - par["se"][k]) / scale)
        if term in std.names or flipped in std.names:
            e = std.estimate(term if term in std.names else flipped)
            if par["std"][k] is None or par["std_se"][k] is None:
                continue
            seen["std"].append(abs(e.estimate - par["std"][k]) / max(par["std_se"][k], 1e-3))
            if par["std_se"][k] > 0:
                seen["std_se"].append(abs(e.se - par["std_se"][k]) / par["std_se"][k])
    assert len(seen["est"]) > 3
    return worst | {key: max(values) for key, values in seen.items()}


@pytest.fixture(scope="session")
def differences():
    """How far a fit is from lavaan's: estimates in standard errors, the rest relative."""
    return apart
