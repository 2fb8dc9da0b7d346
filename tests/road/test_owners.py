"""Owner × object: whatever stands in a path as a number, everybody else gets “not found” for it.

Every route that takes a number is asked, by every role that may call it: the owners find their thing, a stranger of the
same role (another firm, an office of another zone) finds nothing, whether reading or changing.
"""

from __future__ import annotations

import re

import pytest

from app.access.accounts import add_account, add_token
from app.access.declared import STATIC, access_of
from app.access.roles import ENTERPRISE, Role
from common import clock
from common.audit import PLATFORM, set_context
from tests.road.owned import everything, filled
from tests.road.papers import RUN, number

HERE, FAR = "440200", "441600"
OPEN = (
    "/api/v1/subjects/",  # the public register of firms
    "/admin/",  # administrators and data stewards work for all zones
    "/api/v1/outbox/",  # the same
)
EVERYWHERE = frozenset({Role.DATA_STEWARD, Role.AUDITOR, Role.ADMINISTRATOR})
OWNERS = (
    "seller", "operator", "logistics", "agent", "customs_officer", "customs_supervisor", "zone_manager", "administrator"
)  # fmt: skip
NOTHING = (403, 404)
FOUND = (200, 302, 303)
AGENCIES_READ = frozenset({"api_mandates.show_mandate"})
"""What every agency may read: mandates belong to two firms and to no zone."""
BODIES = {
    "api_amendments.ask_correction": {"fields": ["note"], "text": "请写明用途"},
    "api_amendments.decide_amendment": {"decision": "approve"},
    "api_amendments.let_out": {"note": "放行"},
    "api_amendments.name_amendment_ground": {"ground": "clerical_error"},
    "api_amendments.name_cancellation_ground": {"ground": "clerical_error"},
    "api_amendments.request_cancellation": {"cop_no": "X1", "reason": "错报", "ground": "clerical_error"},
    "api_desk.answer_question": {"text": "答"},
    "api_desk.decide_checklist": {"decision": "release"},
    "api_goods_returns.decide_goods_return": {"decision": "release"},
    "api_movement.close_incident": {"text": "已了结"},
    "api_movement.decide_cancellation": {"decision": "approve"},
    "api_movement.lift_site_hold": {"text": "复核无误"},
    "api_movement.resolve_site_record": {"note": "已了结"},
    "api_summaries.amend_summary_declaration": {"reason": "更正"},
    "api_summaries.cancel_summary_declaration": {"reason": "撤销"},
    "api_warehouses.allow_use": {"code": "440296D001", "valid_from": "2026-01-01"},
    "api_warehouses.decide_warehouse": {"confirm": True},
    "api_warehouses.end_use": {"last_day": "2027-01-01"},
    "api_warehouses.end_warehouse": {"last_day": "2027-01-01"},
    "api_warehouses.renew_lease": {"last_day": "2030-01-01"},
    "api_warehouses.record_entries": {
        "entries": [{"invt_no": "519020260000000001", "gnum": 1, "kind": "sold", "qty": "1", "day": "2026-11-01"}]
    },
}
"""Bodies that a route looks at before it looks for the thing."""
FORMS = {
    "desk_incidents.close": {"text": "已了结"},
    "desk_incidents.decide_cancellation": {"decision": "approve"},
    "site_parcels.resolve_record": {"note": "已了结"},
}
"""The same for pages."""


def numbered(app):
    """The routes that take a number of somebody's thing."""
    for rule in app.url_map.iter_rules():
        takes = [name for name in rule.arguments if name.endswith(("_id", "ids"))]
        if takes and rule.endpoint not in STATIC and not rule.rule.startswith(OPEN):
            yield rule


@pytest.fixture
def strangers(road):
    """A stranger of every role: an enterprise of its own, agencies of another zone; gives headers."""
    made = {}
    with road.factory() as session, session.begin():
        set_context(session, actor=PLATFORM, at=clock.now())
        for role in set(Role) - EVERYWHERE:
            firm = {"enterprise_id": road.firm("seller_441600")["id"], "level": "owner"}
            where = firm if role in ENTERPRISE else {"zones": [FAR]}
            account = add_account(
                session, login=number(role.value), name="外人", role=role, password=number("long pass phrase"),
                at=clock.now(), zone_code=FAR, **where,
            )  # fmt: skip
            made[role] = {"Authorization": f"Bearer {add_token(session, account.id, 'x', at=clock.now())[1]}"}
    return made


def asked(road, rule, path, method, headers):
    """One request of a stranger, with what its route wants to be given."""
    form = FORMS.get(rule.endpoint)
    given = {"data": form} if form else {"json": BODIES.get(rule.endpoint, {})}
    return road.client.open(path, method=method, headers=headers, **given).status_code


def test_strangers_find_nothing_whatever_they_ask_or_change_and_owners_find_it(road, strangers):
    found, wrong, seen = everything(road), [], set()
    for rule in numbered(road.app):
        path, allowed = filled(rule, found), access_of(road.app, rule.endpoint).roles
        asking = allowed & ENTERPRISE if rule.endpoint in AGENCIES_READ else allowed
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            for role in asking & set(strangers):
                status = asked(road, rule, path, method, strangers[role])
                if status not in NOTHING:
                    wrong.append((rule.endpoint, method, role.value, status))
        seen.add(rule.endpoint)
        if "GET" in rule.methods:
            answers = {key: road.get(key, path).status_code for key in OWNERS}
            if not set(answers.values()) & set(FOUND):
                wrong.append((rule.endpoint, path, answers))
    assert not wrong, "\n".join(map(str, sorted(wrong, key=str)))
    assert set(BODIES) | set(FORMS) <= seen


def test_no_list_page_or_download_shows_strangers_anything_of_another_firms_papers(road, strangers):
    everything(road)
    told, named, shown = [], re.compile(f"[OWC]{RUN}[0-9]{{6}}"), set()
    for rule in road.app.url_map.iter_rules():
        if rule.endpoint in STATIC or "GET" not in rule.methods or rule.arguments:
            continue
        for role in access_of(road.app, rule.endpoint).roles & set(strangers):
            answer = road.client.get(f"{rule.rule}?limit=500&all=1", headers=strangers[role])
            if named.search(answer.get_data(as_text=True)):
                told.append((rule.endpoint, role.value))
        if named.search(road.get("seller", f"{rule.rule}?limit=500&all=1").get_data(as_text=True)):
            shown.add(rule.endpoint)
    assert not told, told
    assert {"api_checklists.list_checklists", "api_amendments.read_amendments", "parcels.index"} & shown
