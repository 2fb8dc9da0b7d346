"""What the API and the pages of proofs share: who may ask, for whose lines, and the files behind a proof."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from flask import Response
from sqlalchemy.orm import Session

from app.access import Role, person
from app.access.reads import saw
from common import clock
from common.findings import DomainError, NotFoundError
from credit.subjects import SubjectFacts, subjects_by_codes, subjects_by_ids
from customs.proof import Month, Proof, Scope, prove
from customs.proof.checking import proof_of, still_holding
from customs.proof.listing import digest, first_line
from customs.rules.proof import CONSIGNOR_UNKNOWN, MONTH_UNKNOWN
from customs.tables import ProofCheck

ENTERPRISES = (Role.SELLER, Role.AGENT)
OVERSEERS = (Role.CUSTOMS_OFFICER, Role.CUSTOMS_SUPERVISOR, Role.ZONE_MANAGER, Role.AUDITOR)
READERS = (*ENTERPRISES, *OVERSEERS)
CHECKERS = (Role.CUSTOMS_SUPERVISOR, Role.ZONE_MANAGER)
"""Who may have a month proven again at once."""

_ID_DIGITS = 9
"""A number of up to so many digits is a subject's own; customs codes and credit codes are longer."""
_IN_MEMORY = 16 * 1024 * 1024
_BLOCK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Shown:
    """A proof ready to be shown: whose lines, by name where the consignor was asked for, and the listing's digest."""

    proof: Proof
    consignor: SubjectFacts | None
    digest: str
    names: dict[int, SubjectFacts]

    def name(self, subject_id: int) -> str:
        """A subject's name; its number where it is not registered."""
        found = self.names.get(subject_id)
        return found.name if found is not None else f"#{subject_id}"


def asked_month(written: str) -> Month:
    """The month of an address; raises `NotFoundError` with what is wrong."""
    found = Month.parse(written)
    if found is None:
        raise NotFoundError(MONTH_UNKNOWN.at("/month", month=written[:20]))
    return found


def asked_consignor(session: Session, written: str, at: datetime) -> SubjectFacts | None:
    """The consignor asked for by customs code, credit code or platform number; None where none was asked for."""
    if not written:
        return None
    day = clock.china_day(at)
    if written.isascii() and written.isdecimal() and len(written) <= _ID_DIGITS:
        found = subjects_by_ids(session, [int(written)], day).get(int(written))
    else:
        found = subjects_by_codes(session, [written], day).get(written)
    if found is None:
        raise DomainError(CONSIGNOR_UNKNOWN.at("/consignor", consignor=written[:40]))
    return found


def asked_scope(consignor: SubjectFacts | None) -> Scope:
    """The asking person's lines: an enterprise's own, an agency's zones', of the consignor asked for if any."""
    who = person()
    wanted = consignor.id if consignor is not None else None
    if who.enterprise_id is not None:
        return Scope(party_id=who.enterprise_id, consignor_id=wanted)
    return Scope(zones=who.zones, consignor_id=wanted)


def show(session: Session, written_month: str, written_consignor: str, *, live: bool = False) -> Shown:
    """The proof that the asking person wants to see, with every reading of others' data recorded.

    Of a whole zone it is the stored result of the daily check, as of its own time, as long as nothing was written about
    the month since; else, and where `live` is asked for, it is made now.
    """
    at, month = clock.now(), asked_month(written_month)
    consignor = asked_consignor(session, written_consignor, at)
    scope = asked_scope(consignor)
    kept = None if live else _kept(session, month, scope)
    if kept is not None:
        proof, found = proof_of(kept), kept.digest
    else:
        proof, found = prove(session, month, scope, at=at), digest(session, month, scope)
    _saw(proof, consignor)
    ids = {id for part in proof.parts for id in (part.consignor_id, part.declarant_id)}
    return Shown(proof, consignor, found, subjects_by_ids(session, ids, clock.china_day(at)) if ids else {})


def _kept(session: Session, month: Month, scope: Scope) -> ProofCheck | None:
    if scope.zones is None or len(scope.zones) != 1 or scope.consignor_id is not None:
        return None
    return still_holding(session, min(scope.zones), month)


def _saw(proof: Proof, consignor: SubjectFacts | None) -> None:
    for zone in sorted({part.zone_code for part in proof.parts}):
        owners = {id for part in proof.parts for id in (part.consignor_id, part.declarant_id)}
        subject = f"{proof.month}/{consignor.id}" if consignor is not None else f"{proof.month}"
        saw("proof", f"{subject}/{zone}", zone_code=zone, owners=owners)


def listing_file(session: Session, written_month: str, written_consignor: str) -> Response:
    """The CSV of every line: its first line names the digest of the rest."""
    at, month = clock.now(), asked_month(written_month)
    consignor = asked_consignor(session, written_consignor, at)
    scope = asked_scope(consignor)
    spool: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by the response
    found = digest(session, month, scope, spool.write)
    spool.seek(0)
    for zone in sorted(scope.zones or ()):
        saw("proof", f"{month}/lines/{zone}", zone_code=zone, owners=())
    answer = Response(_read(spool, first_line(month, found)), mimetype="text/csv")
    answer.call_on_close(spool.close)
    answer.headers["X-Content-SHA256"] = found
    return named(answer, f"proof-{month}.csv")


def named(answer: Response, name: str) -> Response:
    """The answer as a file to keep."""
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _read(spool: IO[bytes], first: bytes) -> Iterator[bytes]:
    yield first
    while block := spool.read(_BLOCK):
        yield block
