"""Who works at the desk, whose checklist it is, and the locked row they work on."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.findings import NotFoundError
from customs.rules.desk import CU5009
from customs.tables import Checklist


@dataclass(frozen=True, slots=True)
class Officer:
    """A customs officer (审单员) or supervisor (主管) with the zones of the office."""

    account_id: int
    name: str
    zones: frozenset[str]
    supervisor: bool = False

    @property
    def actor(self) -> str:
        """How events name the officer."""
        return f"account:{self.account_id}"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who answers for a firm: the account, and the firm's subject id."""

    account_id: int
    name: str
    subject_id: int


def locked(session: Session, officer: Officer, checklist_id: int) -> Checklist:
    """The checklist, locked until the transaction ends and read afresh.

    Raises `NotFoundError` where there is none in the officer's zones; a withdrawn one is none.
    """
    row = session.scalars(
        select(Checklist)
        .where(Checklist.id == checklist_id, Checklist.zone_code.in_(sorted(officer.zones)))
        .where(Checklist.withdrawn_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFoundError(CU5009.at(""))
    return row
