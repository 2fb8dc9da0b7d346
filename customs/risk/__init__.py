"""Risk tiers (风险等级): facts gathered for a whole batch, factor rules asked, lots drawn, shares counted.

Intake calls `assess_batch` once per message; `refresh_history` runs every night; `full_trace` reads a stored trace.
"""

from customs.risk.assess import assess_batch
from customs.risk.candidates import Assessment, CandidateChecklist, CandidateLine
from customs.risk.history import refresh_history
from customs.risk.secrets import revealed_secret
from customs.risk.shares import ShareRow, shares
from customs.risk.traces import full_trace

__all__ = [
    "Assessment",
    "CandidateChecklist",
    "CandidateLine",
    "ShareRow",
    "assess_batch",
    "full_trace",
    "refresh_history",
    "revealed_secret",
    "shares",
]
