"""The supervised site on the database: the scale, and what the operator finds and the papers do not say."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, true

from common.audit import AuditEntry
from common.events import Event
from common.findings import ConflictError, DomainError, NotFoundError
from customs.desk import Officer
from customs.intake import arrivals
from customs.movement import site_records, weighing
from customs.movement.site_records import NewRecord
from customs.movement.sites import Operator
from customs.tables import Checklist, Parcel, SiteRecord
from tests.customs.batches import arrival_head, batch, firms, parcel
from tests.customs.stored import AT, OTHER_ZONE, ZONE

LATER = AT + timedelta(days=2)
LI = Officer(1, "李审单", frozenset({ZONE}))


@pytest.fixture
def known(db_session):
    return firms(db_session)


@pytest.fixture
def operator(known):
    return Operator(5, "王场站", known.operator.id)


def arrive(session, known, *numbers, weights=None, cop_no="A1"):
    extras = {"weighed_gross": weights} if weights else {}
    made = batch(session, known, "CEB507", (arrival_head(known, cop_no), numbers, extras), sender=known.operator)
    arrivals.take(made)
    made.flush()
    session.expire_all()


def refused(error):
    return error.value.findings[0].rule


# --- the scale


def test_weighing_again_holds_and_lifts_and_releases_what_waited(db_session, known, operator):
    row = parcel(db_session, known, 1, status="399", gross_weight=Decimal("2"))
    arrive(db_session, known, "way-1", weights={"way-1": "9"})
    assert db_session.get(Checklist, row.id).status == "399"
    code = known.carrier.customs_code
    found = weighing.weigh(db_session, operator, code, "way-1", "8.5", at=LATER)
    assert (found.held, found.status, found.weighed_gross) == (True, "399", Decimal("8.5"))
    found = weighing.weigh(db_session, operator, code, "way-1", "2.05", at=LATER)
    db_session.expire_all()
    assert (found.held, found.status) == (False, "800")
    kept = db_session.get(Checklist, row.id)
    assert (kept.site_hold, kept.released_at) == (None, LATER)
    kinds = [event.kind for event in db_session.scalars(select(Event).order_by(Event.id)) if "hold" in event.kind]
    assert kinds == ["checklist.site_hold_lifted"]
    held = db_session.scalars(select(Event).where(Event.kind == "checklist.site_held")).all()
    assert [event.data["hold"]["weighed"] for event in held] == ["9", "8.5"]


def test_a_parcel_without_checklist_is_weighed_all_the_same(db_session, known, operator):
    arrive(db_session, known, "way-1")
    found = weighing.weigh(db_session, operator, known.carrier.customs_code, "way-1", "1.5", at=LATER)
    assert (found.held, found.status) == (False, None)
    assert db_session.get(Parcel, (known.carrier.id, "way-1")).weighed_gross == Decimal("1.5")


@pytest.mark.parametrize("weight", ["0", "-1", "1e5", "x", "1.000001", "100000000000000"])
def test_weights_that_are_none(db_session, known, operator, weight):
    with pytest.raises(DomainError) as error:
        weighing.weigh(db_session, operator, known.carrier.customs_code, "way-1", weight, at=LATER)
    assert refused(error) == "CU4069"


def test_only_the_operator_of_the_site_weighs_there(db_session, known, operator):
    parcel(db_session, known, 1)
    code = known.carrier.customs_code
    with pytest.raises(NotFoundError):
        weighing.weigh(db_session, operator, code, "way-1", "1", at=LATER)
    arrive(db_session, known, "way-1")
    other = Operator(6, "外场站", known.other_operator.id)
    with pytest.raises(NotFoundError):
        weighing.weigh(db_session, other, code, "way-1", "1", at=LATER)
    with pytest.raises(DomainError) as error:
        weighing.weigh(db_session, operator, "4402NOBODY", "way-1", "1", at=LATER)
    assert refused(error) == "CU4062"


def test_an_officer_lets_a_held_parcel_go_with_reasons(db_session, known):
    row = parcel(db_session, known, 1, status="399", gross_weight=Decimal("2"))
    arrive(db_session, known, "way-1", weights={"way-1": "9"})
    with pytest.raises(DomainError):
        weighing.lift_hold(db_session, LI, row.id, " ", at=LATER)
    with pytest.raises(NotFoundError):
        weighing.lift_hold(db_session, Officer(2, "外区", frozenset({OTHER_ZONE})), row.id, "称错", at=LATER)
    assert weighing.lift_hold(db_session, LI, row.id, "称错", at=LATER) == "800"
    db_session.expire_all()
    assert db_session.get(Checklist, row.id).site_hold is None
    event = db_session.scalars(select(Event).where(Event.kind == "checklist.site_hold_lifted")).one()
    assert (event.source, event.actor) == ("officer", "account:1")
    with pytest.raises(ConflictError) as error:
        weighing.lift_hold(db_session, LI, row.id, "再来", at=LATER)
    assert refused(error) == "CU4072"


# --- records


def find(session, operator, known, kind, number="way-1", at=AT, **changes):
    fields = {
        "kind": kind,
        "customs_code": "5190",
        "loct_no": None,
        "description": "黑色纸箱",
        "logistics_code": known.carrier.customs_code if number else None,
        "logistics_no": number,
    } | changes
    return site_records.record(session, operator, NewRecord(**fields), at=at)


def test_a_surplus_parcel_is_on_record_until_its_paper_comes(db_session, known, operator):
    row = find(db_session, operator, known, "surplus")
    assert (row.zone_code, row.loct_no, row.carrier_id, row.recorded_by) == (ZONE, "519001", known.carrier.id, "王场站")
    assert site_records.age_days(row, LATER) == 2
    assert site_records.papers_came(db_session, at=LATER) == 0
    checklist = parcel(db_session, known, 1, status="2")
    assert site_records.papers_came(db_session, at=LATER) == 1
    db_session.expire_all()
    row = db_session.scalars(select(SiteRecord)).one()
    assert (row.resolution, row.resolved_at, row.checklist_id) == ("paper_came", LATER, checklist.id)
    assert site_records.age_days(row, LATER + timedelta(days=9)) == 2
    kinds = db_session.scalars(select(Event.kind).where(Event.subject_type == "site_record").order_by(Event.id)).all()
    assert kinds == ["site_record.opened", "site_record.resolved"]
    audited = db_session.scalars(select(AuditEntry).where(AuditEntry.subject_type == "site_record")).all()
    assert [one.action for one in audited] == ["insert", "change"]


def test_a_missing_parcel_is_found_when_an_arrival_names_it(db_session, known, operator):
    parcel(db_session, known, 1)
    find(db_session, operator, known, "missing")
    arrive(db_session, known, "way-1")
    row = db_session.scalars(select(SiteRecord)).one()
    assert (row.resolution, row.set_by) == ("parcel_found", f"subject:{known.operator.id}")


def test_a_parcel_missing_after_its_arrival_is_found_when_it_is_named_again(db_session, known, operator):
    parcel(db_session, known, 1)
    arrive(db_session, known, "way-1")
    find(db_session, operator, known, "missing")
    assert site_records.missing(db_session, [(known.carrier.id, "way-1")]) == {(known.carrier.id, "way-1")}
    arrive(db_session, known, "way-1", cop_no="A2")
    assert site_records.missing(db_session, [(known.carrier.id, "way-1")]) == set()


def test_an_unreadable_label_needs_words_only_and_ends_in_words(db_session, known, operator):
    row = find(db_session, operator, known, "unreadable", number=None)
    done = site_records.resolve(db_session, operator, row.id, "重贴面单 way-7", at=LATER)
    assert (done.resolution, done.resolution_note, done.resolved_at) == ("settled", "重贴面单 way-7", LATER)
    with pytest.raises(ConflictError) as error:
        site_records.resolve(db_session, operator, row.id, "再来", at=LATER)
    assert refused(error) == "CU4067"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"kind": "lost"}, "CU4060"),
        ({"description": " "}, "CU4059"),
        ({"description": "a\0b"}, "CU4059"),
        ({"logistics_no": None}, "CU4061"),
        ({"logistics_code": "4402NOBODY"}, "CU4062"),
        ({"customs_code": "5141"}, "CU4001"),
        ({"customs_code": "5198"}, "CU4002"),
        ({"loct_no": "519009"}, "CU4002"),
    ],
)
def test_records_that_cannot_be_kept(db_session, known, operator, changes, rule):
    with pytest.raises(DomainError) as error:
        find(db_session, operator, known, **({"kind": "surplus"} | changes))
    assert refused(error) == rule
    assert db_session.scalars(select(SiteRecord)).all() == []


def test_papers_that_speak_against_a_record(db_session, known, operator):
    parcel(db_session, known, 1)
    parcel(db_session, known, 2, status="899")
    for kind, number, rule in (
        ("surplus", "way-1", "CU4063"),
        ("missing", "way-9", "CU4064"),
        ("missing", "way-2", "CU4064"),
    ):
        with pytest.raises(ConflictError) as error:
            find(db_session, operator, known, kind, number)
        assert refused(error) == rule
    find(db_session, operator, known, "missing", "way-1")
    with pytest.raises(ConflictError) as error:
        find(db_session, operator, known, "missing", "way-1")
    assert refused(error) == "CU4065"


def test_a_record_is_its_operators_own(db_session, known, operator):
    row = find(db_session, operator, known, "unreadable", number=None)
    with pytest.raises(NotFoundError):
        site_records.resolve(db_session, Operator(6, "外", known.other_operator.id), row.id, "了结", at=LATER)


def test_records_come_oldest_first_in_pages(db_session, known, operator):
    rows = [find(db_session, operator, known, "surplus", f"s-{n}") for n in range(3)]
    site_records.resolve(db_session, operator, rows[0].id, "了结", at=LATER)
    asked = {"kind": None, "limit": 1}
    page = site_records.records(db_session, true(), open_only=True, after=0, **asked)
    assert [row.id for row in page] == [rows[1].id]
    page = site_records.records(db_session, true(), open_only=True, after=rows[1].id, **asked)
    assert [row.id for row in page] == [rows[2].id]
    assert len(site_records.records(db_session, true(), open_only=False, after=0, kind="surplus", limit=9)) == 3
