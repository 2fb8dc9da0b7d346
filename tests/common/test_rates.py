"""Exchange rates: three kinds that never mix, no guess where none is loaded, samples in the demo only."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from common import clock
from common.findings import DomainError, NotFoundError
from common.rates import RateKind, customs_rates, rates, safe_rates, tax_rates
from common.rates_loading import load_rates, rate_kind
from common.rates_samples import drop_samples, load_samples
from common.reference import LoadResult

AT = clock.now()


def load(session: Session, kind: RateKind, text: str, **options: bool) -> LoadResult:
    return load_rates(session, kind, text.encode(), source="公告", person="administrator", at=AT, **options)


def refused(session: Session, kind: RateKind, text: str, **options: bool) -> list[tuple[str, str]]:
    with pytest.raises(DomainError) as caught:
        load(session, kind, text, **options)
    return [(one.rule, one.pointer) for one in caught.value.findings]


def test_a_monthly_rate_holds_for_every_day_of_its_month_only(db_session: Session) -> None:
    load(db_session, RateKind.CUSTOMS, "currency,period,rate\nUSD,2026-12,7.0123\n")
    held = customs_rates(db_session)
    assert held.rate("USD", date(2026, 12, 1)) == held.rate("USD", date(2026, 12, 31)) == Decimal("7.0123")
    assert held.rate("USD", date(2026, 11, 30)) is None
    assert held.rate("USD", date(2027, 1, 1)) is None


def test_customs_old_code_and_the_alpha_code_ask_the_same_rate(db_session: Session) -> None:
    load(db_session, RateKind.CUSTOMS, "currency,period,rate\n502,2026-12,7\n")
    held = customs_rates(db_session)
    assert held.rate("502", date(2026, 12, 5)) == held.rate("USD", date(2026, 12, 5)) == Decimal(7)


def test_the_base_currency_is_always_one(db_session: Session) -> None:
    day = date(1999, 1, 1)
    assert customs_rates(db_session).rate("142", day) == tax_rates(db_session).rate("CNY", day) == Decimal(1)
    assert safe_rates(db_session).rate("USD", day) == Decimal(1)
    assert safe_rates(db_session).rate("CNY", day) is None


def test_the_three_kinds_never_answer_for_each_other(db_session: Session) -> None:
    load(db_session, RateKind.CUSTOMS, "currency,period,rate\nEUR,2026-12,7.7\n")
    load(db_session, RateKind.SAFE, "currency,period,rate\nEUR,2026-12,1.08\n")
    load(db_session, RateKind.TAX, "currency,period,rate\nEUR,2026-12-02,7.8\n")
    asked = [rates(db_session, kind).rate("EUR", date(2026, 12, 2)) for kind in RateKind]
    assert asked == [Decimal("7.7"), Decimal("1.08"), Decimal("7.8")]
    assert tax_rates(db_session).rate("EUR", date(2026, 12, 3)) is None


def test_a_rate_quoted_per_hundred_is_kept_per_one_exactly(db_session: Session) -> None:
    load(db_session, RateKind.TAX, "currency,period,rate,per\nJPY,2026-12-02,4.5317,100\n")
    assert tax_rates(db_session).rate("JPY", date(2026, 12, 2)) == Decimal("0.045317")


def test_loading_again_changes_nothing_and_a_correction_replaces(db_session: Session) -> None:
    text = "currency,period,rate\nUSD,2026-12,7.0\nEUR,2026-12,7.7\n"
    assert load(db_session, RateKind.CUSTOMS, text) == LoadResult(added=2)
    assert load(db_session, RateKind.CUSTOMS, text) == LoadResult(same=2)
    corrected = load(db_session, RateKind.CUSTOMS, text.replace("7.7", "7.71"))
    assert corrected == LoadResult(changed=1, same=1)
    assert customs_rates(db_session).rate("EUR", date(2026, 12, 1)) == Decimal("7.71")


def test_every_bad_row_is_told_and_nothing_is_loaded(db_session: Session) -> None:
    text = (
        "currency,period,rate\nUSD,2026-12,7\nXXQ,2026-12,7\nCNY,2026-12,1\nEUR,2026-13,7\nGBP,2026-12-01,9\n"
        "HKD,2026-12,-1\nJPY,2026-12,1e2\nUSD,2026-12,8\nSEK,2026-12,0\n"
    )
    assert refused(db_session, RateKind.CUSTOMS, text) == [
        ("CU0631", "A3"),
        ("CU0631", "A4"),
        ("CU0605", "B5"),
        ("CU0605", "B6"),
        ("CU0605", "C7"),
        ("CU0605", "C8"),
        ("CU0632", "A9"),
        ("CU0605", "C10"),
    ]
    assert customs_rates(db_session).rate("USD", date(2026, 12, 1)) is None


def test_samples_are_refused_outside_the_demo(db_session: Session) -> None:
    text = "currency,period,rate\nUSD,2026-12,7\n"
    assert refused(db_session, RateKind.CUSTOMS, text, sample=True) == [("CU0633", "")]
    load(db_session, RateKind.CUSTOMS, text, sample=True, demo=True)
    assert customs_rates(db_session).is_sample("502", date(2026, 12, 9))


def test_samples_answer_for_any_demo_day_and_leave_no_trace_outside_it(db_session: Session) -> None:
    load_samples(db_session, at=AT)
    for day in (date(2024, 1, 1), date(2026, 12, 1), date(2027, 12, 31)):
        assert all(rates(db_session, kind).rate("EUR", day) for kind in RateKind)
        assert all(rates(db_session, kind).is_sample("EUR", day) for kind in RateKind)
    drop_samples(db_session, at=AT)
    assert not any(rates(db_session, kind).rate("EUR", date(2026, 12, 1)) for kind in RateKind)


def test_a_real_rate_takes_a_samples_place_and_survives_the_end_of_the_demo(db_session: Session) -> None:
    load_samples(db_session, at=AT)
    assert load(db_session, RateKind.CUSTOMS, "currency,period,rate\nUSD,2026-12,7.01\n").changed == 1
    drop_samples(db_session, at=AT)
    assert customs_rates(db_session).rate("USD", date(2026, 12, 1)) == Decimal("7.01")


def test_an_unknown_kind_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        rate_kind("market")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rate=st.decimals("0.0000000001", "99999", places=10), per=st.sampled_from(["1", "100", "10000"]))
def test_a_rate_is_kept_exactly_or_refused(db_session: Session, rate: Decimal, per: str) -> None:
    nested = db_session.begin_nested()
    try:
        load(db_session, RateKind.TAX, f"currency,period,rate,per\nUSD,2026-12-02,{rate:f},{per}\n")
        assert tax_rates(db_session).rate("USD", date(2026, 12, 2)) == rate / Decimal(per)
    except DomainError as error:
        assert {one.rule for one in error.findings} == {"CU0605"}
        assert rate / Decimal(per) != round(rate / Decimal(per), 10)
    finally:
        nested.rollback()
        db_session.info.clear()
