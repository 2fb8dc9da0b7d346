"""The administrator's pages: zones, subjects, accounts, zone parameters, and the supervisor's page of risk."""

from datetime import date

import pytest
from sqlalchemy import select

from app.access.roles import ENTERPRISE, Role
from app.access.tables import Account, RoleSetting
from common import clock
from common.audit import set_context
from common.law.tables import ZoneParameterRow
from common.law.zones import zone_parameter
from credit.registering import NewSubject, register_subject
from credit.shipped import load_zones
from credit.subjects import mandates_held_by, sites_on, subjects_by_ids, zone_offices
from credit.tables import Mandate, Park
from tests.app.people import HOME, someone
from tests.credit.codes import uscc_of
from tests.customs.stored import AT

PAGES = {"Accept": "text/html"}
READABLE = {
    "/admin/zones": {"administrator", "data_steward", "zone_manager"},
    "/admin/zones/440200": {"administrator", "data_steward", "zone_manager"},
    "/admin/subjects": {"administrator", "data_steward", "zone_manager"},
    "/admin/subjects/new": {"administrator", "data_steward"},
    "/admin/accounts": {"administrator", "auditor"},
    "/admin/parameters": {"administrator", "customs_supervisor", "auditor", "zone_manager"},
    "/admin/parameters/customs.match.waiting_hours": {
        "administrator",
        "customs_supervisor",
        "auditor",
        "zone_manager",
    },
    "/desk/risk": {"customs_supervisor", "auditor"},
}
WRITABLE = {
    "/admin/zones/440200/offices": {"administrator"},
    "/admin/zones/440200/sites": {"administrator"},
    "/admin/zones/440200/parks": {"administrator"},
    "/admin/subjects/new": {"administrator", "data_steward"},
    "/admin/subjects/1/changes": {"administrator", "data_steward"},
    "/admin/subjects/1/mandates": {"administrator"},
    "/admin/subjects/1/mandates/1/revoke": {"administrator"},
    "/admin/accounts": {"administrator"},
    "/admin/accounts/1/disable": {"administrator"},
    "/admin/accounts/1/second-factor": {"administrator"},
    "/admin/accounts/roles/seller/second-factor": {"administrator"},
    "/admin/parameters/customs.match.waiting_hours": {"administrator"},
}


@pytest.fixture
def zones(app, db_session):
    set_context(db_session, actor="test", at=AT)
    load_zones(db_session, at=AT)
    return db_session


@pytest.fixture
def administrator(zones):
    return someone(zones, "administrator", zones=(HOME, "441600"), name="高管理")


@pytest.fixture
def firm(zones):
    """Register a firm of the home zone; gives its id."""

    def register(number, name="韶关甲有限公司", roles=("seller",)):
        new = NewSubject(
            kind="firm",
            name=name,
            uscc=uscc_of(number),
            customs_code=f"440296T{number:03d}",
            roles=roles,
            filing="declaring_unit",
            zone_code=HOME,
        )
        return register_subject(zones, new, on=date(2024, 1, 1)).id

    return register


def read(client, who, path, lang="zh"):
    answer = client.get(f"{path}{'&' if '?' in path else '?'}lang={lang}", headers=who.bearer | PAGES)
    return answer.status_code, answer.get_data(as_text=True)


def send(client, who, path, **form):
    answer = client.post(path, data=form, headers=who.bearer | PAGES)
    return answer.status_code, answer.get_data(as_text=True)


# --- who may


@pytest.mark.parametrize("role", sorted(set(Role) - ENTERPRISE))
def test_each_page_opens_for_its_roles_only(client, zones, role):
    who = someone(zones, role)
    for path, roles in READABLE.items():
        assert (read(client, who, path)[0] == 200) == (role in roles), path
    for path, roles in WRITABLE.items():
        if role not in roles:
            assert send(client, who, path)[0] == 403, path


def test_no_enterprise_opens_any_of_them(client, zones, firm):
    who = someone(zones, "seller", firm(1))
    assert {read(client, who, path)[0] for path in READABLE} == {403}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", ["/admin/zones", "/admin/zones/440200", "/admin/subjects", "/admin/subjects/new"])
def test_pages_are_written_in_both_languages(client, administrator, firm, path, lang):
    firm(1, "韶关甲有限公司")
    code, page = read(client, administrator, path, lang)
    assert code == 200
    assert ("综试区" if lang == "zh" else "ilot zone") in page


# --- zones


def test_a_zone_manager_opens_the_own_zone_only(client, zones):
    who = someone(zones, "zone_manager")
    assert "441600" not in read(client, who, "/admin/zones")[1]
    assert read(client, who, "/admin/zones/441600")[0] == 404
    assert read(client, who, "/admin/zones/999999")[0] == 404


