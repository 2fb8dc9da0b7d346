"""The trace of a risk tier in the language of the page: every step with its figures and the parameters it used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.i18n import catalogue, listed, said, t
from app.web.rules import unit
from common.law import law
from common.law.zones import zone_defaults


@dataclass(frozen=True, slots=True)
class ShownParameter:
    """A parameter that a step used: name, what it says, value with its unit, and the document behind it.

    `official` marks a document that is named as it is published, in Chinese.
    """

    name: str
    description: str
    value: str
    document: str
    official: bool


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One step of a trace: rule, title, result, the figures it looked at, the parameters with their documents."""

    rule: str
    title: str
    met: bool | None
    inputs: Sequence[tuple[str, str]]
    parameters: Sequence[ShownParameter]


def shown_trace(trace: Sequence[Mapping[str, Any]]) -> list[ShownStep]:
    """The trace in the language of the request: what was found first, then what was not, in the order asked."""
    steps = [
        ShownStep(
            rule=step["rule"],
            title=said(step["title"]),
            met=step["met"],
            inputs=[(_name(key), _written(key, value)) for key, value in step["inputs"].items()],
            parameters=[_parameter(one) for one in step["parameters"]],
        )
        for step in trace
    ]
    return sorted(steps, key=lambda step: step.met is not True)


def _name(key: str) -> str:
    """What a figure is; figures that a later rule adds stand under their key."""
    word = f"desk.figure.{key}"
    return t(word) if word in catalogue() else key


def _written(key: str, value: Any) -> str:
    if isinstance(value, Mapping):
        marked = ((code, listed(t(f"desk.mark.{one}") for one in marks)) for code, marks in value.items())
        return listed(t("words.of", what=code, words=words) for code, words in marked)
    if key == "tier":
        return t(f"tier.{value}")
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return listed(str(one) for one in value) or "—"
    if isinstance(value, bool):
        return t("desk.yes" if value else "desk.no")
    return "—" if value is None else str(value)


def _parameter(one: Mapping[str, Any]) -> ShownParameter:
    setting, legal = zone_defaults().get(one["name"]), law().parameter(one["name"])
    known = setting or legal
    shipped = setting is not None and one["from"] is None
    return ShownParameter(
        name=one["name"],
        description=said(known.description) if known else "",
        value=f"{_plain(one['value'])} {unit(one['unit'])}",
        document=t("risk.shipped") if shipped else f"{one['document']} {one['article']}".strip(),
        official=not shipped,
    )
