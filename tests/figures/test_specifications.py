import pandas as pd

from gluteal.figures import specifications

OPTIONS = [("form", "Form", ("linear", "log")), ("people", "People", ("everybody", "without pain"))]


def panels(n=6):
    rows = [
        {"rank": k, "estimate": 0.1 * k - 0.3, "low": 0.1 * k - 0.5, "high": 0.1 * k - 0.1,
         "primary": k == 2, "form": k % 2, "people": k // 3}
        for k in range(n)
    ]  # fmt: skip
    choices = [
        {"axis": axis, "title": title, "index": k, "option": option}
        for axis, title, options in OPTIONS
        for k, option in enumerate(options)
    ]
    summary = {"specifications": n, "median": -0.05, "same_sign": 0.5, "clear": 1 / 3,
               "joint_p": 0.0004, "level": 0.95}  # fmt: skip
    return {"specifications": rows, "choices": choices, "summary": [summary]}


ESTIMATES = pd.DataFrame(
    [
        {"estimate": -0.1, "low": -0.3, "high": 0.1, "contrast": "per SD more", "unit": "SD",
         "scale": "difference", "estimand": "difference in SDs of the outcome",
         "model": "primary", "outcome": "nprs_avg", "term": "x"},
    ]
)  # fmt: skip


def test_the_estimates_are_drawn_in_order_with_their_choices():
    made = specifications.draw(panels(), ESTIMATES, {})
    curve, below = made.axes
    offsets = curve.collections[1].get_offsets()
    assert [round(float(y), 6) for _, y in offsets] == [-0.3, -0.2, -0.1, 0.0, 0.1, 0.2]
    words = [label.get_text() for label in below.get_yticklabels()]
    assert words == ["Form", "Linear", "Log", "People", "Everybody", "Without pain"]
    ticks = sum(len(c.get_segments()) for c in below.collections)
    assert ticks == 6 * 2 + 2  # each specification on both axes, the primary one again
    assert "per SD more" in curve.get_ylabel()


def test_text_is_never_too_small_and_stays_inside():
    made = specifications.draw(panels(), ESTIMATES, {})
    made.draw_without_rendering()
    sizes = [t.get_fontsize() for axis in made.axes for t in axis.get_yticklabels()]
    assert min(sizes) >= 7
    assert made.get_tightbbox().x0 > -0.05
    legend = made.axes[0].get_legend().get_window_extent()
    assert legend.x1 <= made.bbox.x1 + 1


def test_it_is_described_in_words():
    text = specifications.describe(panels(), ESTIMATES, {})
    assert "6 specifications" in text and "50 % have the sign" in text
    assert "p < 0.001" in text and "−0.10 [−0.30 to 0.10]" in text


def test_a_single_specification_is_a_forest():
    few = panels(2)
    assert specifications.draw(few, ESTIMATES, {}).axes
    assert "Forest" in specifications.describe(few, ESTIMATES, {})
