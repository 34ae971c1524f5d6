"""Answers to score, written short."""

from __future__ import annotations

import pandas as pd
import pytest

from gluteal.instruments import INSTRUMENTS


@pytest.fixture(scope="session")
def score():
    """Score a list of questionnaires, each {item: answer}: (scores, notes)."""

    def run(name, sheets, people=None, visits=None, **settings):
        module = INSTRUMENTS[name]
        people = people or [f"P{i:03d}" for i in range(len(sheets))]
        visits = visits or ["baseline"] * len(sheets)
        index = pd.MultiIndex.from_arrays([people, visits], names=["participant_id", "visit"])
        items = pd.DataFrame(sheets, index=index, columns=list(module.ITEMS), dtype="float64")
        scored = module.score(items, {**module.SETTINGS, **settings})
        assert tuple(scored.scores.columns) == module.SCORES
        return scored.scores.reset_index(drop=True), scored.notes

    return run


@pytest.fixture(scope="session")
def rows():
    """Long rows of text from {item: answer}, as a cohort package has them."""

    def make(name, sheet, person="P001", visit="baseline"):
        return pd.DataFrame(
            [(person, visit, name, item, str(value)) for item, value in sheet.items()],
            columns=["participant_id", "visit", "instrument", "item", "value"],
        )

    return make
