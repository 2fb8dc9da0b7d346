"""In which customs districts a 9710 or 9810 checklist is taken in, by date, as intake asks it."""

from datetime import date, datetime

import pytest

from common.clock import CHINA
from common.law import UnknownLawError
from credit.subjects import OfficeFacts
from customs.intake import eligibility
from customs.intake.batch import Filed
from customs.messages.document import ReadDocument
from customs.messages.fields import MESSAGES
from tests.customs.batches import batch, firms
from tests.customs.messages.papers import FAULTLESS

OFFICES = {code: OfficeFacts(code, "440200", "decide", False, True) for code in ("5190", "6701", "6021", "5301")}


def filed(known, mode, office, day):
    made = FAULTLESS["CEB603"]
    head = made.head | {"tradeMode": mode, "customsCode": office, "statisticsFlag": "B"}
    at = datetime(day.year, day.month, day.day, 12, tzinfo=CHINA)
    document = ReadDocument(0, "Inventory", head, [dict(line) for line in made.lines])
    return Filed(document, MESSAGES["CEB603"], day, at, parties={"consignor": known.seller})


@pytest.mark.parametrize("mode", ["9710", "9810"])
@pytest.mark.parametrize(
    ("office", "day", "is_open"),
    [
        ("5190", date(2020, 7, 1), True),  # 51 广州 and 53 深圳 are among the first ten
        ("5301", date(2020, 7, 1), True),
        ("6701", date(2020, 8, 31), False),  # 67 湛江 came with the twelve of 2020-09-01
        ("6701", date(2020, 9, 1), True),
        ("6021", date(2020, 9, 1), False),  # 60 汕头 came with all others
        ("6021", date(2021, 6, 30), False),
        ("6021", date(2021, 7, 1), True),
    ],
)
def test_a_b2b_checklist_is_taken_in_where_its_district_is_open_that_day(
    db_session, monkeypatch, mode, office, day, is_open
):
    known = firms(db_session)
    monkeypatch.setattr(eligibility, "zone_offices", lambda session, on: OFFICES)
    one = filed(known, mode, office, day)
    eligibility.check(batch(db_session, known, "CEB603", sender=known.seller), one, eligibility.Eligibility(db_session))
    assert ("CU2214" in [finding.rule for finding in one.findings]) is not is_open
    assert ("CU6406" in [finding.rule for finding in one.findings]) is (mode == "9810")


def test_before_the_modes_existed_the_day_is_refused_not_guessed(db_session, monkeypatch):
    known = firms(db_session)
    monkeypatch.setattr(eligibility, "zone_offices", lambda session, on: OFFICES)
    one = filed(known, "9710", "5190", date(2020, 6, 30))
    with pytest.raises(UnknownLawError):
        eligibility.check(
            batch(db_session, known, "CEB603", sender=known.seller), one, eligibility.Eligibility(db_session)
        )
