"""The catalogue of rules and parameters: what pages and `docs/rules/` are made from, taken from the same objects.

Finding rules (what is checked and what is said), step rules (the conditions of decisions), law (dated parameters) and
what zones may set. What a risk tier looks at is shown to those only who do not file: it would help evasion.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from string import Formatter

from app.access import Role
from common.findings import BOOK, FindingRule, Text
from common.law import DECISION_STEPS, Parameter, ParameterValue, StepRule, law
from common.law.zones import ZoneDefault, zone_defaults
from customs.rules import decisions
from customs.rules.filing import FILERS
from customs.rules.moves import State
from customs.rules.risk import factor, tiering
from tax import rules as tax_rules

PACKAGES = ("common", "credit", "customs", "tax", "forex", "app")
APART = ("app.tasks", "app.supervise", "app.cli")
"""Programs of their own, which declare no rules; importing them would start something."""

DOMAINS = ("customs", "tax", "forex", "credit", "platform")
_PREFIXES = {"CU": "customs", "TX": "tax", "FX": "forex", "CR": "credit", "SY": "platform"}
_GUARDED = "customs.risk."
MAY_SEE_RISK = frozenset({Role.CUSTOMS_OFFICER, Role.CUSTOMS_SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR})


@lru_cache(maxsize=1)
def load_rules() -> None:
    """Import every module that may declare rules, so that the catalogue is whole whatever has run before."""
    for name in PACKAGES:
        for module in _modules(name):
            import_module(module)


def _modules(package: str) -> Iterator[str]:
    for found in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
        if found.name not in APART:
            yield found.name
            if found.ispkg:
                yield from _modules(found.name)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the catalogue is asked for: a domain and words (empty: all); `risk`: whether risk tiering is shown."""

    domain: str = ""
    words: str = ""
    risk: bool = False

    def fits(self, domain: str, texts: Iterable[str]) -> bool:
        """Whether something of `domain` whose texts these are is asked for; every word must occur."""
        if self.domain and domain != self.domain:
            return False
        text = " ".join(texts).casefold()
        return all(word in text for word in self.words.casefold().split())


def domain_of_rule(id: str) -> str:
    """The domain by the letters of the number."""
    return _PREFIXES[id[:2]]


def domain_of_parameter(name: str) -> str:
    """The domain by the first word of the name."""
    first = name.partition(".")[0]
    return "platform" if first == "common" else first


def findings(wanted: Wanted) -> list[FindingRule]:
    """The finding rules asked for, by number."""
    load_rules()
    found = (BOOK.rules[id] for id in sorted(BOOK.rules))
    return [
        one
        for one in found
        if wanted.fits(domain_of_rule(one.id), (one.id, one.title.zh, one.title.en, one.say.zh, one.say.en, one.basis))
    ]


def steps(wanted: Wanted) -> list[StepRule]:
    """The step rules asked for, by number."""
    load_rules()
    found = (DECISION_STEPS[id] for id in sorted(DECISION_STEPS))
    return [
        one
        for one in found
        if (wanted.risk or one.decision != factor.DECISION)
        and wanted.fits(domain_of_rule(one.id), (one.id, one.decision, one.title.zh, one.title.en, one.basis))
    ]


def parameters(wanted: Wanted) -> list[Parameter]:
    """The parameters of the law asked for, by name."""
    return [one for one in law().parameters() if wanted.fits(domain_of_parameter(one.name), _parameter_texts(one))]


def _parameter_texts(one: Parameter) -> Iterator[str]:
    yield from (one.name, one.description.zh, one.description.en)
    for value in one.values:
        yield from (value.document, value.article)


def settings(wanted: Wanted) -> list[ZoneDefault]:
    """What zones may set, by name."""
    defaults = zone_defaults()
    return [
        one
        for one in (defaults[name] for name in sorted(defaults))
        if (wanted.risk or not guarded(one.name))
        and wanted.fits(domain_of_parameter(one.name), (one.name, one.description.zh, one.description.en))
    ]


def guarded(name: str) -> bool:
    """Whether a zone setting says how risk tiers are found."""
    return name.startswith(_GUARDED)


def step_parameters() -> Mapping[str, tuple[str, ...]]:
    """Names of the parameters that each step rests on; a name ending in `.*` stands for all directly below."""
    return {**decisions.STEP_PARAMETERS, **tiering.STEP_PARAMETERS, **tax_rules.STEP_PARAMETERS}


def parameters_of(step: str) -> list[str]:
    """The names of the parameters that a step rests on, spelled out."""
    known = [*(one.name for one in law().parameters()), *zone_defaults()]
    asked = step_parameters().get(step, ())
    return [name for pattern in asked for name in known if stands_for(pattern, name)]


def steps_of(parameter: str) -> list[StepRule]:
    """The steps that rest on a parameter, by number."""
    load_rules()
    found = (id for id, names in step_parameters().items() if any(stands_for(one, parameter) for one in names))
    return [DECISION_STEPS[id] for id in sorted(found)]


def stands_for(pattern: str, name: str) -> bool:
    """Whether a name, or one ending in `.*`, means this parameter."""
    return pattern == name or (pattern.endswith(".*") and pattern[:-2] == name.rpartition(".")[0])


@dataclass(frozen=True, slots=True)
class FilingRow:
    """Who may file one message type in one period."""

    message: str
    parameter: Parameter


def filing_rows() -> list[FilingRow]:
    """The table of filing rights by message type."""
    prefix = "customs.filing_rights."
    return [
        FilingRow(one.name.removeprefix(prefix).upper(), one)
        for one in law().parameters()
        if one.name.startswith(prefix)
    ]


def filers(codes: Iterable[str]) -> list[Text]:
    """The filers that a row of the table names."""
    return [FILERS[code] for code in codes]


def sentence(say: Text) -> Text:
    """What a rule says, with an ellipsis where the facts of the case stand."""
    return Text(_blank(say.zh), _blank(say.en))


def _blank(pattern: str) -> str:
    pieces = []
    for literal, fact, _, _ in Formatter().parse(pattern):
        pieces.append(literal)
        if fact is not None:
            pieces.append("…")
    return "".join(pieces)


@dataclass(frozen=True, slots=True)
class StateRow:
    """What a state of a checklist allows from a day on: one row of the table of changes by state."""

    state: str
    value: ParameterValue


def state_rows() -> list[StateRow]:
    """The table of changes by state, in the order of the states' codes, newest value first."""
    found = []
    for state in State:
        parameter = law().parameter(f"customs.amendment.states.{state}")
        found += [StateRow(state, value) for value in reversed(parameter.values)] if parameter else []
    return found
