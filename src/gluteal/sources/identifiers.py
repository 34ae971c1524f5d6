"""What identifies a person must not enter a cohort: columns and cells that look like it."""

from __future__ import annotations

import re

_WORDS = (
    r"(first|last|given|family|sur|fore|middle|maiden|full|patient|participant|subject)"
    r"[ _.-]?names?"
    r"|names?|initials|surname|e[ _.-]?mails?([ _.-]?addr(ess)?)?|recipient[ _.-]?email"
    r"|(tele|mobile|cell|home|work)?[ _.-]?(phone|tel)([ _.-]?(no|number|nr))?|mobile|fax"
    r"|dob|(date[ _.-]?of[ _.-]?birth)|birth[ _.-]?(date|day|dt)|geburtsdatum"
    r"|(home|street|postal)?[ _.-]?address|street|post[ _.-]?code|zip([ _.-]?code)?"
    r"|ssn|social[ _.-]?security([ _.-]?(no|number))?|nhs([ _.-]?(no|number))?|mrn"
    r"|(medical[ _.-]?record|insurance|passport)[ _.-]?(no|number|id)?"
    r"|ip[ _.-]?addr(ess)?|(location)?[ _.-]?(latitude|longitude)"
)
_COLUMN = re.compile(rf"^\W*({_WORDS})\W*$", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_DATE = re.compile(r"\b(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})\b")


def names_a_person(column: str) -> bool:
    """Say whether a column's title names what identifies a person.

    Examples
    --------
    >>> names_a_person("E-mail"), names_a_person("Date of birth"), names_a_person("age")
    (True, True, False)
    """
    return bool(_COLUMN.match(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column.strip())))


def shows_a_person(text: str) -> str:
    """Say what a cell shows that no cohort may hold: an e-mail address, a calendar date, or "".

    Examples
    --------
    >>> shows_a_person("seen 2024-03-01")
    'a calendar date'
    """
    if _EMAIL.search(text):
        return "an e-mail address"
    return "a calendar date" if _DATE.search(text) else ""