def test_an_office_is_set_from_a_day_on_and_the_past_stays(client, zones, administrator):
    form = {
        "office_code": "5190",
        "office_from": "2026-12-01",
        "mode": "relay",
        "open": "1",
        "office_source": "会议纪要",
    }
    assert send(client, administrator, "/admin/zones/440200/offices", **form)[0] == 302
    assert zone_offices(zones, date(2026, 11, 30))["5190"].mode == "decide"
    assert zone_offices(zones, date(2026, 12, 1))["5190"].mode == "relay"
    page = read(client, administrator, "/admin/zones/440200")[1]
    assert "会议纪要" in page
    assert "高管理" in page


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"office_code": "51900", "mode": "decide", "office_from": "2026-12-01", "office_source": "x"}, "51900"),
        ({"office_code": "5190", "mode": "both", "office_from": "2026-12-01", "office_source": "x"}, "both"),
        ({"office_code": "5190", "mode": "decide", "office_from": "1.12.", "office_source": "x"}, "不是日期"),
        ({"office_code": "5190", "mode": "decide", "office_from": "2026-12-01"}, "请填写"),
    ],
)
def test_a_wrong_office_setting_is_told_at_the_form(client, administrator, form, told):
    code, page = send(client, administrator, "/admin/zones/440200/offices", **form)
    assert code == 422
    assert told in page
    assert 'role="alert"' in page


def test_a_site_gets_an_operator_who_has_that_role(client, zones, administrator, firm):
    operator, seller = firm(1, "甲场站", ("operator",)), firm(2)
    form = {"site_office": "5190", "loct_no": "519009", "site_name": "甲场", "site_from": "2026-11-01"}
    path = "/admin/zones/440200/sites"
    assert send(client, administrator, path, **form, operator_id=seller)[0] == 422
    assert send(client, administrator, path, **form | {"site_office": "5198"}, operator_id=operator)[0] == 422
    assert send(client, administrator, path, **form | {"loct_no": "519009000001"}, operator_id=operator)[0] == 422
    assert send(client, administrator, path, **form, operator_id=operator)[0] == 302
    assert [one.operator_id for one in sites_on(zones, date(2026, 11, 24)) if one.loct_no == "519009"] == [operator]


def test_a_park_is_recognised(client, zones, administrator):
    form = {"park_zh": "新园", "park_en": "New Park", "park_from": "2026-11-01", "core": "1"}
    assert send(client, administrator, "/admin/zones/440200/parks", **form)[0] == 302
    park = zones.scalars(select(Park).where(Park.name_en == "New Park")).one()
    assert (park.core, park.zone_code) == (True, "440200")


# --- subjects


def test_a_sole_trader_is_registered_with_roles_and_zone(client, zones, administrator):
    form = {
        "kind": "sole_trader",
        "name": "曲江小店",
        "uscc": uscc_of(7),
        "zone_code": HOME,
        "roles": ["seller", "platform"],
        "on": "2026-11-01",
    }
    assert send(client, administrator, "/admin/subjects/new", **form)[0] == 302
    page = read(client, administrator, f"/admin/subjects?text={uscc_of(7)}")[1]
    assert "曲江小店" in page


def test_an_individual_is_shown_masked(client, zones, administrator):
    number = "44020219900307123"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    whole = number + "10X98765432"[sum(int(d) * w for d, w in zip(number, weights, strict=True)) % 11]
    form = {"kind": "individual", "name": "王某", "id_number": whole, "zone_code": HOME, "on": "2026-11-01"}
    answer = client.post("/admin/subjects/new", data=form, headers=administrator.bearer | PAGES)
    assert answer.status_code == 302
    page = read(client, administrator, answer.location)[1]
    assert whole not in page
    assert "****" in page


def test_all_that_is_wrong_with_a_registration_is_said_at_once(client, administrator):
    form = {"kind": "firm", "name": "", "uscc": "91440200MA00000000", "customs_code": "12", "on": "2026-11-01"}
    code, page = send(client, administrator, "/admin/subjects/new", **form)
    assert code == 422
    assert page.count('href="#') >= 3
    assert 'href="#uscc"' in page
    assert 'href="#customs_code"' in page


@pytest.mark.parametrize(
    ("what", "value", "asks"),
    [
        ("name", "韶关乙有限公司", lambda one: one.name == "韶关乙有限公司"),
        ("filing", "information", lambda one: one.filing == "information"),
        ("filing", "", lambda one: one.filing is None),
        ("role", "platform", lambda one: "platform" in one.roles),
        ("end_role", "seller", lambda one: "seller" not in one.roles),
        ("zone", "441600", lambda one: "441600" in one.member_of and one.zone_code == HOME),
        ("home_zone", "441600", lambda one: one.zone_code == "441600"),
        ("customs_code", "4402960ZZZ", lambda one: one.customs_code == "4402960ZZZ"),
    ],
)
def test_a_subject_changes_from_a_day_on(client, zones, administrator, firm, what, value, asks):
    id = firm(1)
    form = {"what": what, "value": value, "on": "2026-11-10"}
    assert send(client, administrator, f"/admin/subjects/{id}/changes", **form)[0] == 302
    assert asks(subjects_by_ids(zones, [id], date(2026, 11, 10))[id])
    assert not asks(subjects_by_ids(zones, [id], date(2026, 11, 9))[id])
    assert read(client, administrator, f"/admin/subjects/{id}", "en")[0] == 200


