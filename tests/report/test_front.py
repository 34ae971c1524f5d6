from gluteal.report.document import Facts, Picture, Table, Verdicts
from gluteal.report.front import build_front, build_ledger, group_reasons, summarise


def test_the_summary_counts_every_claim(products):
    assert summarise(products.ledger) == (
        "Of 18 claims, 6 could be tested: 2 supported, 1 contradicted, 1 negligible and "
        "2 inconclusive. The other 12 cannot be tested with this cohort."
    )


def test_a_cohort_that_tests_nothing_says_so(products):
    untested = [line for line in products.ledger if line["verdict"] == "not testable"]
    assert summarise(untested) == "None of the 12 claims can be tested with this cohort."
    assert "no claims" in summarise([])


def test_tested_claims_stand_on_the_front_with_the_ledgers_words(products):
    front = build_front(products)
    said = next(block for block in front.blocks if isinstance(block, Verdicts)).items
    assert [one.claim for one in said] == ["H1", "H5", "H6", "H7", "H10", "H12"]
    assert said[0].wording == products.ledger[0]["wording"]
    assert said[0].place == "analysis-strength-by-lbp"
    assert said[0].details.startswith("394 people. Smallest effect of interest: 0.05 Nm/kg, 0.2")
    assert "does not survive" not in said[0].details
    assert "does not survive" in said[1].details


def test_a_claim_links_only_to_an_analysis_of_this_report(products):
    said = next(b for b in build_front(products).blocks if isinstance(b, Verdicts)).items
    assert said[1].place == ""


def test_untestable_claims_are_gathered_by_their_reason(products):
    grouped = group_reasons(products.ledger)
    assert len(grouped) == 3
    assert sum(claims.count("H") for claims, _ in grouped) == 12
    facts = build_front(products).sections[0].blocks[0]
    assert isinstance(facts, Facts)
    assert facts.items[0][1].endswith("is not built.")


def test_the_forest_is_there_with_its_words(products):
    picture = next(block for block in build_front(products).blocks if isinstance(block, Picture))
    assert "H1 supported" in picture.alt


def test_the_ledger_holds_all_claims(products):
    table = build_ledger(products).blocks[0]
    assert isinstance(table, Table)
    assert len(table.rows) == 18
    first = table.rows[0].cells
    assert first[1:] == ("supported", "−0.083 [−0.121 to −0.052] Nm/kg", "0.05", "<0.001", "<0.001")
    assert table.rows[-1].cells[1:] == ("not testable", "", "", "", "")


def test_the_families_are_counted(tmp_path):
    from gluteal.report.front import count_families
    from gluteal.report.products import Products

    ledger = [
        {"claim": "H1", "family": "Holm", "family_size": "7"},
        {"claim": "H2", "family": "FDR", "family_size": "3"},
        {"claim": "H8", "family": "", "family_size": ""},
    ]
    text = count_families(Products(tmp_path, {}, ledger, ()))
    assert "Holm's method over 7 primary headlines" in text
    assert "false discovery rate over 3 other headlines" in text
    assert "no headline" in count_families(Products(tmp_path, {}, [], ()))
