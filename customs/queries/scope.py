"""Who looks: an enterprise, or an agency with its zones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Viewer:
    """An enterprise (`enterprise_id`) sees its own papers, an agency (None) those of its zones.

    `officer` marks customs' officers, supervisors and auditors, who also see tier and trace.
    """

    enterprise_id: int | None
    zones: frozenset[str] = frozenset()
    officer: bool = False
