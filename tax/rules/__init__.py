"""The tax decisions: pure functions of facts, law and a day.

`STEP_PARAMETERS` says which parameters each step may show.
"""

from __future__ import annotations

from collections.abc import Mapping

from tax.rules import return_relief as _return_relief
from tax.rules.return_relief import REASONS, ReliefFacts, is_food, return_relief

__all__ = ["REASONS", "STEP_PARAMETERS", "ReliefFacts", "is_food", "return_relief"]

STEP_PARAMETERS: Mapping[str, tuple[str, ...]] = {**_return_relief.STEP_PARAMETERS}
"""Names of the parameters that each step rests on."""
