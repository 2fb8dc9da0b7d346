"""The catalogue of rules and parameters, for everybody; trying a decision, for everybody signed in.

`/rules` lists finding rules, conditions of decisions, law, zone settings and who may file; `/rules/<number>` and
`/rules/parameters/<name>` show one with its history; `/rules/decisions/<name>` asks a decision with facts of one's own
(the same function as `POST /api/v1/what-if/<decision>`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import catalogue
from app.access import allow_everyone, allow_signed_in, person
from app.catalogue import Wanted
from app.i18n import catalogue as texts
from app.i18n import lang, listed, t
from app.session import unit_of_work
from app.web.admin_codes import asked_day
from app.what_if.fields import Choice, Code, Day, Field, Number, YesNo, flat
from app.what_if.registry import DECISIONS, what_if
from app.what_if.sources import districts, sources
from common import clock
from common.findings import BOOK, DomainError, Finding, NotFoundError, rule
from common.law import DECISION_STEPS, Decision, ParameterValue, law
from common.law.tables import ZoneParameterRow
from common.law.values import Value
from common.law.zones import zone_defaults
from credit.shipped import shipped_zones
from customs.codes import Codes, codes_snapshot
from customs.rules.amendments import ACTION_NAMES, WHY
from customs.rules.filing import FILERS, MESSAGE_NAMES
from customs.rules.risk.factor import DECISION as RISK

blueprint = Blueprint("rules", __name__, url_prefix="/rules")

KINDS = ("findings", "steps", "parameters", "settings", "filing", "changes", "decisions")
MOST_WORDS = 100

SY0320 = rule(
    "SY0320",
    title=("目录中没有此项", "Not in the catalogue"),
    say=(
        "规则目录中没有“{name}”。请核对编号，或在目录中查找。",
        "The catalogue has no “{name}”. Check the number, or look it up in the catalogue.",
    ),
    basis="平台接口约定",
)


@blueprint.get("")
@allow_everyone
def index() -> str:
    """One kind of entries, filtered by domain and words; parameters with their values on a day."""
    kind = request.args.get("kind", KINDS[0])
    wanted = _wanted()
    listed: dict[str, Sequence[Any]] = {
        "findings": catalogue.findings(wanted),
        "steps": catalogue.steps(wanted),
        "parameters": catalogue.parameters(wanted),
        "settings": catalogue.settings(wanted),
    }
    return render_template(
        "rules/index.html",
        kind=kind if kind in listed else KINDS[0],
        listed=listed,
        wanted=wanted,
        on=asked_day() or clock.today(),
        show=_show(None),
    )


@blueprint.get("/filing")
@allow_everyone
def filing() -> str:
    """Who may file which message, by date."""
    return render_template(
        "rules/filing.html", rows=catalogue.filing_rows(), filers=FILERS, messages=MESSAGE_NAMES, on=clock.today()
    )


@blueprint.get("/changes")
@allow_everyone
def changes() -> str:
    """What may be changed or cancelled in which state of a checklist, by date."""
    return render_template(
        "rules/changes.html", rows=catalogue.state_rows(), actions=ACTION_NAMES, why=WHY, on=clock.today()
    )


@blueprint.get("/<id>")
@allow_everyone
def show(id: str) -> str:
    """One rule by its number: what is checked, what is said, what it rests on."""
    catalogue.load_rules()
    finding, step = BOOK.rules.get(id), DECISION_STEPS.get(id)
    if step is not None and step.decision == RISK and not _sees_risk():
        step = None
    if finding is None and step is None:
        raise NotFoundError(SY0320.at("", name=id[:40]))
    return render_template(
        "rules/rule.html",
        finding=finding,
        step=step,
        say=catalogue.sentence(finding.say) if finding else None,
        parameters=catalogue.parameters_of(id) if step else [],
        asks=step is not None and step.decision in DECISIONS,
    )


@blueprint.get("/parameters/<name>")
@allow_everyone
def parameter(name: str) -> str:
    """One parameter of the law, or one zone setting, with its whole history."""
    found = law().parameter(name)
    if found is None:
        return _setting(name)
    with unit_of_work() as session:
        said = _show(codes_snapshot(session) if found.unit == _DISTRICTS else None)
    return render_template(
        "rules/parameter.html",
        parameter=found,
        values=list(reversed(found.values)),
        show=said,
        steps=catalogue.steps_of(name),
        on=clock.today(),
    )


def _setting(name: str) -> str:
    default = zone_defaults().get(name)
    if default is None or (catalogue.guarded(name) and not _sees_risk()):
        raise NotFoundError(SY0320.at("", name=name[:40]))
    with unit_of_work() as session:
        rows = _setting_rows(session, name)
    return render_template("rules/setting.html", setting=default, rows=rows, show=_show(None), steps=_seen_steps(name))


def _setting_rows(session: Session, name: str) -> Sequence[ZoneParameterRow]:
    """What zones have set, newest first; a zone's own settings are seen by those who see the zone."""
    asking = person()
    zones = set(asking.zones) | {asking.zone_code} - {None}
    rows = session.scalars(
        select(ZoneParameterRow)
        .where(ZoneParameterRow.name == name)
        .order_by(ZoneParameterRow.valid_from.desc(), ZoneParameterRow.id.desc())
    )
    return [one for one in rows if one.zone_code is None or one.zone_code in zones]


