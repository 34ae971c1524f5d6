"""The ledger: what the headline estimate of each claim says about it."""

from gluteal.ledger.judgement import Verdict, verdict
from gluteal.ledger.table import COLUMNS, build_ledger

__all__ = ["COLUMNS", "Verdict", "build_ledger", "verdict"]
