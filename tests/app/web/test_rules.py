"""The catalogue's pages: everybody reads law and rules, nobody who files reads how risk is found, anyone may try."""

import pytest

from app import catalogue
from app.access.roles import Role
from app.catalogue import Wanted
from app.i18n import catalogue as texts
from app.what_if.registry import DECISIONS
from common.audit import PLATFORM, set_context
from common.law import law
from common.law.zones import set_zone_parameter, zone_defaults
from credit.shipped import load_zones
from customs.codes.loading import load_codes
from customs.rules.risk.factor import FACTORS
from tests.app.people import SINCE, someone

OFFICES = "code,name_zh,name_en\n5100,广州海关,Guangzhou Customs\n5300,深圳海关,Shenzhen Customs\n"


@pytest.fixture
def zones(app, db_session):
    set_context(db_session, actor=PLATFORM, at=SINCE)
    load_zones(db_session, at=SINCE)
    db_session.commit()


@pytest.fixture
def officer(zones, db_session):
    return someone(db_session, Role.CUSTOMS_OFFICER).bearer


@pytest.fixture
def taxer(zones, db_session):
    return someone(db_session, Role.TAX_OFFICER).bearer


def page(client, address, who=None, status=200, lang="en"):
    answer = client.get(address, headers={**(who or {}), "Accept": "text/html", "Accept-Language": lang})
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("kind", ["findings", "steps", "parameters", "settings"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_everybody_reads_the_catalogue_in_both_languages(client, kind, lang):
    shown = page(client, f"/rules?kind={kind}", lang=lang)
    assert ("规则目录" if lang == "zh" else "Catalogue of rules") in shown
    expected = {
        "findings": ["CU0101", "CU2001", "SY0300"],
        "steps": ["CU7004", "CU7041"],
        "parameters": ["customs.simplified.b2c.max_ticket_cny", "海关总署公告2018年第194号"],
        "settings": ["customs.match.waiting_hours"],
    }
    for word in expected[kind]:
        assert word in shown


def test_signed_in_people_see_it_in_their_frame(client, officer):
    shown = page(client, "/rules", officer)
    assert 'aria-current="page"' in shown
    assert 'class="z-side"' in shown
    assert 'class="z-side"' not in page(client, "/rules")


def test_parameters_are_listed_with_their_value_of_the_day_asked(client):
    before = page(client, "/rules?kind=parameters&q=receipt_message&on=2024-12-14")
    after = page(client, "/rules?kind=parameters&q=receipt_message&on=2024-12-15")
    assert "海关总署公告2018年第194号" in before and "2024年第167号" not in before
    assert "海关总署公告2024年第167号" in after and "Verified" in after
    assert "No value is known" in page(client, "/rules?kind=parameters&q=receipt_message&on=2018-12-31")


def test_entries_are_found_by_domain_and_by_every_word(client):
    assert "CU0101" in page(client, "/rules?q=退货日期")
    assert "CU0101" not in page(client, "/rules?q=退货日期 nothing")
    assert "CU0101" not in page(client, "/rules?domain=platform")
    assert "SY0300" in page(client, "/rules?domain=platform")
    assert "Nothing fits" in page(client, "/rules?q=xyzzy")


@pytest.mark.parametrize(
    "query", ["kind=<script>", "domain=<b>", "q=%00<script>", "on=x", "kind=filing", "q=" + "a" * 5000]
)
def test_odd_filters_are_answered_with_a_page(client, query):
    assert "<script>" not in page(client, f"/rules?{query}").replace("<script src", "")


def test_a_finding_rule_shows_what_it_says_in_both_languages_without_placeholders(client):
    shown = page(client, "/rules/CU0101")
    assert "退运进境日期…早于出口放行日期…" in shown
    assert "The goods came back on …" in shown
    assert "海关总署公告2020年第44号" in shown


def test_a_condition_links_its_decision_and_parameters(client):
    shown = page(client, "/rules/CU7004")
    assert "/rules/decisions/customs.channel" in shown
    assert "/rules/parameters/customs.simplified.b2c.max_ticket_cny" in shown


def test_a_parameter_shows_its_history_with_documents_and_who_uses_it(client, zones, db_session):
    load_codes(db_session, "customs_office", OFFICES.encode(), source="测试", person="administrator", at=SINCE)
    db_session.commit()
    shown = page(client, "/rules/parameters/customs.return.cross_district")
    assert "2024-12-15" in shown and "2026-03-31" in shown and "2026-04-01" in shown
    assert "51 Guangzhou Customs" in shown
    assert "CU7065" in shown
    assert "everywhere" in shown


def test_a_zone_setting_shows_its_default_and_what_my_zone_has_set(client, officer, db_session):
    for zone, value in (("440200", "48"), ("441600", "99")):
        set_zone_parameter(
            db_session, zone, "customs.match.waiting_hours", value,
            valid_from=SINCE.date(), document="会议纪要", set_by="administrator", at=SINCE,
        )  # fmt: skip
    db_session.commit()
    shown = page(client, "/rules/parameters/customs.match.waiting_hours", officer)
    assert "<td>48</td>" in shown and "Shaoguan" in shown
    assert "<td>99</td>" not in shown
    assert "<td>48</td>" not in page(client, "/rules/parameters/customs.match.waiting_hours")


def test_who_may_file_is_a_table_by_message(client):
    shown = page(client, "/rules/filing")
    for word in ("CEB303", "CEB607", "a filed declaring unit with a mandate valid that day", "2019-01-01"):
        assert word in shown


def test_only_those_who_do_not_file_read_how_risk_is_found(client, officer, taxer):
    factor = FACTORS[0].step.id
    points = "customs.risk.points.value"
    for who in (None, taxer):
        page(client, f"/rules/{factor}", who, status=404)
        page(client, f"/rules/parameters/{points}", who, status=404)
        assert factor not in page(client, "/rules?kind=steps", who)
        assert points not in page(client, "/rules?kind=settings", who)
    page(client, f"/rules/{factor}", officer)
    page(client, f"/rules/parameters/{points}", officer)
    assert points in page(client, "/rules?kind=settings", officer)


@pytest.mark.parametrize("address", ["/rules/CU9999", "/rules/nothing", "/rules/parameters/customs.nothing"])
def test_what_is_not_in_the_catalogue_is_not_found(client, address):
    page(client, address, status=404)


def test_trying_a_decision_needs_an_account(client):
    assert "customs.channel" in page(client, "/rules/decisions")
    assert client.get("/rules/decisions/customs.channel", headers={"Accept": "text/html"}).status_code in (302, 303)


CHANNEL = (
    "/rules/decisions/customs.channel?ask=1&trade_mode=9610&zone_code=440200&export_duty=false&refund_wanted=false"
    "&licence=false&inspection=false&district="
)


def test_a_decision_can_be_tried_for_another_day_from_the_page(client, taxer):
    shown = page(client, f"{CHANNEL}&ticket_value_cny=5000.00&on=2026-11-23", taxer)
    assert "flag A" in shown and "CU7004" in shown and "Some values still wait" in shown
    shown = page(client, f"{CHANNEL}&ticket_value_cny=5000.01&on=2026-11-23", taxer)
    assert "flag A" not in shown
    assert "customs.channel.statistics_in_zone" in page(client, f"{CHANNEL}&ticket_value_cny=1&on=2018-12-31", taxer)


def test_a_form_with_faults_says_each_beside_its_field(client, taxer):
    shown = page(client, f"{CHANNEL}&ticket_value_cny=much&on=", taxer)
    assert shown.count('class="z-wrong"') == 2
    assert 'href="#ticket_value_cny"' in shown


@pytest.mark.parametrize("name", sorted(DECISIONS))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_decision_has_its_page(client, taxer, name, lang):
    page(client, f"/rules/decisions/{name}", taxer, lang=lang)


def test_an_unknown_decision_has_no_page(client, taxer):
    page(client, "/rules/decisions/customs.nothing", taxer, status=404)


def test_every_word_of_the_catalogue_has_its_text():
    everything = Wanted(risk=True)
    units = {one.unit for one in catalogue.parameters(everything)}
    units |= {one.unit for one in catalogue.settings(everything)} - {""}
    assert {f"rules.unit.{one}" for one in units} <= set(texts())
    decisions = {one.decision for one in catalogue.steps(everything)} - set(DECISIONS)
    assert {f"rules.decision.{one}" for one in decisions} <= set(texts())
    outcomes = {key for one in DECISIONS.values() for key in one.outcome}
    assert {f"rules.outcome.{one}" for one in outcomes} <= set(texts())
    assert {f"rules.domain.{one}" for one in catalogue.DOMAINS} <= set(texts())


def test_every_entry_has_a_page(client, officer):
    """Rendered as the auditor of the whole: no page of the catalogue is missing or breaks."""
    everything = Wanted(risk=True)
    numbers = [one.id for one in catalogue.findings(everything)] + [one.id for one in catalogue.steps(everything)]
    for number in numbers:
        page(client, f"/rules/{number}", officer)
    for name in [*(one.name for one in law().parameters()), *zone_defaults()]:
        page(client, f"/rules/parameters/{name}", officer)
