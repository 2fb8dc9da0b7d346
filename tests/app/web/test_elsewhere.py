"""The pages of exports declared elsewhere and of relay mode."""

import io
import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from common import clock
from common.clock import CHINA
from customs.registrations import from_json, register
from customs.relay import hand_over, receive
from customs.tables import ExportRegistration
from tests.app.people import someone
from tests.customs.batches import firms
from tests.customs.messages.papers import CODES
from tests.customs.relaying import relayed, response, sent
from tests.customs.stored import AT as STORED_AT
from tests.customs.stored import OTHER_ZONE, ZONE
from tests.customs.test_registrations import NUMBER, RETURNED, declared, files

NOW = datetime(2026, 12, 2, 10, 0, tzinfo=CHINA)


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr("customs.registrations.registering.codes_snapshot", lambda session: CODES)


@pytest.fixture
def known(db_session):
    return firms(db_session)


@pytest.fixture
def seller(db_session, known):
    return someone(db_session, "seller", known.seller.id)


def page(client, who, path):
    return client.get(path, headers=who.bearer | {"Accept": "text/html"})


def post(client, who, path, data):
    # a token stands for the session here, so that no form token is needed
    return client.post(path, headers=who.bearer | {"Accept": "text/html"}, data=data)


def stored(session, known):
    told = from_json(declared(known), NUMBER, status="800", time=RETURNED, info="放行", response=None, at=NOW)
    return register(session, told, sender_id=known.seller.id, actor="a", at=NOW).row


def filled(known, **changes):
    """The form as a seller fills it in."""
    document = declared(known)
    data = {"invt_no": NUMBER, "status": "899", "time": "2026-11-25 18:00:00", "lines": "2", "info": "结关"}
    data |= {name: value for name, value in document["head"].items() if name != "appTime"}
    data |= {"ieDate": "2026-11-25", "appTime": "2026-11-24 09:55:00"}
    for n, line in enumerate(document["lines"]):
        data |= {f"l{n}-{name}": value for name, value in line.items()}
    return data | changes


def test_the_two_files_register_an_export_and_lead_to_its_page(client, db_session, known, seller):
    checklist, answer = files(known)
    done = post(
        client,
        seller,
        "/elsewhere",
        {"checklist": (io.BytesIO(checklist), "603.xml"), "response": (io.BytesIO(answer), "604.xml")},
    )
    row = db_session.scalars(select(ExportRegistration)).one()
    assert (done.status_code, done.location) == (303, f"/elsewhere/{row.id}")
    shown = page(client, seller, done.location).get_data(as_text=True)
    assert NUMBER in shown
    assert "瓷餐具" in shown


def test_missing_files_are_named_at_their_fields(client, seller):
    refused = post(client, seller, "/elsewhere", {})
    assert refused.status_code == 422
    assert 'href="#checklist"' in refused.get_data(as_text=True)


def test_a_file_that_is_none_is_explained(client, known, seller):
    _, answer = files(known)
    refused = post(
        client,
        seller,
        "/elsewhere",
        {"checklist": (io.BytesIO(b"x"), "603.xml"), "response": (io.BytesIO(answer), "604.xml")},
    )
    assert refused.status_code == 422
    assert "XML" in refused.get_data(as_text=True)


def test_the_form_registers_the_same_as_files(client, db_session, known, seller):
    done = post(client, seller, "/elsewhere/form", filled(known))
    assert done.status_code == 303, re.findall(r"<li>.*?</li>", done.get_data(as_text=True))
    row = db_session.scalars(select(ExportRegistration)).one()
    assert (row.state, row.return_info, row.app_time.hour) == ("899", "结关", 9)
    checklist, answer = files(known)
    again = post(
        client,
        seller,
        "/elsewhere",
        {"checklist": (io.BytesIO(checklist), "603.xml"), "response": (io.BytesIO(answer), "604.xml")},
    )
    assert again.location == done.location


def test_what_is_wrong_stands_at_its_field_and_what_was_written_stays(client, known, seller):
    refused = post(client, seller, "/elsewhere/form", filled(known, grossWeight="abc", **{"l1-qty": "-1"}))
    shown = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert 'href="#grossWeight"' in shown
    assert 'href="#l1-qty"' in shown
    assert 'value="abc"' in shown


