import pytest

from gluteal.instruments import INSTRUMENTS, score_responses
from gluteal.simulate.responses import ITEMS, make_responses
from gluteal.simulate.streams import settle


@pytest.fixture(scope="module")
def rows():
    return next(make_responses(settle(400, 8))).to_pandas()


def test_items_are_those_of_the_instruments():
    for name, items in ITEMS.items():
        assert set(items) == set(INSTRUMENTS[name].ITEMS)


def test_each_instrument_is_asked_when_planned(rows):
    visits = rows.groupby("instrument", observed=True)["visit"].agg(lambda v: set(v.unique()))
    always = {"baseline", "week04", "week08", "week12", "week26"}
    for name in ("nprs", "odi", "rmdq24", "aggravation", "vas"):
        assert visits[name] == always
    for name in ("phq9", "tsk11", "fabq", "ipaq_sf"):
        assert visits[name] == {"baseline"}
    assert visits["gpe7"] == always - {"baseline"}
    assert visits["pain_sites"] == {"baseline", "week12"}


def test_no_answer_is_there_twice(rows):
    assert not rows.duplicated(["participant_id", "visit", "instrument", "item"]).any()


def test_blanks_have_the_specified_shares_and_their_reason(rows):
    blank = rows["value"].astype(str) == "NA:no_answer"
    assert (rows.loc[blank, "reason_missing"] == "NA:no_answer").all()
    odi = rows["instrument"] == "odi"
    eight = rows["item"] == "item_8"
    assert blank[odi & eight].mean() == pytest.approx(0.1225, abs=0.03)
    assert blank[odi & ~eight].mean() == pytest.approx(0.0225, abs=0.006)
    assert blank[rows["instrument"] == "ipaq_sf"].mean() < 0.01


def test_every_answer_is_one_that_its_instrument_allows(rows):
    scores, _ = score_responses(rows.astype(str), None)
    base = scores.loc[scores["visit"] == "baseline"] if "visit" in scores else scores
    assert base["odi_pct"].notna().mean() > 0.9
    assert base["phq9"].notna().mean() > 0.97
    assert base["log_met"].notna().mean() > 0.95
