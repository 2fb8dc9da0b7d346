"""The official calendar: one whole year at a time, days off and make-up working days."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from common import clock
from common.findings import DomainError
from common.holidays import holiday_days, loaded_years
from common.holidays_loading import load_calendar
from common.reference import LoadResult

AT = clock.now()
YEAR = "day,kind,name_zh\n2027-01-01,holiday,元旦\n2027-05-01,休,劳动节\n2027-10-01,holiday,国庆节\n2027-10-09,班,\n"


def load(session: Session, text: str, source: str = "国办发明电") -> LoadResult:
    return load_calendar(session, text.encode(), source=source, person="administrator", at=AT)


def refused(session: Session, text: str) -> list[tuple[str, str]]:
    with pytest.raises(DomainError) as caught:
        load(session, text)
    return [(one.rule, one.pointer) for one in caught.value.findings]


def test_days_off_and_working_days_are_known_after_loading(db_session: Session) -> None:
    assert loaded_years(db_session) == frozenset()
    assert load(db_session, YEAR) == LoadResult(added=4)
    days = holiday_days(db_session)
    assert days[date(2027, 1, 1)] is True and days[date(2027, 10, 9)] is False
    assert loaded_years(db_session) == frozenset({2027})


def test_loading_again_changes_nothing_and_a_new_arrangement_replaces_the_year(db_session: Session) -> None:
    load(db_session, YEAR)
    assert load(db_session, YEAR) == LoadResult(same=4)
    assert load(db_session, YEAR.replace("2027-10-09", "2027-10-10")) == LoadResult(added=1, removed=1, same=3)
    assert date(2027, 10, 9) not in holiday_days(db_session)


def test_the_last_day_of_december_may_belong_to_the_next_year(db_session: Session) -> None:
    text = "day,kind,year\n2026-12-31,休,2027\n2027-01-01,休,2027\n2027-05-01,休,2027\n2027-10-01,休,2027\n"
    load(db_session, text)
    assert loaded_years(db_session) == frozenset({2027})
    assert holiday_days(db_session)[date(2026, 12, 31)] is True


def test_every_bad_row_is_told(db_session: Session) -> None:
    text = YEAR + "2027-10-01,休,\n2027-10-11,班,\n2027-02-30,休,\n2027-03-01,maybe,\n,休,\n"
    assert refused(db_session, text) == [
        ("CU0640", "A6"),
        ("CU0641", "A7"),
        ("CU0608", "A8"),
        ("CU0605", "B9"),
        ("CU0605", "A10"),
    ]
    assert loaded_years(db_session) == frozenset()


def test_half_a_year_is_refused_because_it_would_pass_for_a_whole_one(db_session: Session) -> None:
    assert refused(db_session, "day,kind\n2027-01-01,休\n") == [("CU0642", "")]
