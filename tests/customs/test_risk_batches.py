"""Tiering whole batches on the database: fifty in a minute, split sales, secrets, shares, history."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event, select

from common.clock import CHINA
from common.findings import NotAllowedError, NotFoundError
from common.law.zones import set_zone_parameter
from customs.risk import CandidateChecklist, assess_batch, full_trace, refresh_history, revealed_secret, shares
from customs.rules.risk.draw import lot
from customs.tables import DailySecret, RiskTally

DAY = date(2026, 11, 24)
AT = datetime(2026, 11, 24, 10, 0, tzinfo=CHINA)
ZONE = "440200"


@dataclass(frozen=True)
class Subject:
    """The facts of a subject that tiering reads."""

    id: int
    customs_grade: str | None = None
    registered_on: date | None = DAY


SELLER = Subject(1)


def candidate(number=1, **changes):
    value = changes.pop("value", Decimal("150"))
    fields = {
        "id": 202611 * 10**10 + number,
        "zone_code": ZONE,
        "consignor": SELLER,
        "declarant": SELLER,
        "flag": "A",
        "trade_mode": "9610",
        "value_cny": value,
        "gross_weight": Decimal("0.6"),
        "net_weight": Decimal("0.5"),
        "country": "502",
        "received_at": AT,
        "on": DAY,
        "lines": [("6109100021", Decimal(5), "011", value, value)],
        "owner_code": "4423660001",
    } | changes
    return CandidateChecklist(**fields)


@pytest.fixture
def no_draw(db_session):
    """Random shares of nothing, so that a test sees the factors alone."""
    for name in ("medium", "high"):
        set_zone_parameter(
            db_session,
            None,
            f"customs.risk.random_share.{name}",
            "0",
            valid_from=date(2026, 1, 1),
            document="测试",
            set_by="test",
            at=AT,
        )


def tiers(found):
    return [one.tier for one in found]


@pytest.mark.usefixtures("no_draw")
def test_fifty_ordinary_parcels_in_a_minute_are_low_in_one_batch_and_one_by_one(db_session):
    assert set(tiers(assess_batch(db_session, [candidate(n) for n in range(50)], AT))) == {"low"}
    for n in range(50, 100):
        at = AT + timedelta(seconds=n)
        assert tiers(assess_batch(db_session, [candidate(n, received_at=at)], at)) == ["low"]


@pytest.mark.usefixtures("no_draw")
def test_a_split_sale_is_seen_across_batches_and_inside_one(db_session):
    first = assess_batch(db_session, [candidate(1, value=Decimal(3000))], AT)
    second = assess_batch(db_session, [candidate(2, value=Decimal(2500))], AT + timedelta(hours=5))
    together = assess_batch(
        db_session,
        [candidate(n, value=Decimal(2600), receiver_key="r", consignor=Subject(2)) for n in (3, 4)],
        AT,
    )
    assert (tiers(first), tiers(second), tiers(together)) == (["low"], ["medium"], ["medium", "medium"])
    assert second[0].reason_class == "value_check"


@pytest.mark.usefixtures("no_draw")
def test_two_sellers_two_receivers_or_a_later_week_are_no_split(db_session):
    assess_batch(db_session, [candidate(1, value=Decimal(3000))], AT)
    assert tiers(assess_batch(db_session, [candidate(2, value=Decimal(3000), consignor=Subject(2))], AT)) == ["low"]
    later = AT + timedelta(days=7)
    assert tiers(assess_batch(db_session, [candidate(3, value=Decimal(3000))], later)) == ["low"]
    two = [candidate(n, value=Decimal(3000), receiver_key=f"r{n}", consignor=Subject(3)) for n in (4, 5)]
    assert tiers(assess_batch(db_session, two, AT)) == ["low", "low"]


@pytest.mark.usefixtures("no_draw")
def test_a_checklist_assessed_again_is_not_a_split_of_itself(db_session):
    for _ in range(2):
        assert tiers(assess_batch(db_session, [candidate(1, value=Decimal(3000))], AT)) == ["low"]


def test_the_number_of_queries_does_not_grow_with_the_batch(db_session):
    def count(candidates):
        statements = []
        listener = lambda *args: statements.append(args[2])  # noqa: E731
        event.listen(db_session.get_bind(), "before_cursor_execute", listener)
        assess_batch(db_session, candidates, AT)
        event.remove(db_session.get_bind(), "before_cursor_execute", listener)
        return len(statements)

    count([candidate(0)])
    assert count([candidate(1)]) == count([candidate(n, consignor=Subject(n)) for n in range(2, 102)])


def test_a_stored_trace_reads_in_full_with_titles_and_parameters(db_session):
    (found,) = assess_batch(db_session, [candidate()], AT)
    assert "parameters" not in found.trace[0]
    trace = full_trace(db_session, found.trace)
    first = trace[0]
    assert set(first) == {"rule", "title", "met", "inputs", "parameters"}
    assert set(first["title"]) == {"zh", "en"}
    assert {p["name"] for p in first["parameters"]} >= {"customs.risk.value.multiple", "customs.risk.points.value"}
    assert full_trace(db_session, None) == []


def test_anybody_with_the_secret_can_draw_again(db_session):
    (found,) = assess_batch(db_session, [candidate(7)], AT)
    draw = found.trace[-1]["inputs"]
    secret = revealed_secret(db_session, DAY, AT + timedelta(days=1))
    assert draw["lot"] == f"{lot(secret, draw['checklist']):.6f}"
    assert draw["day"] == "2026-11-24"


def test_a_secret_is_made_once_and_shown_only_after_its_day(db_session):
    assess_batch(db_session, [candidate(1)], AT)
    before = db_session.scalars(select(DailySecret.secret)).all()
    assess_batch(db_session, [candidate(2)], AT + timedelta(hours=1))
    assert db_session.scalars(select(DailySecret.secret)).all() == before
    with pytest.raises(NotAllowedError):
        revealed_secret(db_session, DAY, datetime(2026, 11, 24, 23, 59, 59, tzinfo=CHINA))
    assert revealed_secret(db_session, DAY, datetime(2026, 11, 25, tzinfo=CHINA)) == before[0]
    with pytest.raises(NotFoundError):
        revealed_secret(db_session, DAY - timedelta(days=1), AT)


@pytest.mark.usefixtures("no_draw")
def test_shares_are_counted_and_survive_the_nightly_merge(db_session):
    batch = [candidate(n) for n in range(9)] + [candidate(9, not_checkable=True)]
    assess_batch(db_session, batch, AT)
    found = {row.tier: (row.count, row.share) for row in shares(db_session, [ZONE], DAY)}
    assert found == {"low": (9, Decimal("0.9")), "medium": (1, Decimal("0.1")), "high": (0, Decimal(0))}
    for _ in range(2):
        refresh_history(db_session, AT + timedelta(days=4))
    assert {row.tier: (row.count, row.share) for row in shares(db_session, [ZONE], DAY)} == found
    assert db_session.scalars(select(RiskTally.kind).distinct()).all() == ["tier"]


def test_an_unknown_zone_day_has_no_share(db_session):
    assert {row.share for row in shares(db_session, [ZONE], date(2020, 1, 1))} == {None}


def test_the_grade_raises_whatever_the_draw(db_session):
    bad = replace(SELLER, customs_grade="失信企业")
    (found,) = assess_batch(db_session, [candidate(consignor=bad)], AT)
    assert (found.tier, found.reason_class) == ("high", "party_check")
