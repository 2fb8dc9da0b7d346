"""The desk's pages: who may open them, what a queue and a case show, deciding through the form, several at once."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.access.roles import ENTERPRISE, Role
from common import clock
from common.audit import set_context
from common.law.zones import set_zone_parameter
from credit.shipped import load_zones
from customs import desk
from customs.desk import Officer
from customs.tables import Checklist, DeskDecision
from tests.app.people import HOME, someone
from tests.customs.stored import AT, OTHER_ZONE, ZONE, stored_checklist

PAGES = {"Accept": "text/html"}
OFFICERS = (Role.CUSTOMS_OFFICER, Role.CUSTOMS_SUPERVISOR)


@pytest.fixture
def zones(app, db_session):
    set_context(db_session, actor="test", at=AT)
    load_zones(db_session, at=AT)
    return db_session


@pytest.fixture
def officer(zones):
    return someone(zones, "customs_officer", name="李审单")


@pytest.fixture
def supervisor(zones):
    return someone(zones, "customs_supervisor", name="张主管")


def read(client, who, path, lang="zh"):
    answer = client.get(f"{path}{'&' if '?' in path else '?'}lang={lang}", headers=who.bearer | PAGES)
    return answer.status_code, answer.get_data(as_text=True)


def send(client, who, path, **form):
    answer = client.post(path, data=form, headers=who.bearer | PAGES)
    return answer.status_code, answer.get_data(as_text=True)


def status_of(session, row):
    return session.scalar(select(Checklist.status).where(Checklist.id == row.id))


# --- who may


@pytest.mark.parametrize("role", sorted(set(Role) - set(OFFICERS) - ENTERPRISE))
def test_the_desk_is_for_officers_only(client, zones, role):
    row = stored_checklist(zones, 1)
    who = someone(zones, role)
    for path in ("/desk", f"/desk/cases/{row.id}"):
        assert read(client, who, path)[0] == 403
    for path in (f"/desk/cases/{row.id}/decide", "/desk/releases", "/desk/next"):
        assert send(client, who, path, id=row.id, decision="release")[0] == 403
    assert status_of(zones, row) == "300"


def test_an_officer_reaches_no_case_of_another_zone(client, zones, officer):
    row = stored_checklist(zones, 1, zone_code=OTHER_ZONE, customs_code="5198")
    assert read(client, officer, f"/desk/cases/{row.id}")[0] == 404
    assert send(client, officer, f"/desk/cases/{row.id}/decide", decision="release")[0] == 404
    assert str(row.invt_no or row.pre_no) not in read(client, officer, "/desk")[1]
    assert "CU5009" in send(client, officer, "/desk/releases", id=row.id)[1]
    assert status_of(zones, row) == "300"


# --- the queue


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_queue_shows_rows_counts_and_what_is_not_there_yet(client, zones, officer, lang):
    stored_checklist(zones, 1)
    stored_checklist(zones, 2, status="500", tier="high", reason_class="random_check")
    code, page = read(client, officer, "/desk", lang)
    assert code == 200
    assert "B20261124000000001" in page
    assert "T恤" in page
    assert ("货未到" if lang == "zh" else "Goods not arrived") in page
    assert ("随机抽查" if lang == "zh" else "Random check") in page


@pytest.mark.parametrize(
    ("tab", "shown"),
    [
        ("all", {1, 2, 3}),
        ("review", {1, 3}),
        ("inspection", {2}),
        ("mine", {3}),
        ("unclaimed", {1, 2}),
        ("held", set()),
        ("nonsense", {1, 2, 3}),
    ],
)
def test_each_tab_shows_its_part(client, zones, officer, tab, shown):
    stored_checklist(zones, 1)
    stored_checklist(zones, 2, status="500")
    stored_checklist(zones, 3, claimed_by=officer.id, claimed_at=AT)
    page = read(client, officer, f"/desk?tab={tab}")[1]
    assert {n for n in (1, 2, 3) if f"B2026112400000000{n}" in page} == shown


def test_an_empty_queue_says_what_will_be_there(client, officer):
    assert "队列是空的" in read(client, officer, "/desk")[1]
    assert "没有符合的清单" in read(client, officer, "/desk?tab=held")[1]


def test_claiming_the_next_takes_the_oldest_that_nobody_has(client, zones, officer, supervisor):
    stored_checklist(zones, 1, claimed_by=supervisor.id, claimed_at=AT)
    free = stored_checklist(zones, 2)
    answer = client.post("/desk/next", headers=officer.bearer)
    assert answer.location.endswith(f"/desk/cases/{free.id}")
    zones.refresh(free)
    assert free.claimed_by == officer.id
    assert client.post("/desk/next", headers=officer.bearer).location.startswith("/desk?")


# --- one case


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_case_shows_papers_trace_lines_and_only_what_is_possible(client, zones, officer, lang):
    trace = [{"rule": "CU3022", "met": True, "inputs": {"value_cny": "150"}, "settings": None}]
    row = stored_checklist(zones, 1, tier_trace=trace)
    code, page = read(client, officer, f"/desk/cases/{row.id}", lang)
    assert code == 200
    assert "CU3022" in page
    assert "6109100021" in page
    for decision in ("release", "inspect", "reject", "ask", "hold"):
        assert f'value="{decision}"' in page
    assert 'value="detain"' not in page


@pytest.mark.parametrize("address", ["/desk/cases/{}", "/api/v1/checklists/{}/desk"])
def test_a_look_at_a_case_is_on_record_once(client, zones, officer, address):
    row = stored_checklist(zones, 1)
    read(client, officer, address.format(row.id))
    from common.audit import AuditEntry

    seen = zones.scalars(select(AuditEntry).where(AuditEntry.subject_id == str(row.id))).all()
    assert [one.action for one in seen] == ["read"]


def test_an_officer_releases_through_the_form(client, zones, officer):
    row = stored_checklist(zones, 1)
    code, _ = send(client, officer, f"/desk/cases/{row.id}/decide", decision="release", reason="papers_clear")
    assert (code, status_of(zones, row)) == (302, "800")
    kept = zones.scalars(select(DeskDecision).where(DeskDecision.checklist_id == row.id)).one()
    assert (kept.decision, kept.reason, kept.officer_name) == ("release", "papers_clear", "李审单")


@pytest.mark.parametrize(
    ("form", "status", "rule"),
    [
        ({"decision": "reject"}, 422, "须说明原因"),
        ({"decision": "ask", "reason": "value_doubt"}, 422, "须说明原因"),
        ({"decision": ""}, 422, "没有名为"),
        ({"decision": "detain", "reason": "other", "state": "599"}, 409, "不能记录扣留"),
    ],
)
def test_a_refused_decision_is_told_at_the_form_and_changes_nothing(client, zones, officer, form, status, rule):
    row = stored_checklist(zones, 1)
    code, page = send(client, officer, f"/desk/cases/{row.id}/decide", **form)
    assert code == status
    assert rule in page
    assert 'role="alert"' in page
    assert status_of(zones, row) == "300"


def test_what_was_written_is_kept_when_a_decision_is_refused(client, zones, officer, supervisor):
    row = stored_checklist(zones, 1, claimed_by=supervisor.id, claimed_at=AT)
    code, page = send(client, officer, f"/desk/cases/{row.id}/decide", decision="reject", text="毛重差太多")
    assert code == 409
    assert "认领这票清单" in page


def test_the_seller_is_asked_and_the_question_stands_on_the_page(client, zones, officer):
    row = stored_checklist(zones, 1)
    send(client, officer, f"/desk/cases/{row.id}/decide", decision="ask", reason="value_doubt", text="单价怎么算的？")
    page = read(client, officer, f"/desk/cases/{row.id}")[1]
    assert "单价怎么算的？" in page
    assert "答复期限" in page
    assert "B20261124000000001" in read(client, officer, "/desk?tab=asked")[1]


def test_holding_and_lifting_the_hold(client, zones, officer):
    row = stored_checklist(zones, 1)
    send(client, officer, f"/desk/cases/{row.id}/decide", decision="hold")
    page = read(client, officer, f"/desk/cases/{row.id}")[1]
    assert 'value="unhold"' in page
    send(client, officer, f"/desk/cases/{row.id}/decide", decision="unhold")
    zones.refresh(row)
    assert row.held_at is None


def test_a_supervisor_detains_what_has_arrived_and_an_officer_cannot(client, zones, officer, supervisor):
    row = stored_checklist(zones, 1, status="500", tier="high", arrived_at=AT)
    assert 'value="detain"' not in read(client, officer, f"/desk/cases/{row.id}")[1]
    assert 'value="detain"' in read(client, supervisor, f"/desk/cases/{row.id}")[1]
    send(client, supervisor, f"/desk/cases/{row.id}/decide", decision="detain", reason="prohibited", state="502")
    assert status_of(zones, row) == "502"


def test_a_countersigned_release_waits_on_the_page_for_another_supervisor(client, zones, officer, supervisor):
    set_zone_parameter(
        zones, ZONE, "customs.desk.countersign", "true", valid_from=date(2026, 1, 1), document="会议", set_by="t", at=AT
    )
    row = stored_checklist(zones, 1, tier="high")
    send(client, officer, f"/desk/cases/{row.id}/decide", decision="release")
    assert status_of(zones, row) == "300"
    assert "等另一名主管会签" in read(client, supervisor, f"/desk/cases/{row.id}")[1]
    send(client, supervisor, f"/desk/cases/{row.id}/decide", decision="release")
    assert status_of(zones, row) == "800"


def test_claims_are_shown_given_back_and_taken_over(client, zones, officer, supervisor):
    row = stored_checklist(zones, 1)
    send(client, officer, f"/desk/cases/{row.id}/claim")
    page = read(client, supervisor, f"/desk/cases/{row.id}")[1]
    assert "李审单" in page
    assert "转给我" in page
    send(client, supervisor, f"/desk/cases/{row.id}/claim")
    zones.refresh(row)
    assert row.claimed_by == supervisor.id
    assert send(client, officer, f"/desk/cases/{row.id}/claim")[0] == 409
    send(client, supervisor, f"/desk/cases/{row.id}/unclaim")
    zones.refresh(row)
    assert row.claimed_by is None


# --- several at once


def test_a_preview_says_which_do_not_qualify_and_changes_nothing(client, zones, officer, supervisor):
    good = stored_checklist(zones, 1)
    taken = stored_checklist(zones, 2, claimed_by=supervisor.id, claimed_at=AT)
    absent = stored_checklist(zones, 3, status="500", tier="high")
    code, page = send(client, officer, "/desk/releases/preview", id=[good.id, taken.id, absent.id])
    assert code == 200
    assert "放行 1 票，另外 2 票不符合" in page
    assert "CU5003" in page
    assert "CU5007" in page
    assert [status_of(zones, one) for one in (good, taken, absent)] == ["300", "300", "500"]


def test_each_of_several_is_released_by_itself_and_every_result_is_shown(client, zones, officer, supervisor):
    good = stored_checklist(zones, 1)
    taken = stored_checklist(zones, 2, claimed_by=supervisor.id, claimed_at=AT)
    code, page = send(client, officer, "/desk/releases", id=[good.id, taken.id, 5])
    assert code == 200
    assert "1 票已决定，2 票没有" in page
    assert [status_of(zones, one) for one in (good, taken)] == ["800", "300"]


def test_several_are_claimed_at_once(client, zones, officer, supervisor):
    mine = stored_checklist(zones, 1)
    taken = stored_checklist(zones, 2, claimed_by=supervisor.id, claimed_at=AT)
    _, page = send(client, officer, "/desk/claims", id=[mine.id, taken.id])
    assert "领到 1 票，1 票没有" in page
    zones.refresh(mine)
    assert mine.claimed_by == officer.id


def test_nothing_ticked_leads_back_with_a_sentence(client, officer):
    assert send(client, officer, "/desk/releases/preview")[0] == 302
    assert send(client, officer, "/desk/releases", id=list(range(1, 102)))[0] == 302


def test_the_ring_tells_time_left_time_over_and_a_stopped_clock(app, zones, officer):
    from app.web.desk_views import ring_of

    who = Officer(officer.id, "x", frozenset({HOME}))
    row = stored_checklist(zones, 1)
    with app.test_request_context("/?lang=zh"):
        soon = ring_of(desk.case(zones, who, row.id, at=AT).clock, AT)
        over = ring_of(desk.case(zones, who, row.id, at=AT + timedelta(days=30)).clock, AT + timedelta(days=30))
    assert (soon.share, soon.late) == (0.0, False)
    assert over.late
    assert over.text.startswith("超 ")
    assert clock.now() is not None
