"""Looking again at checklists that are past matching: what an amendment would compare to, and the tier it leads to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy.orm import Session

from customs.matching import writing
from customs.matching.papers import waiting_checklists
from customs.matching.settling import candidates, look_alone
from customs.risk import Assessment, assess_batch


def compared(
    session: Session, checklist_id: int, head: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], *, at: datetime
) -> list[dict[str, Any]]:
    """The comparison of the checklist's papers with other contents (columns by name), field by field; writes nothing.

    Empty where there is no such live checklist.
    """
    found = waiting_checklists(session, [checklist_id], whatever_state=True)
    if not found:
        return []
    one = replace(
        found[0], row=dict(found[0].row) | dict(head), lines=[SimpleNamespace(**dict(line)) for line in lines]
    )
    return list(look_alone(session, one, at).match.fields)


def reassess(session: Session, checklist_id: int, *, at: datetime) -> Assessment | None:
    """Compare a checklist's papers with its present contents, assess its risk and write both; it does not move.

    The row must be locked. Gives the assessment; None where there is no such live checklist.
    """
    found = waiting_checklists(session, [checklist_id], whatever_state=True)
    if not found:
        return None
    settled = look_alone(session, found[0], at)
    (assessment,) = assess_batch(session, candidates(session, [settled]), at)
    settled.refused = []  # differences of an amended checklist are the officer's to judge: they refuse nothing
    writing.write_match(session, [settled])
    writing.write_tiers(session, [(settled, assessment)])
    return assessment
