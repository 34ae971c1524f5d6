import pytest

from gluteal.simulate.mistakes import CHANGES, RATES, Cells, find_able
from gluteal.simulate.people import make_visits
from gluteal.simulate.streams import settle


@pytest.fixture
def visits():
    cells = Cells(next(make_visits(settle(50, 1))))
    cells.column("participant_id")
    return cells


def test_every_kind_has_its_change():
    kinds = {kind for rates in RATES.values() for kind in rates}
    assert kinds - {"duplicated_row"} == set(CHANGES)


def test_a_mass_in_pounds_is_2_2_times_as_large(visits):
    row = int(find_able("visits", "mass_in_lb", visits).nonzero()[0][0])
    clean = float(visits.text("body_mass_kg", row))
    ((_, column, dirty),) = CHANGES["mass_in_lb"](visits, [row], None)
    assert column == "body_mass_kg"
    assert float(dirty) == pytest.approx(clean * 2.20462, abs=0.06)


def test_absent_people_make_no_errors(visits):
    able = find_able("visits", "mass_in_lb", visits)
    assert not (able & visits.where("attended", "0")).any()


def test_a_cell_is_overwritten_and_a_row_repeated(visits):
    visits.write("participant_id", 1, "p000001")
    table = visits.finish([0, 1, 1])
    assert table["participant_id"].to_pylist() == ["P000001", "p000001", "p000001"]
    assert table["visit"].to_pylist() == ["baseline", "week04", "week04"]