def _seen_steps(name: str) -> list[Any]:
    return [one for one in catalogue.steps_of(name) if one.decision != RISK or _sees_risk()]


@blueprint.get("/decisions")
@allow_everyone
def decisions() -> str:
    """The decisions that can be asked with facts of one's own."""
    return render_template("rules/decisions.html", decisions=list(DECISIONS.values()))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form held, the decision, or what has to change in the facts."""

    given: dict[str, str]
    decision: Decision | None = None
    findings: Sequence[Finding] = ()


@blueprint.get("/decisions/<name>")
@allow_signed_in
def decision(name: str) -> str:
    """Ask a decision: a form of its facts, the outcome and the trace; a link to the page keeps the facts."""
    asked = what_if(name)
    fields = flat(asked.facts)
    with unit_of_work() as session:
        codes = codes_snapshot(session)
    return render_template(
        "rules/decision.html",
        asked=asked,
        fields=fields or (),
        options_of=lambda one: _options(one, codes),
        is_day=lambda one: isinstance(one.kind, Day),
        is_number=lambda one: isinstance(one.kind, Number),
        result=_ask(name, fields) if fields and request.args.get("ask") else Asked({}),
        show=_show(None),
        today=clock.today(),
    )


def _ask(name: str, fields: Sequence[Field]) -> Asked:
    given = {one.name: request.args.get(one.name, "").strip() for one in fields}
    facts = {one.name: _fact(one, given[one.name]) for one in fields if given[one.name] or one.nullable}
    try:
        with unit_of_work() as session:
            return Asked(given, what_if(name).answer(facts, sources(session)))
    except DomainError as error:
        return Asked(given, findings=error.findings)


def _fact(field: Field, written: str) -> Any:
    """What a form's text stands for in JSON."""
    if isinstance(field.kind, YesNo):
        return written == "true"
    return None if field.nullable and not written else written


def _options(field: Field, codes: Codes) -> list[tuple[str, str]]:
    """What a form lets choose from, as (code, text); nothing for a field that is written."""
    if isinstance(field.kind, Choice):
        return [(one, one) for one in field.kind.options]
    if isinstance(field.kind, YesNo):
        return [("false", t("rules.no")), ("true", t("rules.yes"))]
    if isinstance(field.kind, Code) and field.kind.table in _LISTED:
        empty = [("", "—")]
        return empty + [(one, _LISTED[field.kind.table](one, codes)) for one in sorted(_codes_of(field.kind.table))]
    return []


def _codes_of(table: str) -> Iterable[str]:
    return shipped_zones() if table == "zone" else districts(law())


_LISTED: dict[str, Callable[[str, Codes], str]] = {
    "zone": lambda code, _: t(f"zone.{code}"),
    "district": lambda code, codes: f"{code} {codes.name('customs_office', f'{code}00', lang())}",
}
"""Short code tables that a form offers whole."""


def _wanted() -> Wanted:
    domain = request.args.get("domain", "")
    return Wanted(
        domain if domain in catalogue.DOMAINS else "", request.args.get("q", "").strip()[:MOST_WORDS], _sees_risk()
    )


def _sees_risk() -> bool:
    return person().role in catalogue.MAY_SEE_RISK


_DISTRICTS = "district codes"


def _show(codes: Codes | None) -> Callable[[Any], str]:
    """How pages write a parameter's value, a fact or an outcome; with the names of districts where `codes` is given."""

    def show_value(value: Value | ParameterValue | date | None) -> str:
        if isinstance(value, ParameterValue):
            return show_value(value.value)
        if isinstance(value, bool):
            return t("rules.yes") if value else t("rules.no")
        if isinstance(value, tuple | list):
            return listed(_word(str(one), codes) for one in value) or t("rules.nothing")
        if isinstance(value, Decimal):
            return f"{value:f}"
        return "—" if value is None or value == "" else str(value)

    return show_value


def _word(word: str, codes: Codes | None) -> str:
    if codes is not None and word.isdigit():
        return f"{word} {codes.name('customs_office', f'{word}00', lang())}"
    known = f"rules.word.{word}"
    return t(known) if known in texts() else word


@blueprint.app_template_filter("unit")
def unit(word: str) -> str:
    """A parameter's unit in the language of the page; units without a text of their own are shown as written."""
    known = f"rules.unit.{word}"
    return t(known) if known in texts() else word


@blueprint.app_template_filter("decision_name")
def decision_name(name: str) -> str:
    """A decision's name in the language of the page."""
    if name in DECISIONS:
        title = DECISIONS[name].title
        return title.zh if lang() == "zh" else title.en
    known = f"rules.decision.{name}"
    return t(known) if known in texts() else name
