from __future__ import annotations

from gluteal.figures import flow

ROWS = [
    {"stage": "screened", "n_people": "400", "n_excluded": "", "reason": ""},
    {"stage": "eligible", "n_people": "380", "n_excluded": "17", "reason": "red flag"},
    {"stage": "eligible", "n_people": "380", "n_excluded": "3", "reason": "refused"},
    {"stage": "analysed", "n_people": "380", "n_excluded": "0", "reason": ""},
]


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_reasons_of_a_stage_are_gathered():
    stages = flow.read_stages(ROWS)
    assert [(s.name, s.people) for s in stages] == [
        ("screened", 400.0), ("eligible", 380.0), ("analysed", 380.0),
    ]  # fmt: skip
    assert stages[1].left == [("red flag", 17.0), ("refused", 3.0)]
    assert stages[2].left == []


def test_the_boxes_hold_every_count_and_hide_small_ones():
    words = texts(flow.draw({"flow": ROWS}))
    assert {"Screened: n = 400", "Eligible: n = 380", "Analysed: n = 380"} <= set(words)
    assert "   red flag: 17" in words
    assert "   refused: <5" in words
    assert not any("refused: 3" in word for word in words)


VISITS = [
    {"stage": "included", "n_people": 400, "n_excluded": 0, "reason": ""},
    {"stage": "allocated", "n_people": 240, "n_excluded": 160, "reason": "pain-free"},
    {"stage": "visit baseline", "n_people": 400, "n_excluded": 0, "reason": ""},
    *({"stage": "visit week04", "n_people": 350, "n_excluded": n, "reason": f"reason_{n}"}
      for n in (2, 6, 10, 14, 18)),
    {"stage": "with data", "n_people": 400, "n_excluded": 0, "reason": ""},
]  # fmt: skip


def test_counts_never_grow_down_the_chain():
    chain = flow.read_stages(VISITS)
    assert [s.name for s in chain] == ["included", "with data", "visit baseline", "visit of week 4"]
    counts = [stage.people for stage in chain]
    assert counts == sorted(counts, reverse=True)


def test_a_part_of_the_people_stands_beside():
    words = texts(flow.draw({"flow": VISITS}))
    assert "Of these allocated: n = 240" in words
    assert "   pain-free: 160" in words


def test_many_reasons_run_on_the_most_frequent_first():
    words = texts(flow.draw({"flow": VISITS}))
    assert "Not present: n = 50 of 400" in words
    said = " ".join(" ".join(words).split())
    assert "reason 18: 18; reason 14: 14; reason 10: 10; reason 6: 6; reason 2: <5" in said


def test_boxes_do_not_overlap():
    boxes = [patch.get_bbox() for patch in flow.draw({"flow": ROWS}).axes[0].patches]
    boxes = [box for box in boxes if box.width > 10]
    assert len(boxes) == 4
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            apart = one.x1 < other.x0 or other.x1 < one.x0 or one.y1 < other.y0 or other.y1 < one.y0
            assert apart


def test_the_description_reads_the_stages_out():
    words = flow.describe({"flow": ROWS})
    assert words.startswith("Flow of participants: screened 400; eligible 380 (left out for red")
    assert "refused <5" in words


def test_the_study_says_which_counts_are_too_small():
    rows = [{"stage": "screened", "n_people": 8, "n_excluded": 0, "reason": ""}]
    assert "screened 8" in flow.describe({"flow": rows})
    assert "screened <10" in flow.describe({"flow": rows}, None, {"min_cell": 10})
