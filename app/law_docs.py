"""The files of `docs/rules/`: the catalogue as Markdown, one file per kind and domain, in a fixed order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from app import catalogue
from app.catalogue import DOMAINS, Wanted
from app.what_if.registry import DECISIONS
from common.findings import FindingRule, Severity, Text
from common.law import Parameter, ParameterValue, StepRule
from common.law.values import wire
from common.law.zones import ZoneDefault
from customs.rules.filing import MESSAGE_NAMES

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "rules"

NAMES = {
    "customs": Text("海关", "Customs"),
    "tax": Text("税务", "Tax"),
    "forex": Text("外汇", "Forex"),
    "credit": Text("信用与主体", "Credit and subjects"),
    "platform": Text("平台", "Platform"),
}
_MADE = "Made by `flask law docs` from the rules and parameters that the platform works with. Do not edit."
_EFFECT = {Severity.ERROR: "refuses", Severity.WARNING: "warns"}


def pages() -> dict[str, str]:
    """Every file of the folder by name."""
    catalogue.load_rules()
    found = {"who-may-file.md": _filing(), "decisions.md": _decisions()}
    for domain in DOMAINS:
        wanted = Wanted(domain=domain, risk=True)
        for kind, title, lines in (
            ("findings", "checks", _findings(catalogue.findings(wanted))),
            ("steps", "conditions of decisions", _steps(catalogue.steps(wanted))),
            ("parameters", "law", _parameters(catalogue.parameters(wanted))),
            ("settings", "what zones may set", _settings(catalogue.settings(wanted))),
        ):
            body = "\n".join(lines)
            if body:
                found[f"{domain}-{kind}.md"] = _page(f"{NAMES[domain].en}: {title}", body)
    return {"README.md": _contents(found), **found}


def _page(title: str, body: str) -> str:
    return f"# {title}\n\n{_MADE}\n\n{body}\n"


def _contents(found: Iterable[str]) -> str:
    return _page("Catalogue of rules", "\n".join(f"- [{name.removesuffix('.md')}]({name})" for name in sorted(found)))


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _head(*cells: str) -> Iterator[str]:
    yield _row(*cells)
    yield _row(*("---" for _ in cells))


def _findings(rules: Sequence[FindingRule]) -> Iterator[str]:
    if not rules:
        return
    yield from _head("no.", "中文", "English", "effect", "basis", "since")
    for one in rules:
        say = catalogue.sentence(one.say)
        yield _row(
            one.id,
            f"**{one.title.zh}** {say.zh}",
            f"**{one.title.en}** {say.en}",
            f"{_EFFECT[one.severity]} ({one.kind})",
            one.basis,
            one.since.isoformat(),
        )


def _steps(rules: Sequence[StepRule]) -> Iterator[str]:
    if not rules:
        return
    yield from _head("no.", "decision", "中文", "English", "rests on", "basis")
    for one in rules:
        asked = ", ".join(f"`{name}`" for name in catalogue.parameters_of(one.id))
        yield _row(one.id, f"`{one.decision}`", one.title.zh, one.title.en, asked or "facts alone", one.basis)


def _parameters(parameters: Sequence[Parameter]) -> Iterator[str]:
    for one in parameters:
        yield f"## `{one.name}`\n\n{one.description.zh}  \n{one.description.en} ({one.type}, {one.unit})\n"
        yield from _head("from", "to", "value", "document, article", "status", "note")
        yield from (_value(value) for value in one.values)
        yield ""


def _value(value: ParameterValue) -> str:
    note = f"{value.note.zh} {value.note.en}" if value.note else ""
    return _row(
        _day(value.start), _day(value.end), shown(value), f"{value.document} {value.article}", value.status.value, note
    )


def _day(day: object) -> str:
    return "" if day is None else str(day)


def shown(value: ParameterValue) -> str:
    """A value as text; lists by comma, an empty list as a dash."""
    plain = wire(value.value)
    if isinstance(plain, list):
        return ", ".join(plain) or "–"
    return str(plain).lower() if isinstance(plain, bool) else str(plain)


def _settings(settings: Sequence[ZoneDefault]) -> Iterator[str]:
    if not settings:
        return
    yield from _head("setting", "中文", "English", "default", "unit", "basis")
    for one in settings:
        yield _row(
            f"`{one.name}`", one.description.zh, one.description.en, shown(one.value), one.unit, one.value.document
        )


def _filing() -> str:
    lines = list(_head("message", "who may file", "from", "to", "document, article", "status"))
    for row in catalogue.filing_rows():
        for value in row.parameter.values:
            who = "; ".join(f"{one.zh} ({one.en})" for one in catalogue.filers(value.codes))
            name = MESSAGE_NAMES[row.message]
            until, document = _day(value.end), f"{value.document} {value.article}"
            message = f"{row.message} {name.zh} ({name.en})"
            lines.append(_row(message, who, _day(value.start), until, document, value.status.value))
    return _page("Who may file what", "\n".join(lines))


def _decisions() -> str:
    lines = list(_head("decision", "question", "facts", "outcome"))
    for one in DECISIONS.values():
        facts = ", ".join(f"`{field.name}{'' if field.required else '?'}`" for field in one.facts.fields)
        lines.append(_row(f"`{one.name}`", f"{one.question.zh} {one.question.en}", facts, ", ".join(one.outcome)))
    return _page("Decisions to ask: POST /api/v1/what-if/…", "\n".join(lines))
