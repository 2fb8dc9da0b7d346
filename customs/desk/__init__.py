"""The officers' desk: queue and case, claims, decisions, questions to the seller and their answers.

All use cases are plain functions on a session; they do not commit. An officer reaches the checklists of the office's
zones and nothing else.
"""

from customs.desk.cases import (
    COUNT_CAP,
    MOST,
    PAGE,
    Case,
    Clock,
    Counts,
    Page,
    QueueFilters,
    QueueRow,
    case,
    counts,
    queue,
)
from customs.desk.deciding import Outcome, claim, decide, release_claim
from customs.desk.expiry import expire_early
from customs.desk.officers import Officer, Party
from customs.desk.questions import answer, questions_for, questions_of

__all__ = [
    "COUNT_CAP",
    "MOST",
    "PAGE",
    "Case",
    "Clock",
    "Counts",
    "Officer",
    "Outcome",
    "Page",
    "Party",
    "QueueFilters",
    "QueueRow",
    "answer",
    "case",
    "claim",
    "counts",
    "decide",
    "expire_early",
    "questions_for",
    "questions_of",
    "queue",
    "release_claim",
]
