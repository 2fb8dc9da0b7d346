"""A hand-made batch of movement papers: documents that passed reading, checks and filing rights."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from common.audit import set_context
from common.clock import china_day
from credit.registering import NewSubject, register_subject
from credit.shipped import load_zones
from credit.subjects import SubjectFacts, subjects_by_ids
from credit.zones import set_site
from customs.intake.batch import Batch, Filed
from customs.messages.document import ReadDocument
from customs.messages.fields import MESSAGES
from customs.tables import Parcel
from tests.credit.codes import uscc_of
from tests.customs.stored import AT, stored_checklist

START = date(2024, 1, 1)
ROLES = {
    "ebcCode": "consignor",
    "agentCode": "declarant",
    "logisticsCode": "carrier",
    "operatorCode": "operator",
}


@dataclass
class Firms:
    """Registered firms: a site operator (5190/519001), another one (5198), a carrier, a declarant, sellers."""

    operator: SubjectFacts
    other_operator: SubjectFacts
    carrier: SubjectFacts
    declarant: SubjectFacts
    other_declarant: SubjectFacts
    seller: SubjectFacts

    def by_code(self):
        return {one.customs_code: one for one in vars(self).values()}


def firms(session):
    """The zones that ship, firms, and their sites."""
    set_context(session, actor="account:7", at=AT)
    load_zones(session, at=AT)
    wanted = {
        "operator": ("operator",),
        "other_operator": ("operator",),
        "carrier": ("logistics",),
        "declarant": ("agent",),
        "other_declarant": ("agent",),
        "seller": ("seller",),
    }
    ids = {}
    for number, (name, roles) in enumerate(wanted.items(), 1):
        new = NewSubject(
            kind="firm",
            name=f"韶关{name}有限公司",
            uscc=uscc_of(number + 50),
            customs_code=f"440296M{number:03d}",
            roles=roles,
            filing="declaring_unit",
            zone_code="440200",
        )
        ids[name] = register_subject(session, new, on=START).id
    for office, site, who in (("5190", "519001", "operator"), ("5198", "519801", "other_operator")):
        set_site(session, office, site, f"{site}场所", ids[who], valid_from=START, by="t", at=AT)
    known = subjects_by_ids(session, ids.values(), china_day(AT))
    return Firms(**{name: known[id] for name, id in ids.items()})


def parcel(session, known, number, *, status="800", weighed=None, arrived=None, **changes):
    """A parcel with its checklist, in the given state; gives the checklist's row."""
    fields = {
        "status": status,
        "tier": "low",
        "carrier_id": known.carrier.id,
        "declarant_id": known.declarant.id,
        "consignor_id": known.seller.id,
        "released_at": AT if status in ("800", "899") else None,
        "concluded_at": AT if status in ("399", "800", "899") else None,
        "invt_no": f"51902026E{number:09d}" if status in ("399", "500", "800", "899") else None,
        "arrived_at": arrived,
    }
    row = stored_checklist(session, number, **fields | changes)
    session.add(
        Parcel(
            carrier_id=known.carrier.id,
            logistics_no=row.logistics_no,
            taken_at=AT,
            checklist_id=row.id,
            arrived_at=arrived,
            site_operator_id=known.operator.id if arrived else None,
            weighed_gross=weighed,
        )
    )
    session.flush()
    return row


def stamped(at):
    """An instant as messages write it."""
    return at.strftime("%Y%m%d%H%M%S")


def batch(session, known, type, *documents, sender, at=AT):
    """A batch of documents, each (head, numbers of waybills) or (head, numbers, extras)."""
    spec = MESSAGES[type]
    filed = []
    for index, (head, numbers, *rest) in enumerate(documents):
        lines = [{"gnum": str(n), "logisticsNo": number} for n, number in enumerate(numbers, 1)]
        document = ReadDocument(index, spec.element, dict(head), lines, extras=rest[0] if rest else {})
        written = head["appTime"]
        app_time = datetime.strptime(written, "%Y%m%d%H%M%S").replace(tzinfo=AT.tzinfo)
        one = Filed(document, spec, china_day(app_time), app_time)
        codes = known.by_code()
        for element, role in ROLES.items():
            if element in head and head[element] in codes:
                one.parties[role] = codes[head[element]]
        filed.append(one)
    made = Batch(session, 1, type, sender, "440200", at, None, filed)
    made.number("T")
    return made


def common_head(cop_no="C1", *, app_type="1", at=AT, seq=1, count=1, **more):
    """What the heads of movement papers have in common."""
    return {
        "guid": f"G-{cop_no}-{seq}-{app_type}",
        "appType": app_type,
        "appTime": stamped(at),
        "appStatus": "2",
        "customsCode": "5190",
        "copNo": cop_no,
        "trafMode": "5",
        "msgCount": str(count),
        "msgSeqNo": str(seq),
    } | more


def arrival_head(known, cop_no="A1", **more):
    """The head of an arrival notice by the operator of 519001."""
    parties = {
        "operatorCode": known.operator.customs_code,
        "operatorName": known.operator.name,
        "logisticsCode": known.carrier.customs_code,
        "logisticsName": known.carrier.name,
        "domesticTrafNo": "粤F12345",
        "billNo": "BILL-1",
        "ieFlag": "E",
    }
    return common_head(cop_no, **parties | more)


def departure_head(known, cop_no="D1", *, leave=AT + timedelta(hours=2), **more):
    """The head of a departure notice by the carrier."""
    parties = {
        "logisticsCode": known.carrier.customs_code,
        "logisticsName": known.carrier.name,
        "trafName": "CA981",
        "voyageNo": "CA981",
        "billNo": "BILL-1",
        "leaveTime": stamped(leave),
    }
    return common_head(cop_no, **parties | more)


def list_head(known, cop_no="M1", **more):
    """The head of a master list by the declarant."""
    parties = {
        "agentCode": known.declarant.customs_code,
        "agentName": known.declarant.name,
        "logisticsCode": known.carrier.customs_code,
        "logisticsName": known.carrier.name,
        "trafName": "CA981",
        "voyageNo": "CA981/24",
        "billNo": "999-1",
        "grossWeight": "12.5",
    }
    return common_head(cop_no, **parties | more)


def rules_of(filed):
    """(rule, severity) of a document's findings."""
    return [(one.rule, one.severity.value) for one in filed.findings]
