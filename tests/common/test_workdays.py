"""Working days by the State Council's arrangements, and days that nobody knows yet."""

from datetime import date, timedelta

import pytest

from common.holidays_loading import load_calendar
from common.workdays import WorkCalendar
from common.workdays_loading import merged, published_calendar, work_calendar
from tests.app.people import SINCE

MADE_UP = [
    # 国务院办公厅关于2025年部分节假日安排的通知
    *["2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"],
    # 国务院办公厅关于2026年部分节假日安排的通知
    *["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"],
]
OFF = ["2025-01-28", "2025-06-02", "2025-10-08", "2026-01-02", "2026-02-23", "2026-05-05", "2026-10-07"]


@pytest.mark.parametrize("day", MADE_UP)
def test_a_weekend_day_that_is_made_up_is_worked(day):
    found = date.fromisoformat(day)
    assert found.weekday() >= 5
    assert published_calendar().works(found) is True


@pytest.mark.parametrize("day", OFF)
def test_a_weekday_of_a_holiday_is_off(day):
    found = date.fromisoformat(day)
    assert found.weekday() < 5
    assert published_calendar().works(found) is False


def test_other_days_follow_the_week():
    assert published_calendar().works(date(2026, 11, 23)) is True
    assert published_calendar().works(date(2026, 11, 21)) is False


def test_a_year_without_arrangement_is_not_known():
    assert not published_calendar().knows(2027)
    assert published_calendar().works(date(2027, 3, 1)) is None
    assert published_calendar().on_or_after(date(2027, 3, 6)) is None


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2025-11-15", "2025-11-17"),
        ("2026-02-15", "2026-02-24"),
        ("2026-09-15", "2026-09-15"),
        ("2026-09-20", "2026-09-20"),
    ],
)
def test_the_next_working_day_skips_holidays_and_stops_at_made_up_days(day, worked):
    assert published_calendar().on_or_after(date.fromisoformat(day)) == date.fromisoformat(worked)


def test_a_search_that_runs_into_an_unknown_year_is_not_known():
    calendar = WorkCalendar({date(2026, 12, 31): True}, frozenset({2026}))
    assert calendar.on_or_after(date(2026, 12, 31)) is None


def test_a_day_named_by_the_next_years_arrangement_counts_before_the_week():
    calendar = WorkCalendar({date(2026, 12, 31): True}, frozenset({2026}))
    assert calendar.works(date(2026, 12, 31)) is False


def test_the_administrators_year_replaces_the_published_one_as_a_whole():
    friday = date(2026, 5, 15)
    calendar = merged({friday: True}, frozenset({2026}))
    assert calendar.on_or_after(friday) == friday + timedelta(days=3)
    assert calendar.works(date(2026, 10, 1)) is True  # not in the loaded table, though published
    assert calendar.works(date(2025, 10, 1)) is False


def test_a_loaded_year_is_known_in_the_session(db_session):
    assert not work_calendar(db_session).knows(2027)
    text = "day,kind\n2027-01-01,holiday\n2027-05-01,holiday\n2027-10-01,holiday\n2027-05-15,workday\n"
    load_calendar(db_session, text.encode(), source="测试", person="administrator", at=SINCE)
    calendar = work_calendar(db_session)
    assert calendar.knows(2027)
    assert calendar.on_or_after(date(2027, 5, 15)) == date(2027, 5, 15)
    assert calendar.on_or_after(date(2027, 5, 16)) == date(2027, 5, 17)
