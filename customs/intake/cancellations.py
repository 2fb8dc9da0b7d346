"""Cancellation requests (CEB605): from checked documents to rows, events and moves.

A checklist that is only stored is cancelled at once; from document review on the request waits for an officer
(`customs.movement.cancelling`). Where customs' own system decides the checklist, the request goes out to it in every
state and only its answer (606) decides.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, text

from common.clock import china_day
from common.findings import Finding
from common.law import law
from customs.amendments import shut_outs
from customs.amendments.filing import ground_of, known_day
from customs.amendments.mandates import passed_on
from customs.amendments.situation import amending
from customs.intake.batch import Batch, Filed
from customs.intake.papers import DELETE, Held, Judge, change_row, common, is_draft, note, with_customs
from customs.movement.cancelling import (
    APPROVED,
    PENDING,
    WITHDRAWN,
    Target,
    by_numbers,
    cancelling_step,
    free_papers,
    refusal_of,
)
from customs.movement.papers import placed
from customs.rules import cancellation as cancel_rules
from customs.rules import movement as rules
from customs.rules.amendment_findings import REQUEST_PENDING
from customs.rules.amendments import ground_fault, known_day_faults
from customs.rules.cancellation import OUTCOMES, needs_officer
from customs.rules.intake import NOT_FOUND
from customs.rules.moves import Cause, State
from customs.tables import Cancellation

KIND, DRAFT = "cancellation", "draft"
Key = tuple[int, str]
"""(declarant's id, copNo)."""

_STORED = text(
    "SELECT k.owner_id, k.cop_no, c.id, c.status, c.app_time, c.pre_no, c.checklist_id, c.outcome FROM "
    "unnest(CAST(:owners AS bigint[]), CAST(:numbers AS text[])) AS w(owner_id, cop_no) "
    "JOIN movement_key AS k ON k.kind = 'cancellation' AND k.owner_id = w.owner_id AND k.cop_no = w.cop_no "
    "JOIN cancellation AS c ON c.id = k.paper_id"
)
_CLAIM = text(
    "INSERT INTO movement_key (kind, owner_id, cop_no, msg_seq_no, msg_count, paper_id) "
    "VALUES ('cancellation', :owner, :number, 1, 1, :id)"
)
_RELEASE = text("DELETE FROM movement_key WHERE kind = 'cancellation' AND paper_id = :id")


def take(batch: Batch) -> None:
    """Take in the batch's open documents."""
    documents = placed(batch)
    if documents:
        _Requests(batch, documents).work()


class _Requests:
    """The requests of one batch: their checklists locked, what was filed before read."""

    def __init__(self, batch: Batch, documents: Sequence[Filed]) -> None:
        self.batch, self.documents = batch, documents
        self.keys: dict[int, Key] = {
            one.doc.index: (one.parties["declarant"].id, one.head("copNo")) for one in documents
        }
        self.targets = by_numbers(
            batch.session,
            {one.head("invtNo") for one in documents},
            also=[f"{KIND}:{owner}:{number}" for owner, number in self.keys.values()],
        )
        self.stored: dict[Key, Held] = {}
        self.outcomes: dict[int, str] = {}
        self.passed: dict[tuple[int, int], bool] = {}
        self._read()
        self.pending = self._pending()
        self.amending = amending(batch.session, [target.id for target in self.targets.values()])

    def _read(self) -> None:
        asked = sorted(set(self.keys.values()))
        for row in self.batch.session.execute(
            _STORED, {"owners": [key[0] for key in asked], "numbers": [key[1] for key in asked]}
        ):
            held = Held(row.id, row.status, row.app_time, row.pre_no, None, row.checklist_id)
            self.stored[row.owner_id, row.cop_no] = held
            self.outcomes[row.id] = row.outcome

    def _pending(self) -> dict[int, tuple[int | None, str]]:
        """(request's id, its preNo) by checklist, where a request is being decided."""
        ids = [target.id for target in self.targets.values()]
        query = select(Cancellation.checklist_id, Cancellation.id, Cancellation.pre_no).where(
            Cancellation.checklist_id.in_(ids), Cancellation.outcome == PENDING
        )
        return {row[0]: (row[1], row[2]) for row in self.batch.session.execute(query)}

    def work(self) -> None:
        """Judge each document and do what it asks."""
        judge = Judge(rules.PAPERS[KIND], self.batch, "copNo")
        ids = iter(self.batch.ids(len(self.documents)))
        for one in self.documents:
            held = self.stored.get(self.keys[one.doc.index])
            verdict = judge.verdict(one, self.keys[one.doc.index], held)
            if verdict is None:
                continue
            target = self._target(one)
            one.findings += self._faults(one, verdict, held, target)
            if not one.ok or target is None:
                continue
            one.id = held.id if held else next(ids)
            if verdict == DELETE:
                self._withdraw(one)
            else:
                self._file(one, held, target)

    def _target(self, one: Filed) -> Target | None:
        """The checklist, where it is the declarant's own, or has passed to its consignor with an ended mandate."""
        target = self.targets.get(one.head("invtNo"))
        if target is None or target.facts["declarant_id"] == one.parties["declarant"].id:
            return target
        pair = (target.facts["consignor_id"], target.facts["declarant_id"])
        if pair[0] != one.parties["consignor"].id:
            return None
        if pair not in self.passed:
            self.passed[pair] = passed_on(self.batch.session, *pair, at=self.batch.at)
        return target if self.passed[pair] else None

    def _faults(self, one: Filed, verdict: str, held: Held | None, target: Target | None) -> list[Finding]:
        number = one.head("invtNo")
        if target is None:
            return [cancel_rules.NO_SUCH_CHECKLIST.at(one.at_head("invtNo"), number=number)]
        if held is not None:
            fault = self._held_fault(one, held, target)
            if fault is not None or verdict == DELETE:
                return [fault] if fault else []
        found = []
        if target.facts["customs_code"] != one.head("customsCode"):
            found.append(
                cancel_rules.CANCEL_OTHER_OFFICE.at(
                    one.at_head("customsCode"),
                    number=number,
                    expected=target.facts["customs_code"],
                    office=one.head("customsCode"),
                )
            )
        if target.facts["consignor_id"] != one.parties["consignor"].id:
            found.append(cancel_rules.CANCEL_OTHER_CONSIGNOR.at(one.at_head("ebcCode"), number=number))
        return found + self._state_faults(one, held, target)

    def _held_fault(self, one: Filed, held: Held, target: Target) -> Finding | None:
        """A request may be changed or taken back until it is decided, and stays about the same checklist."""
        if held.checklist_id != target.id:
            return NOT_FOUND.at(one.at_head("copNo"), what=rules.PAPERS[KIND], number=one.head("copNo"))
        outcome = self.outcomes[held.id]
        if outcome in (PENDING, DRAFT):
            with_customs(self.batch.session, one, "copNo", KIND, held)
            return None
        words = OUTCOMES[outcome]
        return cancel_rules.CANCEL_DECIDED.at(one.at_head("copNo"), outcome_zh=words.zh, outcome_en=words.en)

    def _state_faults(self, one: Filed, held: Held | None, target: Target) -> list[Finding]:
        waiting = self.pending.get(target.id)
        if waiting is not None and (held is None or waiting[0] != held.id):
            return [cancel_rules.CANCEL_PENDING.at(one.at_head("invtNo"), number=one.head("invtNo"), pre_no=waiting[1])]
        other = self.amending.get(target.id)
        if other is not None:
            return [REQUEST_PENDING.at(one.at_head("invtNo"), number=one.head("invtNo"), pre_no=other)]
        refused = refusal_of(one.head("invtNo"), target, self.batch.at, one.at_head("invtNo"))
        return [refused] if refused else self._ground_faults(one, target)

    def _ground_faults(self, one: Filed, target: Target) -> list[Finding]:
        """A ground is one of the list, and a shut-out is asked for in its days."""
        where, today = f"/{one.spec.element}/{one.doc.index}", china_day(self.batch.at)
        ground, known_on = ground_of(one), known_day(self.batch, one)
        wrong = ground_fault(ground, target.status, law(), today, cancelling=True, pointer=f"{where}/ground")
        declared = china_day(target.facts["app_time"])
        late = known_day_faults(ground, known_on, declared, today, law(), pointer=f"{where}/known_on")
        return [*([wrong] if wrong else []), *late]

    def _file(self, one: Filed, held: Held | None, target: Target) -> None:
        """Keep the request; carry it out where nobody needs to decide."""
        assert one.id is not None
        at_once = not is_draft(one) and target.here and not needs_officer(target.status, held=target.held)
        outcome = DRAFT if is_draft(one) else APPROVED if at_once else PENDING
        waiting = State.STORED if target.here else State.DECLARED
        state = State.DRAFT if is_draft(one) else State.CONCLUDED if at_once else waiting
        values = self._contents(one, target) | {
            "outcome": outcome,
            "decided_at": self.batch.at if at_once else None,
        }
        was_filed = held is not None and held.status != State.DRAFT
        if held is not None:
            header = {"message_id": self.batch.message_id, "guid": one.head("guid"), "app_time": one.app_time}
            changed = change_row(self.batch.session, Cancellation, held.id, header | values | {"status": state})
        else:
            row = common(self.batch, one, one.zone_code or self.batch.sender_zone)
            self.batch.add(KIND, row | values | {"status": state})
            owner, number = self.keys[one.doc.index]
            self.batch.session.execute(_CLAIM, {"owner": owner, "number": number, "id": one.id})
            changed = {}
        if was_filed:
            note(self.batch, one, kind="cancellation.changed", subject_type=KIND, state=state, changed=changed)
        else:
            self.batch.accept(one, kind="cancellation.accepted", subject_type=KIND, state=state, checklist_id=target.id)
        if not is_draft(one):
            self.pending[target.id] = (one.id, one.pre_no)
            if not target.here:
                self.batch.outgoing.add((KIND, one.id))
        self._shut_out(one, target, outcome)
        if at_once:
            step = cancelling_step(Cause.RULE, cancel_rules.CANCELLED, one.head("reason"))
            self.batch.walks.append((target.moving, [step]))
            free_papers(self.batch.session, [target.id], at=self.batch.at)

    def _shut_out(self, one: Filed, target: Target, outcome: str) -> None:
        """Let a shut-out follow its request: opened, dropped with another ground, or withdrawn."""
        session, at = self.batch.session, self.batch.at
        row = Cancellation(id=one.id, checklist_id=target.id, ground=ground_of(one), sender_id=self.batch.sender.id)
        row.outcome = outcome
        if outcome == PENDING:
            shut_outs.dropped(session, row, at=at)
            shut_outs.request(session, row, shut_outs.goods_of(session, target.id), at=at)
        elif outcome == WITHDRAWN:
            shut_outs.decided(session, row, actor=f"subject:{self.batch.sender.id}", source="party", at=at)

    def _withdraw(self, one: Filed) -> None:
        """Take the request back; its number is free again."""
        assert one.id is not None
        values = {
            "message_id": self.batch.message_id,
            "app_time": one.app_time,
            "outcome": WITHDRAWN,
            "withdrawn_at": self.batch.at,
        }
        change_row(self.batch.session, Cancellation, one.id, values)
        self.batch.session.execute(_RELEASE, {"id": one.id})
        note(self.batch, one, kind="cancellation.withdrawn", subject_type=KIND, state=State.CONCLUDED)
        target = self._target(one)
        if target is not None:
            self.pending.pop(target.id, None)
            self._shut_out(one, target, WITHDRAWN)

    def _contents(self, one: Filed, target: Target) -> dict[str, object]:
        return {
            "customs_code": one.head("customsCode"),
            "cop_no": one.head("copNo"),
            "invt_no": one.head("invtNo"),
            "reason": one.head("reason"),
            "ground": ground_of(one),
            "known_on": known_day(self.batch, one),
            "declarant_id": one.parties["declarant"].id,
            "agent_code": one.head("agentCode"),
            "agent_name": one.head("agentName"),
            "consignor_id": one.parties["consignor"].id,
            "ebc_code": one.head("ebcCode"),
            "ebc_name": one.head("ebcName"),
            "checklist_id": target.id,
            "checklist_status": target.status,
        }
