import numpy as np
import pytest

from gluteal.frames.panel import Panel, Schedule
from gluteal.frames.score_error import NOTHING, ScoreError
from gluteal.frames.within import Rows, fit_split
from gluteal.frames.within_checks import check_within, draw_split
from gluteal.variables import variable

KNOWN = (variable("hip_abd_nm_kg"), variable("nprs_avg"))
SCHEDULE = Schedule(("a", "b", "c", "d"), (0.0, 4.0, 8.0, 12.0))


def rows_of(n=200, odd=0.0, gap=0.0, floor=False):
    rng = np.random.default_rng(1)
    trait, moves = rng.normal(1.3, 0.3, (n, 1)), rng.normal(0, 0.2, (n, 4))
    outcome = np.round(5 + trait - moves + rng.normal(0, 1, (n, 4)) + rng.normal(0, 1, (n, 1)))
    outcome[0] -= odd * moves[0] / np.abs(moves[0]).max()
    if floor:
        outcome = np.maximum(outcome - 6, 0)
    person, wave = (part.ravel() for part in np.indices((n, 4)))
    panel = Panel(SCHEDULE, np.arange(n), trait + moves, outcome, np.zeros((n, 0)), (), 0)
    rest = (wave[:, None] == [1, 2, 3]).astype(float)
    names = ("visit=b", "visit=c", "visit=d")
    made = Rows(panel, person, wave, outcome.ravel(), (trait + moves).ravel(),
                (trait + moves).ravel(), rest, names, gap, 10)  # fmt: skip
    return made.keep(np.ones(len(person), dtype=bool))


def checks(rows, error=NOTHING):
    return {row["name"]: row for row in check_within(rows, fit_split(rows), error, KNOWN)}


def test_good_rows_pass():
    found = checks(rows_of(), ScoreError(0.0004, 0.0003, 0.0005, 30, 31, "assessors"))
    for name in ("rows used", "rows a person, median", "singular fit", "residual autocorrelation",
                 "influence of one person", "error of the exposure", "reliability within people",
                 "slopes differ between people, p"):  # fmt: skip
        assert found[name]["ok"] is True, name
    assert "feedback" not in found
    assert found["rows used"]["value"] == pytest.approx(800 / 810)


def test_what_the_reader_must_know_is_flagged():
    assert checks(rows_of())["error of the exposure"]["ok"] is False
    assert checks(rows_of(gap=4.0))["feedback"]["ok"] is False
    assert checks(rows_of(floor=True))["share at 0"]["ok"] is False
    assert checks(rows_of(odd=60.0))["influence of one person"]["ok"] is False
    noisy = checks(rows_of(), ScoreError(0.03, 0.02, 0.04, 30, 31, "assessors"))
    assert noisy["reliability within people"]["ok"] is False


def test_influence_is_that_of_leaving_a_person_out():
    rows = rows_of(n=60, odd=10.0)
    main = fit_split(rows)
    moves = [
        main.model.coef[1] - fit_split(rows.keep(rows.person != k)).model.coef[1]
        for k in range(60)
    ]  # fmt: skip
    se = np.sqrt(main.model.cov[1, 1])
    found = checks(rows)["influence of one person"]["value"]
    assert found == pytest.approx(np.abs(moves).max() / se, rel=0.2)


def test_bins_hold_ten_people_or_more_and_lie_on_the_lines():
    rows = rows_of(n=300)
    found = draw_split(rows, fit_split(rows), KNOWN, 0.95)
    assert len(found["between"]) == len(found["within"]) == 10
    assert min(row["people"] for row in found["between"]) >= 10
    for part in ("between", "within"):
        ends = [row for row in found["lines"] if row["part"] == part]
        slope = (ends[1]["y"] - ends[0]["y"]) / (ends[1]["x"] - ends[0]["x"])
        x = np.array([row["x"] for row in found[part]])
        y = np.array([row["y"] for row in found[part]])
        assert np.polyfit(x, y, 1)[0] == pytest.approx(slope, abs=0.25)
    small = rows.keep(rows.person < 25)
    assert draw_split(small, fit_split(small), KNOWN, 0.95) == {}
