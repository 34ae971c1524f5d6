import pytest

from gluteal.errors import UserError
from gluteal.sources.mapping import Mapping
from gluteal.sources.review import review


def say(base):
    return "\n".join(str(f) for f in review(Mapping.model_validate(base), "mapping.yaml"))


def test_a_good_mapping_has_no_fault(base):
    assert say(base) == ""


def spoil_table(file):
    file["rows"][0]["table"] = "participant"


def spoil_variable(file):
    file["rows"][0]["columns"]["height"]["variable"] = "heigth_m"


def spoil_home(file):
    file["rows"][0]["columns"]["height"] = {"variable": "body_mass_kg", "unit": "kg"}


def spoil_derived(file):
    file["rows"][0]["columns"]["height"] = {"variable": "bmi_kg_m2", "unit": "kg/m²"}


def spoil_unit(file):
    file["rows"][0]["columns"]["height"]["unit"] = "feet"


def spoil_no_unit(file):
    del file["rows"][2]["columns"]["abd_l"]["unit"]


def spoil_level(file):
    file["rows"][0]["columns"]["sex"]["codes"]["M"] = "male"


def spoil_reason(file):
    file["missing"] = {"": "NA:unknown"}


def spoil_both(file):
    file["ignore"] = ["note", "sex"]


def spoil_muscle(file):
    del file["rows"][2]["set"]["muscle"]


def spoil_trial(file):
    del file["rows"][2]["set"]["trial"]


def spoil_visit(file):
    del file["visit"]


def spoil_field(file):
    file["rows"][2]["set"]["postion"] = "supine"


def spoil_word(file):
    file["rows"][2]["columns"]["abd_l"]["set"]["side"] = "l"


def spoil_made(file):
    file["rows"][2]["set"]["status"] = "done"


def spoil_person(file):
    file["participant"]["column"] = "Full name"


def spoil_required(file):
    del file["rows"][1]


def spoil_encoding(file):
    file["encoding"] = "utf8000"


def spoil_decimal(file):
    file["decimal"] = ","


def spoil_item(file):
    file["rows"].append(
        {
            "table": "responses",
            "set": {"instrument": "odi"},
            "columns": {"o1": {"item": "item_11"}},
        }
    )


def spoil_missing_code(file):
    file["rows"][0]["columns"]["sex"]["missing"] = {"F": "NA:refused"}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_table, "Did you mean 'participants'"),
        (spoil_variable, "Did you mean 'height_m'"),
        (spoil_home, "It belongs to visits"),
        (spoil_derived, "It is derived"),
        (spoil_unit, "the unit 'feet' is not accepted. It accepts m, cm, mm, in"),
        (spoil_no_unit, "a unit is required. Write unit: N or kgf or lbf"),
        (spoil_level, "it knows f, m"),
        (spoil_reason, "no reason for a missing value"),
        (spoil_both, "mapped and ignored"),
        (spoil_muscle, "a muscle is required"),
        (spoil_trial, "trial is required"),
        (spoil_visit, "Add visit: to the file"),
        (spoil_field, "Did you mean 'position'"),
        (spoil_word, "left"),
        (spoil_made, "filled by ingest itself"),
        (spoil_person, "identifies a person"),
        (spoil_required, "no rule makes rows of the table visits"),
        (spoil_encoding, "is no encoding"),
        (spoil_decimal, "delimiter and decimal are the same"),
        (spoil_item, "odi has no such item"),
        (spoil_missing_code, "a code and a missing code"),
    ],
)
def test_each_fault_is_named(base, spoil, said):
    spoil(base["files"][0])
    assert said in say(base)


def test_all_faults_are_named_at_once(base):
    for spoil in (spoil_unit, spoil_level, spoil_reason, spoil_trial, spoil_person):
        spoil(base["files"][0])
    assert len(review(Mapping.model_validate(base), "m")) >= 5


def test_ingest_stops_at_the_review(run, base):
    spoil_unit(base["files"][0])
    with pytest.raises(UserError, match="feet"):
        run(base)