def test_a_refused_change_is_told_at_the_form(client, administrator, firm):
    id = firm(1)
    for form in ({"what": "name", "value": "x", "on": "2023-01-01"}, {"what": "nonsense", "value": "x"}):
        code, page = send(client, administrator, f"/admin/subjects/{id}/changes", **form)
        assert code in (409, 422)
        assert 'role="alert"' in page
    assert (
        send(client, administrator, "/admin/subjects/987654/changes", what="name", value="x", on="2026-11-10")[0] == 404
    )


def test_a_mandate_is_entered_and_revoked(client, zones, administrator, firm):
    principal, agent = firm(1), firm(2, "乙报关行", ("agent",))
    form = {"agent": "440296T002", "message_types": ["CEB603"], "mandate_from": clock.today().isoformat()}
    assert send(client, administrator, f"/admin/subjects/{principal}/mandates", **form)[0] == 302
    assert mandates_held_by(zones, agent, clock.today()) == {(principal, "CEB603")}
    mandate = zones.scalar(select(Mandate.id))
    assert "乙报关行" in read(client, administrator, f"/admin/subjects/{principal}")[1]
    stranger = firm(3, "丙公司")
    path = f"/admin/subjects/{{}}/mandates/{mandate}/revoke"
    assert send(client, administrator, path.format(stranger))[0] == 404
    assert send(client, administrator, path.format(principal))[0] == 302
    assert send(client, administrator, path.format(principal))[0] == 409
    assert mandates_held_by(zones, agent, clock.today()) == frozenset()


def test_a_mandate_without_types_or_agent_is_refused(client, administrator, firm):
    principal = firm(1)
    path = f"/admin/subjects/{principal}/mandates"
    assert send(client, administrator, path, agent="nobody", mandate_from="2026-11-10")[0] == 422
    assert send(client, administrator, path, agent="440296T001", mandate_from="2026-11-10")[0] == 422


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_firm_gives_its_standing_summary_mandate_itself_and_ends_it(client, zones, firm, lang):
    principal, agent = firm(1), firm(2, "乙报关行", ("agent",))
    own, held = someone(zones, "seller", principal), someone(zones, "agent", agent)
    page = "/mandates"
    words = {
        "zh": ("没有委托别人", "常年汇总委托（", "有效"),
        "en": ("You have given none.", "Standing summary mandate (", "in force"),
    }
    empty, standing, in_force = words[lang]
    assert empty in read(client, own, page, lang)[1]
    today = clock.today()
    form = {"agent": "440296T002", "message_types": ["CEB701", "701-ST"], "mandate_from": today.isoformat()}
    assert send(client, own, page, **form)[0] == 302
    assert mandates_held_by(zones, agent, today) == {(principal, "CEB701"), (principal, "701-ST")}
    mandate = zones.scalar(select(Mandate.id))
    for who, other in ((own, "乙报关行"), (held, "韶关甲有限公司")):
        shown = read(client, who, page, lang)[1].partition("<aside")[0]
        assert all(word in shown for word in (other, "CEB701", standing, in_force)), shown
    revoke = f"{page}/{mandate}/revoke"
    assert revoke in read(client, own, page)[1]
    assert revoke not in read(client, held, page)[1]
    assert send(client, held, revoke)[0] == 403
    assert send(client, someone(zones, "seller", firm(3, "丙公司")), revoke)[0] == 404
    assert send(client, own, revoke)[0] == 302
    assert send(client, own, revoke)[0] == 409
    assert mandates_held_by(zones, agent, today) == frozenset()


def test_a_firms_mandate_is_refused_with_what_was_written_kept(client, zones, firm):
    own = someone(zones, "seller", firm(1))
    form = {"message_types": ["CEB701"], "mandate_from": "2026-11-10"}
    code, page = send(client, own, "/mandates", agent="440296T009", **form)
    assert (code, 'value="440296T009"' in page, 'value="CEB701" checked' in page) == (422, True, True)
    assert send(client, own, "/mandates", agent="440296T001", **form)[0] == 422


# --- accounts


