"""Movement's pure rules: the scale, what followed, who may leave, what may be cancelled."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from common.clock import CHINA
from common.law import law
from customs.rules.amendments import Action, allows
from customs.rules.cancellation import cancel_refusal, needs_officer
from customs.rules.movement import (
    Followed,
    LeavingFacts,
    leaving_refusal,
    missing_parts,
    opens_incident,
    usable,
    what_followed,
)
from customs.rules.moves import NAMES
from customs.rules.site import weight_hold

AT = datetime(2026, 11, 24, 10, 0, tzinfo=CHINA)
SHARE, FLOOR = Decimal("0.1"), Decimal("0.1")


@pytest.mark.parametrize(
    ("declared", "weighed", "held"),
    [
        ("2", "2.2", False),
        ("2", "1.8", False),
        ("2", "2.20001", True),
        ("2", "1.79999", True),
        ("0.5", "0.6", False),
        ("0.5", "0.60001", True),
        ("0.5", None, False),
    ],
)
def test_a_tenth_of_the_weight_and_at_least_a_hundred_grams_are_allowed(declared, weighed, held):
    found = weight_hold(Decimal(declared), Decimal(weighed) if weighed else None, share=SHARE, floor=FLOOR)
    assert (found is not None) == held


def test_a_hold_says_what_was_weighed_and_declared():
    hold = weight_hold(Decimal("2.00"), Decimal("3.5"), share=SHARE, floor=FLOOR)
    assert hold.as_dict(AT) == {
        "reason": "weight",
        "rule": "CU4015",
        "since": AT.isoformat(),
        "declared": "2",
        "weighed": "3.5",
        "tolerance": "0.2",
    }
    assert "3.5" in hold.say().zh
    assert "3.5" in hold.say().en


def test_missing_parts_are_those_that_never_came():
    assert missing_parts(4, {1, 3}) == [2, 4]
    assert missing_parts(2, [2, 1]) == []


@pytest.mark.parametrize(
    ("facts", "followed"),
    [
        (Followed(None, None, False, False), False),
        (Followed("2", None, False, False), False),
        (Followed("399", None, False, False), False),
        (Followed("800", AT - timedelta(hours=1), False, False), False),
        (Followed("800", AT, False, False), True),
        (Followed("500", None, False, False), True),
        (Followed("700", None, False, False), True),
        (Followed("399", None, False, True), True),
        (Followed("800", AT - timedelta(hours=1), True, False), True),
        (Followed("899", AT - timedelta(hours=1), False, False), True),
    ],
)
def test_an_arrival_may_be_taken_back_only_while_nothing_followed(facts, followed):
    assert (what_followed(facts, AT) is not None) == followed


def leaving(**changes):
    facts = {"number": "W", "status": "800", "customs_code": "5190", "arrived_at": AT, "released_at": AT} | changes
    found = leaving_refusal(LeavingFacts(**facts), "/x", office="5190", leave_time=AT, arrival_required=True)
    return found.rule if found else None


def test_only_a_released_parcel_may_leave():
    assert leaving() is None
    for status in [*NAMES, "-1"]:
        if status != "800":
            rule = leaving(status=status)
            assert rule in ("CU4030", "CU4031"), status
            assert opens_incident(rule)


@pytest.mark.parametrize(
    ("changes", "rule", "case"),
    [
        ({"status": None}, "CU4030", True),
        ({"held": True}, "CU4032", True),
        ({"missing": True}, "CU4037", False),
        ({"customs_code": "5191"}, "CU4036", False),
        ({"arrived_at": None}, "CU4033", False),
        ({"arrived_at": AT + timedelta(seconds=1)}, "CU4034", False),
        ({"released_at": AT + timedelta(seconds=1)}, "CU4035", True),
    ],
)
def test_what_else_stops_a_parcel(changes, rule, case):
    assert leaving(**changes) == rule
    assert opens_incident(rule) == case


def test_arrival_is_not_asked_for_where_the_zone_does_not():
    facts = LeavingFacts("W", "800", "5190", None, AT)
    assert leaving_refusal(facts, "/x", office="5190", leave_time=AT, arrival_required=False) is None


def test_a_cancellation_is_allowed_from_storing_to_release_only():
    day = date(2026, 11, 24)
    asked = {state: allows(state, Action.CANCELLATION, law(), day) for state in NAMES}
    allowed = {
        state
        for state, may in asked.items()
        if cancel_refusal("N", state, cancellable=may, left=False, pointer="") is None
    }
    assert allowed == {"120", "300", "399", "800"}
    assert cancel_refusal("N", "800", cancellable=True, left=True, pointer="").rule == "CU4055"


def test_an_officer_decides_from_review_on_and_whatever_is_held():
    assert not needs_officer("120", held=False)
    assert needs_officer("120", held=True)
    assert all(needs_officer(state, held=False) for state in ("300", "399", "800"))


@pytest.mark.parametrize(
    ("text", "fine"), [("好", True), (" ", False), ("a\0b", False), ("长" * 1001, False), ("a\nb", True)]
)
def test_texts_that_can_be_kept(text, fine):
    assert usable(text) == fine
