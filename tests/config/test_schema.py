import yaml

from gluteal.config.schema import make_schema, schema_text


def test_the_schema_knows_every_method_and_forbids_other_keys():
    schema = make_schema()
    assert schema["additionalProperties"] is False
    assert "title" in schema["required"]
    assert "GroupDifference" in str(schema) or "group_difference" in str(schema)


def test_the_text_is_yaml_and_repeats():
    assert yaml.safe_load(schema_text()) == make_schema()
    assert schema_text() == schema_text()
