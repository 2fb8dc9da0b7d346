"""One decision that can be asked: its facts, its outcome, and the production function behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.what_if.fields import JsonSchema, Reading, Record
from app.what_if.sources import Sources
from common.findings import DomainError, Text
from common.law import Decision


@dataclass(frozen=True, slots=True)
class WhatIf:
    """`run` gets the facts as read (decimals, days) and calls the same function that production calls.

    `outcome` is the JSON schema of each key of the outcome.
    """

    name: str
    title: Text
    question: Text
    facts: Record
    run: Callable[[dict[str, Any], Sources], Decision]
    outcome: Mapping[str, JsonSchema]

    def answer(self, raw: Any, sources: Sources) -> Decision:
        """The decision on `raw` facts; raises `DomainError` with every fault of the facts, or as `run` does."""
        reading = Reading(sources.knows)
        facts = self.facts.read(raw, "", reading)
        if facts is None or reading.faults:
            raise DomainError(*reading.faults)
        return self.run(facts, sources)
