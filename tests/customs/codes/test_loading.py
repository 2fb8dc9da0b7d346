"""The operator's loader: hostile files are refused by row and column, good ones go in whole and once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from common import clock
from common.findings import DomainError, NotFoundError
from common.reference import LoadResult, loads
from customs.codes import codes_snapshot
from customs.codes.loading import load_codes, load_shipped
from customs.codes.tables import CodeEntry

AT = clock.now()
FIXTURE = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def session(db_session: Session) -> Iterator[Session]:
    load_shipped(db_session, at=AT)
    yield db_session


def load(session: Session, table: str, text: str | bytes, *, whole: bool = False, source: str = "通知") -> LoadResult:
    raw = text.encode() if isinstance(text, str) else text
    return load_codes(session, table, raw, source=source, person="administrator", at=AT, whole=whole)


def refused(session: Session, table: str, text: str | bytes, source: str = "通知") -> list[tuple[str, str]]:
    with pytest.raises(DomainError) as caught:
        load(session, table, text, source=source)
    for one in caught.value.findings:
        assert one.message.zh and one.message.en and "{" not in one.message.en
    return [(one.rule, one.pointer) for one in caught.value.findings]


def test_a_file_adds_codes_and_says_how_many(session: Session) -> None:
    result = load(session, "transport_mode", "code,name_zh,name_en\nA,全部,All\nB,乙,B\n")
    assert result == LoadResult(added=2)
    assert codes_snapshot(session).valid("transport_mode", "A", AT.date())


def test_loading_again_changes_nothing(session: Session) -> None:
    text = "code,name_zh,valid_from\nA,全部,2026-01-01\n"
    load(session, "transport_mode", text)
    assert load(session, "transport_mode", text) == LoadResult(same=1)


def test_a_changed_name_changes_the_row(session: Session) -> None:
    load(session, "transport_mode", "code,name_zh\nA,全部\n")
    assert load(session, "transport_mode", "code,name_zh\nA,所有\n") == LoadResult(changed=1)
    assert codes_snapshot(session).name("transport_mode", "A", "zh") == "所有"


def test_what_a_file_does_not_name_stays_unless_it_is_loaded_whole(session: Session) -> None:
    load(session, "wrap_type", "code,name_zh\n8,新一\n")
    assert codes_snapshot(session).counts()["wrap_type"] == 8
    load(session, "wrap_type", "code,name_zh\n8,新一\n9,新二\n", whole=True)
    assert codes_snapshot(session).counts()["wrap_type"] == 2


def test_chinese_names_can_be_added_to_headings_by_themselves(session: Session) -> None:
    load(session, "hs_heading", "code,name_zh\n6911,瓷餐具、厨房器具\n")
    heading = codes_snapshot(session).heading("6911")
    assert heading and heading.name_zh == "瓷餐具、厨房器具"
    assert heading.name_en.startswith("Tableware, kitchenware")


def test_a_code_can_end_and_begin_again_under_another_name(session: Session) -> None:
    text = "code,name_zh,valid_from,valid_to\nA,旧,,2025-12-31\nA,新,2026-01-01,\n"
    assert load(session, "transport_mode", text).added == 2
    codes = codes_snapshot(session)
    assert codes.name("transport_mode", "A", "zh", date(2025, 12, 31)) == "旧"
    assert codes.name("transport_mode", "A", "zh", date(2026, 1, 1)) == "新"


def test_overlapping_periods_are_refused_in_the_file_and_against_the_table(session: Session) -> None:
    inside = "code,name_zh,valid_from,valid_to\nA,旧,,2026-01-01\nA,新,2026-01-01,\n"
    assert refused(session, "transport_mode", inside) == [("CU0622", "A3")]
    load(session, "transport_mode", "code,name_zh,valid_from\nA,旧,2026-01-01\n")
    assert refused(session, "transport_mode", "code,name_zh,valid_from\nA,新,2026-06-01\n") == [("CU0622", "A2")]


def test_one_bad_row_keeps_the_whole_file_out(session: Session) -> None:
    before = codes_snapshot(session).counts()
    assert refused(session, "transport_mode", "code,name_zh\nA,全部\nBB,错\n") == [("CU0605", "A3")]
    assert codes_snapshot(session).counts() == before


def test_all_rows_are_told_at_once(session: Session) -> None:
    text = "code,name_zh,unit1,valid_from\n61091,短,,\n8.21E+09,数,,\n6911101900.0,数,,\n6911101900,瓷,999,2026-2-30\n"
    assert refused(session, "hs", text) == [
        ("CU0607", "A2"),
        ("CU0606", "A3"),
        ("CU0606", "A4"),
        ("CU0623", "C5"),
        ("CU0608", "D5"),
    ]


def test_a_full_code_needs_a_known_heading(session: Session) -> None:
    assert refused(session, "hs", "code,name_zh\n7701000000,无\n") == [("CU0623", "A2")]
    assert refused(session, "hs_heading", "code,name_zh\n7701,无\n") == [("CU0623", "A2")]


def test_a_name_and_a_source_are_needed(session: Session) -> None:
    assert refused(session, "transport_mode", "code,name_zh\nA,\n") == [("CU0621", "A2")]
    assert refused(session, "transport_mode", "code,name_zh,source\nA,甲,\n", source="") == [("CU0610", "C2")]
    assert load(session, "transport_mode", "code,name_zh,source\nA,甲,公告\n", source="") == LoadResult(added=1)


def test_a_list_of_marks_needs_no_names(session: Session) -> None:
    load(session, "hs_export_duty", "code,valid_from\n7202210000,2026-01-01\n")
    found = codes_snapshot(session).hs10("7202210000", date(2026, 1, 1))
    assert found and found.export_duty


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"", "CU0604"),
        ("code,name_zh\nA,全部\n".encode("gbk"), "CU0601"),
        ("code,name_zh\nA,全部\n".encode("utf-16"), "CU0601"),
        (b"code,name_zh\nA,\x00\n", "CU0601"),
        (b'code,name_zh\nA,"open\n', "CU0601"),
        (b"code,name_zh\n", "CU0604"),
        (b"name_zh\nx\n", "CU0602"),
        (b"code,code\nA,B\n", "CU0602"),
        (b"code,colour\nA,B\n", "CU0602"),
        (b"code,name_zh\nA\n", "CU0603"),
        (b"code,name_zh\nA,b\x07c\n", "CU0605"),
        (b"code,name_zh\nA," + b"x" * 700 + b"\n", "CU0605"),
        ("code,name_zh\n１,全角\n".encode(), "CU0605"),
    ],
)
def test_a_file_that_is_no_good_is_named_as_what_it_is(session: Session, raw: bytes, rule: str) -> None:
    assert refused(session, "transport_mode", raw)[0][0] == rule


def test_a_byte_order_mark_blank_lines_and_quoted_commas_are_fine(session: Session) -> None:
    raw = '\ufeffcode,name_zh,name_en\r\n\r\nA,全部,"All, every"\r\n,,\r\n'.encode()
    assert load(session, "transport_mode", raw) == LoadResult(added=1)
    assert codes_snapshot(session).name("transport_mode", "A", "en") == "All, every"


def test_many_faults_are_counted_beyond_the_first_hundreds(session: Session) -> None:
    text = "code,name_zh\n" + "bad,x\n" * 1000
    found = refused(session, "transport_mode", text)
    assert len(found) == 301 and found[-1][0] == "CU0609"


def test_a_table_that_is_not_there_is_not_found(session: Session) -> None:
    with pytest.raises(NotFoundError):
        load(session, "colours", "code\nA\n")


def test_every_load_is_on_record_with_its_source(session: Session) -> None:
    load(session, "transport_mode", "code,name_zh\nA,全部\n", source="公告2026年第1号")
    newest = loads(session, "codes.transport_mode")[0]
    assert (newest.source, newest.loaded_by, newest.added) == ("公告2026年第1号", "administrator", 1)


@FIXTURE
@given(raw=st.one_of(st.binary(max_size=300), st.text(alphabet='code,name_zh\n\r"A1 \t\ufeff。', max_size=200)))
def test_no_file_whatever_breaks_the_loader(session: Session, raw: bytes | str) -> None:
    nested = session.begin_nested()
    try:
        load(session, "transport_mode", raw if isinstance(raw, bytes) else raw.encode())
    except DomainError as error:
        assert error.findings
    finally:
        nested.rollback()


@FIXTURE
@given(code=st.text(alphabet="0123456789.eE+- ", min_size=0, max_size=14))
def test_only_ten_digits_pass_as_a_full_code(session: Session, code: str) -> None:
    nested = session.begin_nested()
    try:
        load(session, "hs", f'code,name_zh\n"{code}",某\n')
        assert len(code.strip()) == 10 and code.strip().isdigit()
    except DomainError as error:
        assert {one.rule for one in error.findings} <= {"CU0605", "CU0606", "CU0607", "CU0623"}
    finally:
        nested.rollback()


@settings(FIXTURE, max_examples=12)
@given(days=st.lists(st.integers(0, 400), min_size=2, max_size=8, unique=True).map(sorted), on=st.integers(-50, 450))
def test_consecutive_periods_answer_every_day_with_exactly_one_row(session: Session, days: list[int], on: int) -> None:
    first = date(2026, 1, 1)
    starts = [first + timedelta(days=n) for n in days]
    ends = [one - timedelta(days=1) for one in starts[1:]]
    rows = zip(starts, [*ends, ""], strict=True)
    text = "code,name_zh,valid_from,valid_to\n" + "".join(f"A,第{a},{a},{b}\n" for a, b in rows)
    nested = session.begin_nested()
    try:
        load(session, "transport_mode", text)
        asked = first + timedelta(days=on)
        held = [
            one.name_zh
            for one in session.scalars(select(CodeEntry).where(CodeEntry.code == "A"))
            if one.valid_from <= asked and (one.valid_to is None or asked <= one.valid_to)  # type: ignore[operator]
        ]
        expected = [f"第{a}" for a in starts if a <= asked][-1:]
        assert held == expected
        session.info.clear()
        assert codes_snapshot(session).valid("transport_mode", "A", asked) == bool(expected)
    finally:
        nested.rollback()
        session.info.clear()
