"""Checks of one document that need no database: forms, codes of the day, sums (message standard §2–§7, §9).

All findings of a document at once: single fields first, then what they say together. Lengths and types are those that
either published version accepts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from common.findings import Finding
from customs.messages.content_checks import CHECKS, COMMON, Context
from customs.messages.document import ReadDocument
from customs.messages.field_checks import CodeTables, check_fields
from customs.messages.fields import MessageSpec
from customs.rules import message_contents, message_door

__all__ = ["CodeTables", "check_document"]


def check_document(
    spec: MessageSpec,
    document: ReadDocument,
    codes: CodeTables,
    on: date,
    received_at: datetime,
    max_days_behind: int | None = None,
) -> list[Finding]:
    """Everything wrong with the document's contents; faults of its structure are in `document.findings`.

    `on` is the China-time day of appTime: the law and the codes of that day are asked. `received_at` is aware;
    `max_days_behind` is the zone's limit for how long ago appTime may lie, None for none.
    """
    findings = list(_line_count(spec, document))
    head_at = f"/{spec.element}/{document.index}" + (f"/{spec.head}" if spec.head else "")
    findings += check_fields(spec.type, False, document.head, head_at, codes, on)
    for n, line in enumerate(document.lines):
        findings += check_fields(spec.type, True, line, f"/{spec.element}/{document.index}/{spec.list}/{n}", codes, on)
    findings = [_import_mode(finding, document) for finding in findings]
    this = Context(spec, document, codes, on, received_at, max_days_behind)
    for check in (*COMMON, *CHECKS[spec.type]):
        findings += check(this)
    return _without_missing_twice(findings, document)


def _line_count(spec: MessageSpec, document: ReadDocument) -> Iterator[Finding]:
    """The body has as many lines as either version accepts."""
    found, where = len(document.lines), f"/{spec.element}/{document.index}/{spec.list}"
    if found < spec.min_lines:
        yield message_door.TOO_FEW_LINES.at(where, part=spec.list, limit=spec.min_lines, found=found)
    if spec.max_lines is not None and found > spec.max_lines:
        yield message_door.TOO_MANY_LINES.at(
            f"{where}/{spec.max_lines}", part=spec.list, limit=spec.max_lines, found=found
        )


def _import_mode(finding: Finding, document: ReadDocument) -> Finding:
    """Mode 1239 exists, but for imports only: that is said instead of “not one of”."""
    if finding.pointer.endswith("/tradeMode") and document.head.get("tradeMode") == "1239":
        return message_contents.IMPORT_ONLY_MODE.at(finding.pointer)
    return finding


def _without_missing_twice(findings: list[Finding], document: ReadDocument) -> list[Finding]:
    """Without what reading already said: a head that is absent, a field whose element stands there but unreadable."""
    if not document.findings:
        return findings
    said = {finding.pointer for finding in document.findings}
    heads = [p for p in said if p.rpartition("/")[2].endswith("Head")] if not document.head else []
    return [
        finding
        for finding in findings
        if finding.pointer not in said and not any(finding.pointer.startswith(f"{head}/") for head in heads)
    ]
