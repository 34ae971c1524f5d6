from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gluteal.analyses import evidence_context as method
from gluteal.cohort.derive import derive
from gluteal.cohort.package import read_package
from gluteal.errors import UserError
from gluteal.estimates import tabulate
from gluteal.simulate import simulate

THREE = (
    "md_hip_abd_right_pizol2023",
    "mean_hip_abd_right_penney2014_lbp",
    "mean_hip_abd_sutherlin2015_lbp",
)
TOPICS = ("strength", "lordosis", "tilt", "programme", "course", "incidence")


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evidence")
    simulate(folder, n=1500, seed=4, world="evidence", design="full", form="parquet")
    return derive(read_package(folder))


def numbers(row, keys):
    return [row[key] for key in keys]


def test_every_number_equals_r(small, answers):
    r = answers("evidence_context")
    fit = method.fit(small, method.Spec(topic="strength"))
    rows = {row["model"]: row for row in fit.estimates}
    keys = ("estimate", "se")
    assert numbers(rows["this cohort"], keys) == pytest.approx(r["ours"], rel=1e-9)
    for label, name in (("Pizol 2023", "pizol"), ("Penney 2014", "penney"),
                        ("Sutherlin and Hart 2015", "sutherlin")):  # fmt: skip
        assert numbers(rows[label], keys) == pytest.approx(r[name], rel=1e-9, abs=1e-12)
    two = r["two"]
    pooled = rows["published: 2 results, pooled"]
    assert numbers(pooled, keys) == pytest.approx(two["pooled"], rel=1e-6)
    first = fit.estimates[0]
    assert {k: first[k] for k in two["gap"]} == pytest.approx(two["gap"], rel=1e-6)


def test_three_results_and_the_prediction_interval_equal_r(small, answers):
    r = answers("evidence_context")["three"]
    fit = method.fit(small, method.Spec(topic="strength", published=THREE))
    rows = {row["model"]: row for row in fit.estimates}
    pooled = rows["published: 3 results, pooled"]
    assert numbers(pooled, ("estimate", "se")) == pytest.approx(r["pooled"], rel=1e-6)
    assert numbers(pooled, ("low", "high")) == pytest.approx([r["low"], r["high"]], rel=1e-6)
    drawn = next(row for row in fit.panels["forest"] if row["kind"] == "prediction")
    assert numbers(drawn, ("low", "high")) == pytest.approx(r["prediction"], rel=1e-6)
    assert {k: fit.estimates[0][k] for k in r["gap"]} == pytest.approx(r["gap"], rel=1e-6)
    i2 = next(d["value"] for d in fit.diagnostics if d["name"] == "I²")
    assert i2 == pytest.approx(r["i2"], rel=1e-5)


@pytest.mark.parametrize("topic", TOPICS)
def test_the_headline_alone_is_the_first_estimate(simulated, topic):
    spec = method.Spec(topic=topic)
    fit = method.fit(simulated, spec)
    assert method.headline(simulated, spec) == fit.estimates[0]
    table = tabulate(fit, "x", spec, "d", "c")
    assert table["converged"].all()
    assert table.loc[0, "role"] == "exploratory"
    assert any("doi:" in text for text in fit.sentences)
    said = " ".join([*fit.sentences, *(row["estimand"] for row in fit.estimates)])
    assert "effect" not in said.replace("random effects", "")
    assert "causes" not in said


def test_the_simulated_world_lies_where_it_was_put(simulated):
    def ours(topic):
        return method.fit(simulated, method.Spec(topic=topic)).estimates[1]

    found = ours("strength")
    assert found["low"] < -0.55 < found["high"]  # crude difference of the evidence world
    assert ours("programme")["low"] < -0.54 < ours("programme")["high"]
    assert ours("incidence")["low"] < 0.146 < ours("incidence")["high"]


def test_our_sign_turned_round_turns_the_difference(simulated):
    spec = method.Spec(topic="lordosis")
    people = simulated.people.assign(lbp=~simulated.people["lbp"])
    one = method.fit(simulated, spec).estimates
    other = method.fit(replace(simulated, people=people), spec).estimates
    assert other[1]["estimate"] == pytest.approx(-one[1]["estimate"])
    assert other[2]["estimate"] == one[2]["estimate"]  # what is published stays


@settings(max_examples=10, deadline=None)
@given(st.floats(0.1, 9), st.floats(-5, 5), st.integers(0, 99))
def test_unit_shift_and_row_order_do_not_matter(simulated, scale, shift, seed):
    spec = method.Spec(topic="strength")
    order = np.random.default_rng(seed).permutation(len(simulated.visits))
    visits = simulated.visits.iloc[order].reset_index(drop=True)
    visits["hip_abd_nm_kg"] = shift + scale * visits["hip_abd_nm_kg"]
    found = method.headline(replace(simulated, visits=visits), spec)
    assert found["estimate"] == pytest.approx(method.headline(simulated, spec)["estimate"])


def test_extensors_are_set_beside_extensors(simulated):
    fit = method.fit(simulated, method.Spec(topic="strength", outcome="hip_ext_nm_kg"))
    labels = [row["label"] for row in fit.panels["forest"]]
    assert "de Sousa 2019, review of 2 studies" in labels
    odd = [row for row in fit.tables["published"] if "misprint" in row["Note"]]
    assert [row["Result"] for row in odd] == ["Pizol 2023"]


def test_overlap_of_named_results_is_said(simulated):
    named = ("smd_hip_abductors_desousa2019", *THREE)
    for published, ok in ((THREE, True), (named, False)):
        fit = method.fit(simulated, method.Spec(topic="strength", published=published))
        found = next(d for d in fit.diagnostics if d["name"] == "overlap")
        assert found["ok"] is ok


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"topic": "tilt", "outcome": "pelvic_tilt_radiographic_pt_deg"}, "opposite sign"),
        ({"topic": "strength", "outcome": "nprs_avg"}, "cannot stand beside"),
        ({"topic": "strength", "published": ("smd_hip_abductor",)}, "no constant"),
        ({"topic": "strength", "published": ("smd_tilt_laird2014",)}, "says nothing about"),
        ({"topic": "strength", "published": ("mean_hip_abd_kpa_arab2010_lbp",)}, "no interval"),
        ({"topic": "course", "published": ("smd_tilt_laird2014",)}, "leave auto"),
    ],
)
def test_settings_that_are_refused(more, words):
    with pytest.raises(ValidationError, match=words):
        method.Spec(**more)


def test_degenerate_cohorts(small):
    assert method.fit(small, method.Spec(topic="tilt")).needs == ["pelvic_tilt_asis_psis_deg"]
    assert method.fit(small, method.Spec(topic="programme")).needs == ["arm"]
    people = small.people.assign(lbp=True)
    with pytest.raises(UserError):
        method.fit(replace(small, people=people), method.Spec(topic="strength"))
    assert method.needs(method.Spec(topic="programme")) == ("nprs_avg", "arm")
