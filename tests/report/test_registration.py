"""Deviations are printed; those without a reason stand out."""

from gluteal.report.document import Callout, Table
from gluteal.report.products import Products
from gluteal.report.registration import build_registration

CHANGE = {"place": "analyses.a.level", "was": "0.95", "now": "0.9", "date": "", "reason": ""}
TOLD = {**CHANGE, "place": "claims.H1", "date": "2026-11-20", "reason": "Asked by the reviewer."}


def blocks(tmp_path, found, ledger=({"claim": "H1"},)):
    products = Products(tmp_path, {"registration": found}, ledger, ())
    return build_registration(products).blocks


def frozen(*changes, late=False):
    return {
        "frozen_on": "2026-11-01",
        "sha256": "ab12",
        "estimates_existed": late,
        "changes": changes,
    }


def test_a_change_without_a_reason_is_a_warning(tmp_path):
    found = blocks(tmp_path, frozen(CHANGE, TOLD))
    (warning,) = [one for one in found if isinstance(one, Callout)]
    assert "analyses.a.level" in warning.text and "claims.H1" not in warning.text
    (table,) = [one for one in found if isinstance(one, Table)]
    assert table.rows[0].cells == ("analyses.a.level", "0.95", "0.9", "", "no reason given")
    assert table.rows[1].cells[-1] == "Asked by the reviewer."


def test_an_unchanged_plan_has_its_hash_and_no_warning(tmp_path):
    found = blocks(tmp_path, frozen())
    assert not any(isinstance(one, Callout | Table) for one in found)
    assert "ab12" in str(found[0])


def test_late_and_never_are_said(tmp_path):
    assert "late" in blocks(tmp_path, frozen(late=True))[0].title
    (never,) = blocks(tmp_path, None)
    assert isinstance(never, Callout) and "No plan was frozen" in never.title
    assert blocks(tmp_path, None, ledger=()) == ()
