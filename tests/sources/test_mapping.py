import pytest

from gluteal.errors import UserError
from gluteal.sources.mapping import read_mapping


@pytest.fixture
def refuse(tmp_path):
    def go(text):
        path = tmp_path / "mapping.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(UserError) as caught:
            read_mapping(path)
        return str(caught.value)

    return go


def test_scalars_stay_text(project, base):
    base["files"][0]["missing"] = {"no": "NA:refused", "1.0": "NA:pain"}
    path = project(base)
    path.write_text(path.read_text().replace("'no'", "no").replace("'1.0'", "1.0"))
    found = read_mapping(path).files[0]
    assert found.missing == {"no": "NA:refused", "1.0": "NA:pain"}
    assert found.rows[1].set == {"week_nominal": "0", "attended": "1"}


def test_all_faults_of_the_form_at_once_with_the_nearest_key(project, base):
    base["files"][0]["delimter"] = base["files"][0].pop("delimiter")
    base["files"][0]["rows"][0]["columns"]["sex"]["code"] = {}
    base["files"][0]["participant"] = {}
    with pytest.raises(UserError) as caught:
        read_mapping(project(base))
    text = str(caught.value)
    assert "Did you mean 'delimiter'" in text
    assert "files.1.rows.1.columns.sex.code" in text
    assert "Did you mean 'codes'" in text
    assert "either 'column' or 'row_number'" in text
    assert "'delimiter' is required" in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "not valid YAML"),
        ("a: 1\na: 2\n", "given twice"),
        ("", "no settings"),
        ("- 1\n", "no settings"),
        (b"\xff\xfea", "not UTF-8"),
        ("!!python/object/apply:os.system [ls]", "not valid YAML"),
    ],
)
def test_files_that_are_no_mapping(refuse, text, said):
    assert said in refuse(text)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        read_mapping(tmp_path)


@pytest.mark.parametrize("name", ["vertebral", "strength-volume"])
def test_the_examples_are_mappings(root, name):
    assert read_mapping(root / "config" / "examples" / "mappings" / f"{name}.yaml").title
