import pytest

from gluteal.analyses.side_asymmetry import Spec
from gluteal.frames.asymmetry_checks import check_asymmetry, lay_panels, tabulate_sides
from gluteal.frames.asymmetry_rows import SideRows
from gluteal.frames.legs import stated_error

SPEC = Spec(outcome="pain_side", exposure="hip_abd_asym_log", adjust=(), cutoff_pct=15,
            cutoff_source="a study")  # fmt: skip


@pytest.fixture
def frame(two_legs):
    return two_legs.frame(["hip_abd_asym_log", "pain_side"], "person")


def test_noise_is_told_apart(frame):
    made = SideRows(SPEC, frame, "pain_side")
    rows = {r["name"]: r for r in check_asymmetry(SPEC, frame, (made, None), stated_error(8, "x"))}
    assert rows["Pairs of legs"]["ok"] == (rows["Pairs of legs"]["value"] >= 50)
    assert "bilateral" in rows["Without a painful side"]["value"]
    assert "error alone puts" in rows["Cut-off of asymmetry"]["meaning"]
    assert rows["Cut-off of asymmetry"]["ok"] is False
    unknown = {r["name"]: r for r in check_asymmetry(SPEC, frame, (made,), None)}
    assert unknown["Error of the asymmetry"]["ok"] is False


def test_small_groups_are_hidden(frame):
    rows = tabulate_sides(SPEC, frame)
    assert [row["Painful side"] for row in rows] == [
        "none",
        "left",
        "right",
        "bilateral",
        "central",
    ]
    frame.loc[frame["pain_side"] == "bilateral", "pain_side"] = "central"
    frame.loc[frame.index[frame["pain_side"] == "central"][:2], "pain_side"] = "bilateral"
    hidden = tabulate_sides(SPEC, frame)
    assert hidden[3]["People"] == "<5"
    assert hidden[3]["100 ln(right/left), mean"] == "-"
    assert "hidden" in {row["People"] for row in hidden}


def test_panels_hold_ten_people_or_more(two_legs, frame):
    row = SideRows(SPEC, frame, "pain_side").odds()
    panels = lay_panels(two_legs, SPEC, frame, [row], None)
    assert min(group["n"] for group in panels["levels"]) >= 10
    assert panels["mdc"] == []
    assert panels["words"][0]["ratio"] is True
    assert len(panels["density"]) > 100
