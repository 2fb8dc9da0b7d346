"""A trace shows every value it used, and says when one of them still waits for its legal text."""

from datetime import date
from decimal import Decimal

from common.findings import Text
from common.law import Law, Parameter, ParameterValue, Status, StepRule, Trace

STEP = StepRule("CU0999", "test.decision", Text("条件", "Condition"), "公告")
DAY = date(2026, 1, 1)


def _law(status: Status) -> Law:
    value = ParameterValue("x.limit", Decimal("5.00"), "CNY", date(2020, 1, 1), None, "公告1号", "第一条", status)
    return Law({"x.limit": Parameter("x.limit", "decimal", "CNY", Text("限", "limit"), (value,))})


def test_the_wire_shape_is_that_of_the_interface():
    trace = Trace(_law(Status.VERIFIED), DAY)
    limit = trace.value("x.limit")
    trace.step(STEP, None, limit, amount=Decimal("4.50"), on=DAY)
    assert trace.decide("test.decision", allowed=True, from_=DAY).as_dict() == {
        "decision": "test.decision",
        "outcome": {"allowed": True, "from_": "2026-01-01"},
        "trace": [
            {
                "rule": "CU0999",
                "title": {"zh": "条件", "en": "Condition"},
                "met": None,
                "inputs": {"amount": "4.50", "on": "2026-01-01"},
                "parameters": [
                    {
                        "name": "x.limit",
                        "value": "5.00",
                        "unit": "CNY",
                        "from": "2020-01-01",
                        "to": None,
                        "document": "公告1号",
                        "article": "第一条",
                        "status": "verified",
                    }
                ],
            }
        ],
        "unverified": False,
    }


def test_one_unverified_value_marks_the_decision():
    trace = Trace(_law(Status.UNVERIFIED), DAY)
    trace.step(STEP, True, trace.value("x.limit"))
    assert trace.decide("test.decision").unverified
