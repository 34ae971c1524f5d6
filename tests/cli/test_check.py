"""Broken cohort packages: each gives its own faults, status 2, and nothing half written."""

import csv
import json
import os
import shutil

import pytest

from gluteal.cli.commands import run
from gluteal.cohort.check import check_package
from gluteal.cohort.package import open_package


class Broken:
    """A copy of the small cohort that a test breaks."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, table):
        return self.folder / f"{table}.csv"

    def rows(self, table):
        with self.path(table).open(encoding="utf-8", newline="") as stream:
            return list(csv.reader(stream))

    def write(self, table, rows):
        with self.path(table).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)

    def set(self, table, row, column, value):
        """Set one cell; rows are counted as messages count them (the header is row 1)."""
        rows = self.rows(table)
        rows[row - 1][rows[0].index(column)] = value
        self.write(table, rows)

    def find(self, table, **cells):
        """Return the number of the first row with these cells."""
        rows = self.rows(table)
        at = {rows[0].index(column): value for column, value in cells.items()}
        for number, row in enumerate(rows, start=1):
            if all(row[place] == value for place, value in at.items()):
                return number
        raise AssertionError(cells)

    def drop(self, table, column):
        rows = self.rows(table)
        place = rows[0].index(column)
        self.write(table, [row[:place] + row[place + 1 :] for row in rows])

    def add_column(self, table, column, value):
        rows = self.rows(table)
        self.write(table, [[*rows[0], column], *([*row, value] for row in rows[1:])])

    def rename(self, table, old, new):
        rows = self.rows(table)
        rows[0][rows[0].index(old)] = new
        self.write(table, rows)

    def replace(self, table, old, new):
        text = self.path(table).read_text(encoding="utf-8")
        assert old in text
        self.path(table).write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def package(root, tmp_path):
    folder = tmp_path / "cohort"
    shutil.copytree(root / "tests" / "cohort" / "small", folder)
    return Broken(folder)


def found(package, severity):
    """List what was found, without the note that a file is no longer the one described."""
    faults = check_package(open_package(package.folder))
    return [
        (fault.file.rpartition("/")[2].removesuffix(".csv"), fault.row, fault.column, fault.rule)
        for fault in faults
        if fault.severity == severity and "sha256" not in fault.rule
    ]


FORCE = {"participant_id": "P01", "visit": "baseline", "test": "hip_force", "side": "left"}


def force_row(package, trial="1"):
    return package.find("measurements", **FORCE, trial=trial)


def set_force(column, value):
    def mutate(package):
        row = force_row(package)
        package.set("measurements", row, column, value)
        return row

    return mutate


def set_cell(table, row, column, value):
    def mutate(package):
        package.set(table, row, column, value)
        return row

    return mutate


def set_lever(value):
    def mutate(package):
        row = package.find("measurements", participant_id="P01", test="lever_arm", side="left")
        package.set("measurements", row, "value", value)
        return row

    return mutate


def repeat_row(table):
    def mutate(package):
        rows = package.rows(table)
        package.write(table, [*rows, rows[2]])
        return len(rows) + 1

    return mutate


def set_answer(item, value, instrument="nprs"):
    def mutate(package):
        row = package.find("responses", instrument=instrument, item=item)
        package.set("responses", row, "value", value)
        return row

    return mutate


def write_bytes(name, data):
    def mutate(package):
        (package.folder / name).write_bytes(data)
        return 1

    return mutate


def recode(table, old, new):
    def mutate(package):
        path = package.path(table)
        text = path.read_text(encoding="utf-8").replace(old, new)
        path.write_bytes(text.encode("latin-1"))
        return 1 + next(i for i, line in enumerate(text.splitlines()) if new in line)

    return mutate


def make_folder(package):
    package.path("visits").unlink()
    package.path("visits").mkdir()


def lose(name):
    def mutate(package):
        (package.folder / name).unlink()

    return mutate


def keep_header(table):
    def mutate(package):
        package.write(table, package.rows(table)[:1])

    return mutate


def shorten(package):
    rows = package.rows("visits")
    rows[4] = rows[4][:-2]
    package.write("visits", rows)
    return 5


def add_blank(package):
    rows = package.rows("visits")
    package.write("visits", [*rows, [""] * len(rows[0])])
    return len(rows) + 1


def correct_without_reason(package):
    rows = package.rows("measurements")
    row = force_row(package)
    later = list(rows[row - 1])
    later[rows[0].index("version")] = "1"
    package.write("measurements", [*rows, later])
    return len(rows) + 1


def deliver(changes):
    """Change a JSON descriptor."""

    def mutate(package):
        path = package.folder / "datapackage.json"
        found = json.loads(path.read_text(encoding="utf-8"))
        changes(found)
        path.write_text(json.dumps(found), encoding="utf-8")

    return mutate


def rename_column(table, old, new):
    def mutate(package):
        package.rename(table, old, new)
        return 1

    return mutate


def drop_column(table, column):
    def mutate(package):
        package.drop(table, column)
        return 1

    return mutate


def add_column(table, column, value):
    def mutate(package):
        package.add_column(table, column, value)
        return 1

    return mutate


def take_person_out(package):
    rows = package.rows("participants")
    package.write("participants", [row for row in rows if row[0] != "P06"])


def stray_table(package):
    (package.folder / "measurments.csv").write_text("a,b\n1,2\n", encoding="utf-8")


def semicolons(package):
    path = package.path("participants")
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    return 1


def twin(package):
    rows = package.rows("participants")
    extra = list(rows[1])
    extra[0] = "p01"
    package.write("participants", [*rows, extra])
    visits = package.rows("visits")
    extra = ["p01", *visits[1][1:]]
    package.write("visits", [*visits, extra])
    return len(rows) + 1


BROKEN = {
    "missing column": (
        drop_column("measurements", "unit"),
        [("measurements", 1, "unit", "the column is missing")],
    ),
    "misspelt required column": (
        rename_column("visits", "attended", "atended"),
        [("visits", 1, "atended", "is no column of this table")],
    ),
    "unknown variable column": (
        rename_column("participants", "age_years", "age_year"),
        [("participants", 1, "age_year", "is no column of this table")],
    ),
    "column of another table": (
        add_column("participants", "body_mass_kg", "70"),
        [("participants", 1, "body_mass_kg", "is no column of this table")],
    ),
    "duplicate header": (
        rename_column("participants", "sex", "lbp"),
        [("participants", 1, "lbp", "the header has this column twice")],
    ),
    "ragged row": (shorten, [("visits", "row", "", "the row has 5 cells, the header 7")]),
    "blank row": (add_blank, [("visits", "row", "", "nothing stands in this row")]),
    "empty file": (
        write_bytes("participants.csv", b""),
        [("participants", None, "", "the file is empty")],
    ),
    "empty table": (
        keep_header("participants"),
        [("participants", None, "", "the table has no rows")],
    ),
    "not UTF-8": (
        recode("events", "moved away", "d\xe9m\xe9nag\xe9"),
        [("events", "row", "", "the text is not UTF-8")],
    ),
    "UTF-16": (
        write_bytes("events.csv", "participant_id\n".encode("utf-16")),
        [("events", None, "", "is UTF-16, not UTF-8")],
    ),
    "semicolons": (
        semicolons,
        [("participants", "row", "", "cells are separated by semicolons, not commas")],
    ),
    "folder for a file": (make_folder, [("visits", None, "", "is a folder, not a file")]),
    "missing descriptor": (
        lose("datapackage.json"),
        [("datapackage.json", None, "", "no such file")],
    ),
    "invalid JSON": (
        write_bytes("datapackage.json", b'{"title": '),
        [("datapackage.json", 1, "", "is not JSON (Expecting value)")],
    ),
    "JSON of another kind": (
        write_bytes("datapackage.json", b"[1]"),
        [("datapackage.json", None, "", "is not a JSON object")],
    ),
    "synthetic not said": (
        deliver(lambda d: d["gluteal"].clear()),
        [("datapackage.json", None, "", "does not say whether the data are synthetic")],
    ),
    "missing required table": (lose("visits.csv"), [("visits", None, "", "no such file")]),
    "missing listed table": (lose("events.csv"), [("events", None, "", "no such file")]),
    "unknown table": (
        stray_table,
        [("measurments", None, "", "is no table of a cohort package")],
    ),
    "text in a number": (
        set_force("value", "strong"),
        [("measurements", "row", "value", "is text where a number belongs")],
    ),
    "unit in the number": (
        set_force("value", "120 N"),
        [("measurements", "row", "value", "has its unit in the cell")],
    ),
    "decimal comma": (
        set_force("value", "120,5"),
        [("measurements", "row", "value", "has a decimal comma")],
    ),
    "n/a in a number": (
        set_force("value", "n/a"),
        [("measurements", "row", "value", "is a missing value without a reason")],
    ),
    "-9 for missing": (
        set_force("value", "-9"),
        [
            (
                "measurements",
                "row",
                "value",
                "is outside 5 to 1200 N and looks like a code for missing",
            )
        ],
    ),
    "negative force": (
        set_force("value", "-120"),
        [("measurements", "row", "value", "is outside 5 to 1200 N")],
    ),
    "missing without a reason": (
        set_force("value", ""),
        [("measurements", "row", "value", "the cell is empty")],
    ),
    "unknown reason": (
        set_force("value", "NA:pian"),
        [("measurements", "row", "value", "is no reason that this package knows")],
    ),
    "value without unit": (
        set_force("unit", "na"),
        [("measurements", "row", "unit", "a value without its unit")],
    ),
    "wrong unit": (
        set_force("unit", "kg"),
        [("measurements", "row", "unit", "is no unit of hip_force_n")],
    ),
    "done without a value": (
        set_force("value", "NA:lost"),
        [("measurements", "row", "value", "status is done, but there is no value")],
    ),
    "not done with a value": (
        set_force("status", "not_done"),
        [("measurements", "row", "value", "status is not_done, but there is a value")],
    ),
    "unknown test": (
        set_force("test", "hip_forse"),
        [("measurements", "row", "test", "is no test of the dictionary")],
    ),
    "unknown muscle": (
        set_force("muscle", "add"),
        [("measurements", "row", "muscle", "is no muscle of hip_force")],
    ),
    "unknown side": (
        set_force("side", "L"),
        [("measurements", "row", "side", "is no level of it")],
    ),
    "force without a side": (
        set_force("side", "na"),
        [("measurements", "row", "side", "this test has no meaning without its side")],
    ),
    "trailing space": (
        set_force("visit", "baseline "),
        [("measurements", "row", "visit", "has spaces around it")],
    ),
    "lever arm in cm": (
        set_lever("70"),
        [("measurements", "row", "value", "is outside 0.1 to 1.1 m and looks like cm")],
    ),
    "lever arm in mm": (
        set_lever("700"),
        [("measurements", "row", "value", "is outside 0.1 to 1.1 m and looks like mm")],
    ),
    "height in cm": (
        set_cell("participants", 2, "height_m", "166"),
        [("participants", "row", "height_m", "is outside 1.2 to 2.3 m and looks like cm")],
    ),
    "wrong level": (
        set_cell("participants", 2, "sex", "female"),
        [("participants", "row", "sex", "is no level of it")],
    ),
    "broken boolean": (
        set_cell("participants", 2, "lbp", "yes"),
        [("participants", "row", "lbp", "is no level of it")],
    ),
    "duplicate person": (
        repeat_row("participants"),
        [
            (
                "participants",
                "row",
                "participant_id",
                "participant_id stands in an earlier row already",
            )
        ],
    ),
    "duplicate measurement": (
        repeat_row("measurements"),
        [
            (
                "measurements",
                "row",
                "",
                "participant_id + visit + test + position + muscle + side + trial + assessor"
                " + version stand in an earlier row already",
            )
        ],
    ),
    "letter-case twin": (
        twin,
        [("participants", "row", "participant_id", "differs from another id in letter case only")],
    ),
    "unknown participant": (
        set_cell("events", 2, "participant_id", "P66"),
        [("events", "row", "participant_id", "no such participant in participants")],
    ),
    "person taken out": (
        take_person_out,
        [
            (table, row, "participant_id", "no such participant in participants")
            for table, row in (("visits", 17), ("measurements", 227), ("responses", 212))
        ],
    ),
    "unknown visit": (
        set_force("visit", "week99"),
        [("measurements", "row", "visit", "no such visit of this person in visits")],
    ),
    "calendar date": (
        set_cell("visits", 3, "study_day", "2031-05-01"),
        [
            (
                "visits",
                "row",
                "study_day",
                "is a calendar date, and no date enters a cohort",
            )
        ],
    ),
    "absurd day": (
        set_cell("visits", 4, "study_day", "40000"),
        [("visits", "row", "study_day", "is outside -60 to 3700 days")],
    ),
    "planned week twice": (
        set_cell("visits", 4, "week_nominal", "4"),
        [("visits", "row", "week_nominal", "two visits of this person have the same planned week")],
    ),
    "absent without a reason": (
        set_cell("visits", 16, "reason_absent", "not_applicable"),
        [("visits", "row", "reason_absent", "not attended, but without a reason")],
    ),
    "measured though absent": (
        lambda package: (
            package.set("visits", 3, "attended", "0"),
            package.set("visits", 3, "reason_absent", "missed"),
            3,
        )[-1],
        [("visits", "row", "attended", "not attended, but values of this visit exist")],
    ),
    "NPRS 11": (
        set_answer("avg", "11"),
        [
            (
                "responses",
                "row",
                "value",
                "is none of the answers 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
            )
        ],
    ),
    "NPRS 999": (
        set_answer("avg", "999"),
        [
            (
                "responses",
                "row",
                "value",
                "is none of the answers 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"
                " and looks like a code for missing",
            )
        ],
    ),
    "ODI coded 1 to 6": (
        set_answer("item_3", "6", "odi"),
        [("responses", "row", "value", "is none of the answers 0, 1, 2, 3, 4, 5")],
    ),
    "unknown instrument": (
        lambda package: package.replace("responses", ",vas,", ",vass,"),
        [
            ("responses", row, "instrument", "is no questionnaire that this package knows")
            for row in range(6, 257, 15)
        ],
    ),
    "unknown item": (
        lambda package: (
            package.set("responses", 2, "item", "average"),
            2,
        )[-1],
        [("responses", "row", "item", "is no item of nprs")],
    ),
    "correction without a reason": (
        correct_without_reason,
        [("measurements", "row", "correction_reason", "a correction without its reason")],
    ),
    "broken count": (
        lambda package: (
            (row := package.find("measurements", test="cst30")),
            package.set("measurements", row, "value", "12.5"),
            row,
        )[-1],
        [("measurements", "row", "value", "is not a whole number")],
    ),
    "broken sign": (
        lambda package: (
            (row := package.find("measurements", test="trendelenburg")),
            package.set("measurements", row, "value", "2"),
            row,
        )[-1],
        [("measurements", "row", "value", "is no level of trendelenburg_pos")],
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_each_broken_package_gives_its_faults_and_status_2(kind, package, tmp_path, capsys):
    mutate, expected = BROKEN[kind]
    row = mutate(package)
    expected = [(t, row if r == "row" else r, c, rule) for t, r, c, rule in expected]
    errors = found(package, "error")
    assert len(errors) == len(expected), errors
    for got, want in zip(errors, expected, strict=True):
        assert got[:3] == want[:3]
        assert got[3].startswith(want[3])
    before = sorted(path.name for path in tmp_path.iterdir())
    assert run(["check", str(package.folder)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Traceback" not in shown.err
    assert shown.err.startswith("gluteal check: ")
    assert all(rule in shown.err for _, _, _, rule in errors)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def far_day(package):
    package.set("visits", 4, "study_day", "200")
    return 4


def days_exchanged(package):
    package.set("visits", 3, "study_day", "90")
    return 3


def double_mass(package):
    package.set("visits", 3, "body_mass_kg", "142.0")
    return 3


def copy_side(package):
    rows = package.rows("measurements")
    place = rows[0].index("value")
    first = force_row(package)
    right = package.find("measurements", **{**FORCE, "side": "right"}, trial="1")
    for step in range(3):
        rows[right - 1 + step][place] = rows[first - 1 + step][place]
    package.write("measurements", rows)
    return first


def drop_side(package):
    rows = package.rows("measurements")
    right = package.find("measurements", **{**FORCE, "side": "right"}, trial="1")
    package.write("measurements", rows[: right - 1] + rows[right + 2 :])
    return force_row(package)


def scattered(package):
    row = force_row(package)
    package.set("measurements", row, "value", "180")
    return row


def kilograms(package):
    rows = package.rows("measurements")
    place, test = rows[0].index("value"), rows[0].index("test")
    first = force_row(package)
    for row in rows[1:]:
        if row[0] == "P01" and row[1] == "baseline" and row[test] == "hip_force":
            row[place] = f"{float(row[place]) / 9.80665:.1f}"
    package.write("measurements", rows)
    return first


def all_missing(package):
    for row in range(2, 8):
        package.set("participants", row, "pain_side", "NA:not_asked")


def one_person(package):
    for table in ("participants", "visits", "measurements", "responses", "sessions", "events"):
        rows = package.rows(table)
        package.write(table, [rows[0], *(row for row in rows[1:] if row[0] == "P01")])


def no_visit(package):
    rows = package.rows("participants")
    package.write("participants", [*rows, ["P07", *rows[1][1:]]])
    return len(rows) + 1


def no_baseline(package):
    for table in ("visits", "measurements", "responses"):
        rows = package.rows(table)
        keep = [row for row in rows if row[:2] != ["P01", "baseline"]]
        package.write(table, keep)
    return 2


def mark_order(package):
    path = package.path("visits")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())


def centimetres(package):
    row = package.find("responses", participant_id="P01", visit="baseline", instrument="vas")
    package.set("responses", row, "value", "6.3")
    return row


def tilt_the_other_way(package):
    row = package.find("measurements", test="pelvic_tilt_radiographic_pt")
    package.set("measurements", row, "value", "-12")
    return package.find("measurements", test="pelvic_incidence")


QUERIED = {
    "unusual age": (
        set_cell("participants", 2, "age_years", "95"),
        [("participants", "row", "age_years", "is unusual (outside 18 to 90 years)")],
    ),
    "day far off": (far_day, [("visits", "row", "study_day", "the study day lies nearer to")]),
    "days out of order": (
        days_exchanged,
        [("visits", "row", "study_day", "the study day is out of order")],
    ),
    "mass in pounds": (double_mass, [("visits", "row", "body_mass_kg", "is over 1.6 times")]),
    "copied side": (copy_side, [("measurements", "row", "value", "left and right have the same")]),
    "one side only": (drop_side, [("measurements", "row", "value", "only one side was tested")]),
    "scattered trials": (scattered, [("measurements", "row", "value", "the trials of this set")]),
    "kgf entered as N": (
        kilograms,
        [("measurements", "row", "unit", "forces of this visit look like kgf entered as N")],
    ),
    "all missing": (
        all_missing,
        [("participants", None, "pain_side", "there is no value in this column")],
    ),
    "one person": (
        one_person,
        [
            ("participants", 2, "", "there is one participant only"),
            ("events", None, "", "the table has no rows"),
        ],
    ),
    "no visit": (no_visit, [("participants", "row", "participant_id", "has no visit")]),
    "no baseline": (
        no_baseline,
        [("visits", "row", "participant_id", "this person has no visit called baseline")],
    ),
    "byte-order mark": (mark_order, [("visits", None, "", "begins with a byte-order mark")]),
    "VAS in cm": (centimetres, [("responses", "row", "value", "is far below the pain rating")]),
    "PI is not PT + SS": (
        tilt_the_other_way,
        [("measurements", "row", "value", "pelvic incidence is not tilt + slope")],
    ),
}
SOFT = {"kgf entered as N": 6, "PI is not PT + SS": 1}
"""Values that are outside their soft range as well."""


@pytest.mark.parametrize("kind", QUERIED)
def test_each_suspicion_is_a_query_and_no_error(kind, package, tmp_path, capsys):
    mutate, expected = QUERIED[kind]
    row = mutate(package)
    assert found(package, "error") == []
    queries = found(package, "query")
    soft = [query for query in queries if "unusual" in query[3] and kind in SOFT]
    assert len(soft) == SOFT.get(kind, 0)
    queries = [query for query in queries if query not in soft]
    assert len(queries) == len(expected), queries
    for got, (table, at, column, rule) in zip(queries, expected, strict=True):
        assert got[:3] == (table, row if at == "row" else at, column)
        assert got[3].startswith(rule)
    listed = tmp_path / "queries.csv"
    assert run(["check", str(package.folder), "--queries", str(listed)]) == 0
    count = len(listed.read_text(encoding="utf-8").splitlines()) - 1
    assert f"no errors, {count} queries (listed in {listed})" in capsys.readouterr().out


def test_a_sound_package_passes_without_a_word_too_many(package, capsys):
    assert run(["check", str(package.folder)]) == 0
    assert capsys.readouterr().out == "6 people, 569 rows: no errors, 0 queries\n"


def test_all_faults_come_at_once(package, capsys):
    package.set("participants", 2, "sex", "female")
    package.set("visits", 3, "body_mass_kg", "heavy")
    package.path("events").unlink()
    write_bytes("responses.csv", b"")(package)
    assert run(["check", str(package.folder)]) == 2
    shown = capsys.readouterr().err
    assert "4 faults found:" in shown
    for word in ("participants.csv, row 2, column sex", "visits.csv, row 3", "events", "responses"):
        assert word in shown


def test_messages_name_place_value_rule_and_remedy(package, capsys):
    package.rename("participants", "age_years", "age_year")
    package.set("measurements", force_row(package), "unit", "kg")
    run(["check", str(package.folder)])
    shown = capsys.readouterr().err
    assert "participants.csv, row 1, column age_year: is no column of this table. " in shown
    assert "Did you mean 'age_years'?" in shown
    assert "column unit (value 'kg'): is no unit of hip_force_n. Did you mean 'kgf'?" in shown


def test_an_unreadable_file_is_named(package, capsys):
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    package.path("visits").chmod(0)
    assert run(["check", str(package.folder)]) == 2
    assert "visits.csv: cannot be read (Permission denied)" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nowhere", "cohort/participants.csv"])
def test_a_package_that_is_no_folder(package, tmp_path, name, capsys):
    assert run(["check", str(tmp_path / name)]) == 2
    assert "no such folder" in (shown := capsys.readouterr().err) or "is a file" in shown


def test_lists_are_written_with_errors_too_and_the_summary_names_nobody(package, tmp_path):
    package.set("participants", 2, "sex", "SECRET")
    package.set("participants", 3, "age_years", "95")
    listed, summary = tmp_path / "out" / "queries.csv", tmp_path / "out" / "check.json"
    words = ["check", str(package.folder), "--queries", str(listed), "--summary", str(summary)]
    assert run(words) == 2
    assert "SECRET" in listed.read_text(encoding="utf-8")
    text = summary.read_text(encoding="utf-8")
    counts = json.loads(text)
    assert (counts["people"], counts["errors"], counts["queries"]) == (6, 1, 2)
    assert counts["rows"]["visits"] == 18
    assert {r["rule"] for r in counts["by_rule"]} >= {"is no level of it"}
    for word in ("SECRET", "P01", "P02", "95"):
        assert word not in text.replace("outside 18 to 90", "")
    assert sorted(p.name for p in listed.parent.iterdir()) == ["check.json", "queries.csv"]


def test_a_list_that_cannot_be_written_is_said(package, tmp_path, capsys):
    (tmp_path / "q").mkdir()
    assert run(["check", str(package.folder), "--queries", str(tmp_path / "q")]) == 2
    assert "is a folder" in capsys.readouterr().err


def test_a_declared_recode_lifts_the_range_of_answers(package, capsys):
    set_answer("item_3", "6", "odi")(package)
    settings = json.dumps({"instruments": {"odi": {"recode": {"6": 5}}}})
    assert run(["check", str(package.folder), "--settings", settings]) == 0
    assert run(["check", str(package.folder), "--settings", "{"]) == 2
    assert "--settings is not JSON" in capsys.readouterr().err
    assert run(["check", str(package.folder), "--settings", "[]"]) == 2
    assert "--settings is not a JSON object" in capsys.readouterr().err


def test_no_heavy_library_is_imported(package):
    import subprocess
    import sys

    code = (
        "import sys; from gluteal.cli.commands import run\n"
        f"run(['check', {str(package.folder)!r}])\n"
        "heavy = {'pandas', 'scipy', 'statsmodels', 'matplotlib'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
