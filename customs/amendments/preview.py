"""What may be done with a checklist now and what a change would cause: one answer for page, API and request."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from common.clock import china_day
from common.findings import DomainError, Finding
from common.law import ParameterValue, law
from common.law.values import Status
from common.money import plain
from customs.amendments import contents
from customs.amendments.situation import situation_of
from customs.rules import amendments as rules
from customs.rules.amendment_findings import ARRIVED_STANDS, REQUEST_PENDING, RETURNS_STAND, UNKNOWN_FIELD
from customs.rules.amendments import Action, Effect
from customs.rules.cancellation import cancel_refusal
from customs.rules.moves import State
from customs.tables import Checklist, ChecklistLine


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field: element, line (None: the head), present value, whether it may be changed, and what that causes."""

    field: str
    line: int | None
    value: str | None
    changeable: bool
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The answer: what the state allows, what stands against it, grounds, fields, and the effects of those asked for.

    `limits` says what a change has to leave of lines whose goods came back or arrived abroad; `law` holds the
    values that were used.
    """

    checklist: Checklist
    lines: Sequence[ChecklistLine]
    actions: tuple[str, ...]
    blocked: tuple[Finding, ...]
    cancel_blocked: tuple[Finding, ...]
    limits: tuple[Finding, ...]
    grounds: tuple[str, ...]
    cancel_grounds: tuple[str, ...]
    proof_needed: bool
    supervisor: bool
    fields: tuple[FieldView, ...]
    effects: tuple[Effect, ...]
    law: tuple[ParameterValue, ...]

    @property
    def unverified(self) -> bool:
        """Whether a value used still waits for its legal text."""
        return any(one.status is Status.UNVERIFIED for one in self.law)

    @property
    def may_change(self) -> bool:
        """Whether a change may begin now."""
        return not self.blocked and Action.NOTHING not in self.actions

    @property
    def requested(self) -> bool:
        """Whether a change is a request that an officer decides."""
        return any(one in rules.REQUESTED for one in self.actions)


def preview(session: Session, row: Checklist, fields: Collection[str] = (), *, at: datetime) -> Preview:
    """What may be done with the checklist at `at`; `fields` names elements whose change is asked about (none: all).

    Raises `DomainError` for a field that does not exist.
    """
    unknown = [one for one in fields if one not in contents.FIELDS]
    if unknown:
        raise DomainError(*(UNKNOWN_FIELD.at("/fields", name=one[:40]) for one in unknown))
    today, now = china_day(at), situation_of(session, row)
    table = rules.actions_in(row.status, law(), today)
    requested = rules.needs_request(row.status, law(), today)
    used = [table]
    grounds: tuple[str, ...] = ()
    cancels: tuple[str, ...] = ()
    if requested:
        used.append(rules.grounds_for(row.status, law(), today))
        grounds = used[-1].codes
        used.append(law().value("customs.amendment.fixed_fields", today))
    if Action.CANCELLATION in table.codes and requested:
        used.append(rules.grounds_for(row.status, law(), today, cancelling=True))
        cancels = used[-1].codes
    lines = contents.stored_lines(session, row.id)
    shown = _fields(row, lines, at)
    wanted = set(fields) or {one.field for one in shown if one.changeable}
    return Preview(
        checklist=row,
        lines=lines,
        actions=table.codes,
        blocked=tuple(rules.blocked(now, law(), today)),
        cancel_blocked=tuple(_cancel_blocked(row, now, table)),
        limits=tuple(_limits(now, lines)),
        grounds=grounds,
        cancel_grounds=cancels,
        proof_needed=any(rules.proof_needed(one, law(), today) for one in (*grounds, *cancels)),
        supervisor=requested and rules.wants_supervisor(row.status, law(), today),
        fields=tuple(one for one in shown if not fields or one.field in wanted),
        effects=tuple(rules.effects_of(wanted, row.status, row.flag, law(), today)),
        law=tuple(used),
    )


def _cancel_blocked(row: Checklist, now: rules.Situation, table: ParameterValue) -> list[Finding]:
    """What stands against a cancellation request."""
    refused = cancel_refusal(
        now.number,
        row.status,
        cancellable=Action.CANCELLATION in table.codes,
        left=now.left,
        pointer="",
    )
    if refused is not None:
        return [refused]
    return [REQUEST_PENDING.at("", number=now.number, pre_no=now.pending)] if now.pending else []


def _limits(now: rules.Situation, lines: Sequence[ChecklistLine]) -> Iterator[Finding]:
    for line in lines:
        returned = now.returned.get(line.gnum)
        if returned is not None:
            said = {"returned": plain(returned.qty), "unit": line.unit, "returns": now.returns_named}
            yield RETURNS_STAND.at("", line=line.gnum, **said)
        arrived = now.arrived.get(line.gnum)
        if arrived is not None:
            yield ARRIVED_STANDS.at("", line=line.gnum, arrived=plain(arrived), unit=line.unit)


def _fields(row: Checklist, lines: Sequence[ChecklistLine], at: datetime) -> list[FieldView]:
    today = china_day(at)
    fixed = rules.fixed_fields(row.status, law(), today)
    possible = (
        row.status not in (State.SENT_BACK,) and Action.NOTHING not in rules.actions_in(row.status, law(), today).codes
    )
    kinds: dict[str, tuple[Effect, ...]] = {}

    def view(field: str, line: int | None, value: str | None) -> FieldView:
        if field not in kinds:
            kinds[field] = tuple(rules.effects_of({field}, row.status, row.flag, law(), today))
        free = possible and (line is not None or field not in fixed) and field != contents.GNUM
        return FieldView(field, line, value, free, kinds[field])

    found = [view(field, None, value) for field, value in contents.head_of(row).items()]
    for number, texts in contents.lines_of(lines).items():
        found += [view(field, number, value) for field, value in texts.items()]
    return found
