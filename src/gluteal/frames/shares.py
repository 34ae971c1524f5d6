"""Ratios of yes/no outcomes by their right names: risk or prevalence, and odds that are neither."""

from __future__ import annotations

COMMON = 0.1
"""From this share on an odds ratio is clearly further from 1 than a ratio of shares."""
NEW = ("incident_lbp",)
"""Outcomes that count new cases: shares of them are risks, shares of all others prevalences."""


def name_share(outcome: str) -> str:
    """Name the share who have a yes/no outcome: those who have it already are no risk.

    Examples
    --------
    >>> name_share("lbp"), name_share("incident_lbp")
    ('prevalence', 'risk')
    """
    return "risk" if outcome in NEW else "prevalence"


def name_odds(share: float, outcome: str) -> str:
    """Name an odds ratio; of a common outcome it is no ratio of shares, and says so.

    Examples
    --------
    >>> name_odds(0.05, "lbp"), name_odds(0.5, "lbp")
    ('odds ratio', 'odds ratio (not a prevalence ratio: 50 % have the outcome)')
    """
    if share <= COMMON:
        return "odds ratio"
    return f"odds ratio (not a {name_share(outcome)} ratio: {100 * share:.0f} % have the outcome)"
