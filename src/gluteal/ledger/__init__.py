"""The ledger: what the headline estimate of each claim says about it."""

from gluteal.ledger.judgement import Verdict, verdict
from gluteal.ledger.table import COLUMNS, build_ledger
from gluteal.ledger.wording import Grounds

__all__ = ["COLUMNS", "Grounds", "Verdict", "build_ledger", "verdict"]