def test_accounts_are_added_for_agencies_and_enterprises(client, zones, administrator, firm):
    id = firm(1)
    common = {"name": "新人", "password": "ein langes Wort", "level": "clerk"}
    officer = common | {"login": "new.officer", "role": "customs_officer", "zones": [HOME]}
    assert send(client, administrator, "/admin/accounts", **officer)[0] == 302
    clerk = common | {"login": "new.clerk", "role": "seller", "firm": "440296T001"}
    assert send(client, administrator, "/admin/accounts", **clerk)[0] == 302
    rows = {row.login: row for row in zones.scalars(select(Account).where(Account.login.like("new.%")))}
    assert (rows["new.officer"].enterprise_id, rows["new.officer"].zones) == (None, [HOME])
    assert (rows["new.clerk"].enterprise_id, rows["new.clerk"].level, rows["new.clerk"].zone_code) == (
        id,
        "clerk",
        HOME,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"login": "a b"},
        {"role": "king"},
        {"password": "short"},
        {"role": "seller"},
        {"firm": "440296T001"},
        {"firm": "unknown"},
        {"name": ""},
    ],
)
def test_a_wrong_account_is_told_at_the_form(client, zones, administrator, firm, wrong):
    firm(1)
    form = {"login": "new.one", "name": "x", "role": "auditor", "password": "ein langes Wort", "level": "clerk"} | wrong
    code, page = send(client, administrator, "/admin/accounts", **form)
    assert code == 422
    assert 'role="alert"' in page
    assert zones.scalar(select(Account.id).where(Account.login == "new.one")) is None


def test_an_ended_account_is_out_at_once_and_nobody_ends_the_own(client, zones, administrator):
    other = someone(zones, "customs_officer")
    assert read(client, other, "/desk")[0] == 200
    send(client, administrator, f"/admin/accounts/{other.id}/disable")
    assert client.get("/api/v1/desk/queue", headers=other.bearer).status_code == 401
    send(client, administrator, f"/admin/accounts/{administrator.id}/disable")
    assert read(client, administrator, "/admin/accounts")[0] == 200


def test_a_second_factor_is_required_by_role_and_shown_once(client, zones, administrator):
    other = someone(zones, "tax_officer")
    send(client, administrator, "/admin/accounts/roles/tax_officer/second-factor", required="1")
    assert zones.get(RoleSetting, "tax_officer").second_factor
    code, page = send(client, administrator, f"/admin/accounts/{other.id}/second-factor")
    assert code == 200
    assert "otpauth://" in page
    assert "otpauth://" not in read(client, administrator, "/admin/accounts")[1]
    assert send(client, administrator, "/admin/accounts/roles/king/second-factor", required="1")[0] == 404


# --- parameters and risk


def test_a_parameter_is_set_for_a_zone_from_a_day_on(client, zones, administrator):
    path = "/admin/parameters/customs.match.waiting_hours"
    form = {"zone": HOME, "value": "48", "valid_from": "2026-11-10", "document": "会议纪要第3号"}
    assert send(client, administrator, path, **form)[0] == 302
    name = "customs.match.waiting_hours"
    assert zone_parameter(zones, HOME, name, date(2026, 11, 10)).integer == 48
    assert zone_parameter(zones, HOME, name, date(2026, 11, 9)).integer == 72
    assert zone_parameter(zones, "441600", name, date(2026, 11, 10)).integer == 72
    page = read(client, administrator, f"/admin/parameters?zone={HOME}&on=2026-11-10")[1]
    assert "会议纪要第3号" in page
    assert "高管理" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": "many"},
        {"value": ""},
        {"document": ""},
        {"valid_from": ""},
        {"valid_to": "2026-11-01"},
        {"zone": "445300"},
    ],
)
def test_a_wrong_parameter_is_told_at_the_form_and_nothing_is_kept(client, zones, administrator, wrong):
    form = {"zone": HOME, "value": "48", "valid_from": "2026-11-10", "document": "会议纪要"} | wrong
    code, page = send(client, administrator, "/admin/parameters/customs.match.waiting_hours", **form)
    assert code == 422
    assert 'role="alert"' in page
    assert zones.scalars(select(ZoneParameterRow)).all() == []


def test_an_unknown_parameter_has_no_page(client, administrator):
    assert read(client, administrator, "/admin/parameters/customs.nothing")[0] == 404
    assert send(client, administrator, "/admin/parameters/customs.nothing", value="1")[0] in (404, 422)


def test_a_zone_manager_sees_no_targeting(client, zones):
    who = someone(zones, "zone_manager")
    assert "customs.risk." not in read(client, who, "/admin/parameters")[1]
    assert read(client, who, "/admin/parameters/customs.risk.points.value")[0] == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_supervisor_reads_shares_factors_and_settings(client, zones, lang):
    who = someone(zones, "customs_supervisor")
    page = read(client, who, "/desk/risk", lang)[1]
    assert "CU3001" in page
    assert "customs.risk.points.value" in page
    assert ("预期比例" if lang == "zh" else "Expected") in page
