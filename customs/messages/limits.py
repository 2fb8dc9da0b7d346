"""Limits of the message standard that are dated law, as the grammar of messages uses them.

A message does not say which edition of the standard it follows, so what any edition allows is taken, as with the
lengths of the field table (`customs.messages.fields`).
"""

from __future__ import annotations

import re

from common.law import law

_BEFORE_SERIAL = 9
"""Characters of a checklist number before its serial: office (4), year (4), direction (1); message standard §7."""


def _of_editions(parameter: str) -> list[int]:
    found = law().parameter(parameter)
    return [value.integer for value in found.values] if found else []


MAX_DOCUMENTS = max(_of_editions("customs.message.max_documents"))
"""The most documents of a message."""

NUMBER_LENGTHS = (
    _BEFORE_SERIAL + min(_of_editions("customs.checklist.number_serial_digits")),
    _BEFORE_SERIAL + max(_of_editions("customs.checklist.number_serial_digits_max")),
)
"""The fewest and the most characters of a checklist number (清单编号)."""

CHECKLIST_NUMBER = re.compile(rf"[0-9A-Za-z]{{{NUMBER_LENGTHS[0]},{NUMBER_LENGTHS[1]}}}")
"""A checklist number, in full."""