def test_lines_are_added_and_dropped_without_registering(client, db_session, known, seller):
    more = post(client, seller, "/elsewhere/form", filled(known, more="1")).get_data(as_text=True)
    assert 'id="l2-gname"' in more
    assert 'value="HJ-PLATE-20"' in more
    fewer = post(client, seller, "/elsewhere/form", filled(known, fewer="1")).get_data(as_text=True)
    assert 'id="l1-gname"' not in fewer
    assert db_session.scalars(select(ExportRegistration)).all() == []


@pytest.mark.parametrize("lines", ["", "-1", "x", "99999", "²"])
def test_a_tampered_number_of_lines_is_harmless(client, known, seller, lines):
    assert post(client, seller, "/elsewhere/form", filled(known, lines=lines, more="1")).status_code == 200


def test_one_s_own_firm_is_filled_in(client, known, seller):
    shown = page(client, seller, "/elsewhere/form").get_data(as_text=True)
    assert known.seller.customs_code in shown
    assert known.seller.name in shown


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_list_and_the_page_are_read_in_both_languages(client, db_session, known, seller, lang):
    row = stored(db_session, known)
    listed = page(client, seller, f"/elsewhere?lang={lang}").get_data(as_text=True)
    assert f"/elsewhere/{row.id}" in listed
    assert ("别处申报" if lang == "zh" else "Declared elsewhere") in page(
        client, seller, f"/elsewhere/{row.id}?lang={lang}"
    ).get_data(as_text=True)


def test_nobody_else_s_firm_sees_it_officers_of_the_zone_do_and_register_nothing(client, db_session, known):
    row = stored(db_session, known)
    stranger = someone(db_session, "seller", known.other_declarant.id)
    assert page(client, stranger, f"/elsewhere/{row.id}").status_code == 404
    assert NUMBER not in page(client, stranger, "/elsewhere").get_data(as_text=True)
    officer = someone(db_session, "tax_officer")
    assert NUMBER in page(client, officer, "/elsewhere").get_data(as_text=True)
    assert page(client, officer, f"/elsewhere/{row.id}").status_code == 200
    assert page(client, officer, "/elsewhere/form").status_code == 403
    assert post(client, officer, "/elsewhere", {}).status_code == 403
    far = someone(db_session, "tax_officer", zones=(OTHER_ZONE,))
    assert page(client, far, f"/elsewhere/{row.id}").status_code == 404


# --- relay


def test_the_relay_page_shows_backlog_differences_and_troubles(client, db_session, known):
    first, second = relayed(db_session, known, 1), relayed(db_session, known, 2)
    sent(db_session, first)
    later = STORED_AT + timedelta(hours=1)
    for status, minutes in (("300", 0), ("777", 1)):
        raw = response(first, status, later + timedelta(minutes=minutes), info=f"海关说{status}")
        receive(db_session, {ZONE}, raw, actor="a", at=NOW)
    hand_over(db_session, [second.id], NOW - timedelta(hours=5))
    supervisor = someone(db_session, "customs_supervisor")
    shown = page(client, supervisor, "/relay?lang=zh").get_data(as_text=True)
    assert "已等 5 小时" in shown
    assert "海关更严" in shown
    assert "海关说777" in shown
    assert first.order_no in shown
    past = page(client, supervisor, "/relay?lang=zh&from=2026-10-01&to=2026-10-31").get_data(as_text=True)
    assert first.order_no not in past
    assert page(client, supervisor, "/relay?from=x&to=2026-11-01&after=x&zone=441600").status_code == 200


@pytest.mark.parametrize("role", ["customs_officer", "administrator", "tax_officer"])
def test_the_relay_page_is_for_those_who_supervise(client, db_session, known, role):
    assert page(client, someone(db_session, role), "/relay").status_code == 403


def test_an_empty_relay_page_says_what_will_be_there(client, db_session, known):
    manager = someone(db_session, "zone_manager")
    assert "Nothing waits" in page(client, manager, "/relay?lang=en").get_data(as_text=True)
