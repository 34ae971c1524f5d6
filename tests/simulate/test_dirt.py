import csv

import pytest

from gluteal.simulate import simulate
from gluteal.simulate.mistakes import RATES


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """The same cohort, clean and dirty."""
    home = tmp_path_factory.mktemp("dirt")
    simulate(home / "clean", n=300, seed=6)
    simulate(home / "dirty", n=300, seed=6, dirt=True)
    return home


def read(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


@pytest.fixture(scope="module")
def log(pair):
    head, *rows = read(pair / "dirty" / "dirt_log.csv")
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.parametrize("table", [*RATES, "participants", "dispositions", "sessions", "events"])
def test_taking_the_logged_errors_back_gives_the_clean_file(pair, log, table):
    clean, dirty = read(pair / "clean" / f"{table}.csv"), read(pair / "dirty" / f"{table}.csv")
    twice = set()
    for entry in (e for e in log if e["table"] == table):
        row = int(entry["row"]) - 1
        if entry["kind"] == "duplicated_row":
            assert dirty[row] == dirty[row - 1]
            twice.add(row)
            continue
        column = dirty[0].index(entry["column"])
        assert dirty[row][column] == entry["dirty_value"] != entry["clean_value"]
        dirty[row][column] = entry["clean_value"]
    assert [row for i, row in enumerate(dirty) if i not in twice] == clean


def test_most_kinds_occur_and_all_are_known(log):
    kinds = {(e["table"], e["kind"]) for e in log}
    known = {(table, kind) for table, rates in RATES.items() for kind in rates}
    assert kinds <= known
    assert len(kinds) > 0.8 * len(known)


def test_one_percent_of_visits_is_in_kgf_and_called_newton(pair, log):
    hits = [e for e in log if e["kind"] == "kgf_as_n"]
    visits = {tuple(e["key"].split()[:2]) for e in hits}
    attended = [r for r in read(pair / "clean" / "visits.csv")[1:] if r[3] == "1"]
    assert 0.003 < len(visits) / len(attended) < 0.02
    ratio = [float(e["clean_value"]) / float(e["dirty_value"]) for e in hits]
    assert ratio == pytest.approx([9.80665] * len(ratio), rel=0.02)
    dirty = read(pair / "dirty" / "measurements.csv")
    unit = dirty[0].index("unit")
    assert {dirty[int(e["row"]) - 1][unit] for e in hits} == {"N"}


def test_a_visit_has_one_kind_of_error_in_a_table(log):
    seen = {}
    for entry in log:
        place = (entry["table"], *entry["key"].split()[:2])
        seen.setdefault(place, set()).add(entry["kind"])
    assert all(len(kinds) == 1 for kinds in seen.values())


def test_a_log_does_not_outlive_its_cohort(tmp_path):
    simulate(tmp_path / "c", n=40, dirt=True)
    assert (tmp_path / "c" / "dirt_log.csv").is_file()
    simulate(tmp_path / "c", n=40)
    assert not (tmp_path / "c" / "dirt_log.csv").exists()
