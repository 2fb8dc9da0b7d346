"""The supervision modes (海关监管方式) under which e-commerce goods are exported, and what they have in common."""

from __future__ import annotations

from common.law import Trace
from common.law.values import ParameterValue

RETAIL = ("9610", "1210")
"""Retail exports (零售出口), declared on checklists."""

B2B = ("9710", "9810")
"""Exports between firms and to overseas warehouses, on a checklist or a declaration."""

EXPORT_MODES = RETAIL + B2B


def mode_in_force(trace: Trace, trade_mode: str) -> ParameterValue:
    """The announcement that opened the mode; raises `UnknownLawError` for a day before it."""
    return trace.value(f"customs.trade_mode.{trade_mode}")
