import csv
import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gluteal.cohort.check import check_package
from gluteal.cohort.package import open_package, read_package, write_package

TABLES = ("participants", "visits", "measurements", "responses", "sessions", "events")


@pytest.fixture(scope="module")
def small(root):
    return root / "tests" / "cohort" / "small"


@pytest.fixture(scope="module")
def sound(small):
    return read_package(small)


def test_a_sound_package_has_no_fault(sound):
    assert check_package(sound) == []


def rewrite(package, folder, tables, form="csv"):
    write_package(folder, {**package.tables, **tables}, title="T", synthetic=True, form=form)
    return check_package(open_package(folder))


def test_parquet_is_checked_alike(sound, tmp_path):
    assert rewrite(sound, tmp_path / "c", {}, "parquet") == []


def test_the_order_of_rows_and_columns_does_not_matter(sound, tmp_path):
    turned = {
        name: table.select(table.column_names[::-1]).take(list(range(table.num_rows))[::-1])
        for name, table in sound.tables.items()
    }
    assert rewrite(sound, tmp_path / "c", turned) == []


def test_optional_columns_may_be_left_out(sound, tmp_path):
    spare = ["position", "reason_not_done", "censored", "version", "correction_reason"]
    table = sound.tables["measurements"].drop_columns(spare)
    assert rewrite(sound, tmp_path / "c", {"measurements": table}) == []


def test_a_changed_file_is_a_query(small, tmp_path):
    shutil.copytree(small, tmp_path / "c")
    path = tmp_path / "c" / "events.csv"
    path.write_text(path.read_text().replace("moved away", "moved"))
    (fault,) = check_package(open_package(tmp_path / "c"))
    assert (fault.severity, "sha256" in fault.rule) == ("query", True)


def test_participants_and_visits_are_enough(sound, tmp_path):
    few = {name: sound.tables[name] for name in ("participants", "visits")}
    write_package(tmp_path / "c", few, title="T")
    assert check_package(open_package(tmp_path / "c")) == []


def test_nothing_readable_is_no_crash(tmp_path):
    (tmp_path / "c").mkdir()
    faults = check_package(open_package(tmp_path / "c"))
    assert [fault.rule.partition(":")[0] for fault in faults] == ["no such file"] * 3


CELLS = st.sampled_from(
    ["", " ", "NA", "NA:lost", "-9", "1,5", "x", "P01", "1e9", "0", "ü", "1.5 "]
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_cell_may_hold_anything_without_a_crash(sound, tmp_path, data):
    name = data.draw(st.sampled_from(TABLES))
    table = sound.tables[name]
    for column in data.draw(st.lists(st.sampled_from(table.column_names), min_size=1, max_size=3)):
        cells = table.column(column).to_pylist()
        cells[data.draw(st.integers(0, len(cells) - 1))] = data.draw(CELLS)
        place = table.column_names.index(column)
        table = table.set_column(place, column, pa.array(cells, pa.string()))
    faults = rewrite(sound, tmp_path / "c", {name: table})
    assert all(fault.rule and fault.remedy for fault in faults)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_columns_may_be_missing_without_a_crash(sound, tmp_path, data):
    tables = {}
    for name, table in sound.tables.items():
        gone = data.draw(st.lists(st.sampled_from(table.column_names), max_size=3, unique=True))
        kept = [column for column in table.column_names if column not in gone]
        tables[name] = table.select(kept or ["participant_id"]).slice(
            0, data.draw(st.integers(0, 9))
        )
    rewrite(sound, tmp_path / "c", tables)


def table_rows(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


VISITWISE = {"kgf_as_n": "kgf", "lbf_as_n": "lbf"}
HARD_TO_SEE = {"sides_swapped": 0.3, "vas_in_cm": 0.6}
"""A symmetric person's sides, and a VAS of 0 cm, look right whatever they are."""


def test_the_dirt_of_a_simulated_cohort_is_found_and_little_else(tmp_path):
    """Domain note 7.5: at least 95 % of wrong force units, at most 1 % of visits asked in vain."""
    from gluteal.simulate import simulate

    simulate(tmp_path / "c", 300, 3, "evidence", dirt=True)
    tables = {n: table_rows(tmp_path / "c", n) for n in ("visits", "measurements", "responses")}
    at_row, at_visit = set(), {}
    for fault in check_package(open_package(tmp_path / "c")):
        name = Path(fault.file).stem
        if fault.row is None or name not in tables:
            continue
        at_row.add((name, fault.row))
        who, visit = tables[name][fault.row - 1][:2]
        at_visit.setdefault((who.strip().upper(), visit.strip()), []).append(fault.rule)
    with (tmp_path / "c" / "dirt_log.csv").open(encoding="utf-8", newline="") as stream:
        dirt = [d for d in csv.DictReader(stream) if d["table"] in tables]
    assert len(dirt) > 100
    hits, wrong = {}, set()
    for entry in dirt:
        kind, name, row = entry["kind"], entry["table"], int(entry["row"])
        who, visit = tables[name][row - 1][:2]
        key = (who.strip().upper(), visit.strip())
        said = " ".join(at_visit.get(key, []))
        if kind in VISITWISE:
            wrong.add(key)
            hits.setdefault(kind, {})[key] = f"look like {VISITWISE[kind]} entered" in said
        elif kind == "sides_swapped":
            hits.setdefault(kind, {})[key] = "exchanged" in said
        elif kind in ("duplicated_row", "id_case"):  # named at the copy; at the first row of an id
            word = {"duplicated_row": "earlier row", "id_case": "no such participant"}[kind]
            hits.setdefault(kind, {})[row] = word in said
        else:
            hits.setdefault(kind, {})[name, row] = (name, row) in at_row
    assert set(hits) >= {"kgf_as_n", "lbf_as_n", "lever_in_cm", "decimal_comma", "missing_code"}
    shares = {kind: sum(found.values()) / len(found) for kind, found in hits.items()}
    low = {kind: x for kind, x in shares.items() if x < HARD_TO_SEE.get(kind, 0.95)}
    assert not low
    asked = {key for key, rules in at_visit.items() if any("entered as" in r for r in rules)}
    visits = {tuple(row[:2]) for row in tables["measurements"][1:]} - wrong
    assert len(asked - wrong) <= 0.01 * len(visits)


def test_a_clean_simulated_cohort_has_no_error(tmp_path):
    from gluteal.simulate import simulate

    simulate(tmp_path / "c", 120, 4, "seed")
    faults = check_package(open_package(tmp_path / "c"))
    assert [fault for fault in faults if fault.severity == "error"] == []
    suspicions = [fault for fault in faults if "unusual" not in fault.rule]
    assert len(suspicions) <= 0.02 * 120 * 5
