from gluteal.report.document import Paragraph, Picture, Table
from gluteal.report.participants import build_participants


def test_definition_flow_and_table_one(products):
    section = build_participants(products)
    definition, flow = section.blocks
    assert isinstance(definition, Paragraph)
    assert definition.text == "Cases have low back pain at entry."
    assert isinstance(flow, Picture)
    assert "red flag at screening 17" in flow.alt
    (table_one,) = section.sections
    assert any(isinstance(block, Table) for block in table_one.blocks)
