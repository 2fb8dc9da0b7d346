"""All decisions that can be asked, by name: the one place where a domain's decisions are added."""

from __future__ import annotations

from app.what_if import customs, tax
from app.what_if.decision import WhatIf
from app.what_if.faults import UnknownDecisionError

_BY_DOMAIN = (customs.DECISIONS, tax.DECISIONS)

DECISIONS: dict[str, WhatIf] = {one.name: one for decisions in _BY_DOMAIN for one in decisions}
"""By name, in the order in which pages list them."""


def what_if(name: str) -> WhatIf:
    """The decision of that name; raises `UnknownDecisionError` naming those there are."""
    found = DECISIONS.get(name)
    if found is None:
        raise UnknownDecisionError(name, list(DECISIONS))
    return found
