import json
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError


def as_sets(found):
    return {
        name: {tuple(sorted(row.items())) for row in table.to_pylist()}
        for name, table in found.tables.items()
    }


def test_provenance_names_files_hashes_and_rows_but_no_person(run, tmp_path):
    found = run()
    source = found.provenance["sources"][0]
    raw = (tmp_path / "raw" / "a.csv").read_bytes()
    assert source["sha256"] == sha256(raw).hexdigest()
    assert source["rows_in"] == 2
    assert source["rows_made"] == {"measurements": 6, "participants": 2, "visits": 2}
    mapping = (tmp_path / "mapping.yaml").read_bytes()
    assert found.provenance["mapping"]["sha256"] == sha256(mapping).hexdigest()
    assert "P1" not in json.dumps(found.provenance)


def test_faults_of_several_files_come_together(run, base):
    second = {**base["files"][0], "path": "raw/none.csv"}
    base["files"].append(second)
    with pytest.raises(UserError) as caught:
        run(base, "id,sex,height,abd_l,abd_r,stance,note\nP1,Q,165,9,5,3,\n")
    files = {f.file for f in caught.value.faults}
    assert files == {"raw/a.csv", "raw/none.csv"}


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None
)
@given(order=st.permutations(range(4)))
def test_the_order_of_rows_does_not_matter(run, order):
    head = "id,sex,height,abd_l,abd_r,stance,note\n"
    lines = [f"P{n},{'FM'[n % 2]},{160 + n},{9 + n},{10 + n},{n + 1},\n" for n in range(4)]
    straight = run(raw=head + "".join(lines))
    mixed = run(raw=head + "".join(lines[n] for n in order))
    assert as_sets(straight) == as_sets(mixed)


def test_decimal_commas_and_semicolons_as_declared(run, base):
    base["files"][0] |= {"decimal": ",", "delimiter": ";"}
    raw = "id;sex;height;abd_l;abd_r;stance;note\nP1;F;165,5;9,25;5;3;\n"
    found = run(base, raw)
    assert found.tables["participants"]["height_m"].to_pylist() == ["1.655"]
    assert found.tables["measurements"]["value"].to_pylist() == ["9.25", "5", "3"]
