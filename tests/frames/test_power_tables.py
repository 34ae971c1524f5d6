from gluteal.analyses.design_power import Spec
from gluteal.frames.power_plan import plan_study
from gluteal.frames.power_tables import draw_panels, lay_out_settings, write_sentences

HOW = {
    "n": 240, "sd": 1.8, "share": 0.5, "explained": 0.0, "correlation": 0.6, "risk": 0.2,
    "visits": 4, "sd_within": 1.0, "reliability": 1.0, "dropout": 0.1,
}  # fmt: skip


def test_every_assumption_is_listed():
    rows = lay_out_settings("arm_difference", HOW, (0.5, 1.0), "a trial")
    cells = {row["Setting"]: row["Value"] for row in rows}
    assert cells["People enrolled"] == "240"
    assert cells["Smallest effect of interest"] == "0.5 (a trial)"
    assert cells["Other effects"] == "1"


def test_panels_carry_size_and_targets():
    panels = draw_panels([{"n": 10, "effect": "x"}], 240, (0.8,), "points")
    assert panels["planned"] == [{"n": 240, "unit": "points"}]
    assert panels["targets"] == [{"power": 0.8}]


def test_what_was_read_is_said():
    how = {key: value for key, value in HOW.items() if key != "n"}
    plan = plan_study("arm_difference", 0.95, **how)
    spec = Spec(study="arm_difference", effects=(0.5,), effect_source="x", from_cohort=True,
                measure="nprs_avg")  # fmt: skip
    text = " ".join(write_sentences("difference", plan, HOW, spec))
    assert "no comparison of groups was looked at" in text
    assert "doi:10.1002/sim.8086" in text
    plain = Spec(study="arm_difference", n=240, effects=(0.5,), effect_source="x")
    assert "looked at" not in " ".join(write_sentences("difference", plan, HOW, plain))
