"""What pages and API make of a goods return is valid under the official schema of 202205, and so are its answers."""

import uuid
from decimal import Decimal

import pytest

from customs.messages.responses import response_xml
from customs.messages.writing import NewDocument, message_xml
from customs.returns.drafting import Filer, documents
from customs.returns.left import Returnable
from customs.returns.planning import Pick
from customs.rules.returns import Amounts, Grounds, ReturnState
from customs.tables import Checklist, ChecklistLine

TRANSFER = {"copCode": "440296M001", "copName": "韶关出口", "dxpMode": "DXP", "dxpId": "DXPENT0000000001"}
SAID = {"trafMode": "5", "trafName": "CZ3100", "voyageNo": "CZ3100", "reason": "买家拒收", "logisticsNo": "W-1"}


def picks(mode, count):
    for n in range(count):
        origin = Checklist(
            id=n,
            customs_code="5190",
            ebp_code="440296M001",
            ebp_name="平台",
            ebc_code="440296M001",
            ebc_name="卖家",
            logistics_code="440296M002",
            logistics_name="物流",
            logistics_no="W-0",
            port_code="5190",
            country="502",
            invt_no=f"51902026E{n:09d}",
            trade_mode=mode,
        )
        line = ChecklistLine(
            gnum=1, gcode="6109100021", gname="T恤", gmodel="棉", unit="011", unit1="011", unit2="035", item_no="1"
        )
        whole = Amounts(Decimal(3), Decimal(3), Decimal("0.1"))
        nothing = Amounts(Decimal(0), Decimal(0), Decimal(0))
        yield Pick(0, origin, Returnable(line, whole, nothing, nothing), Decimal(1))


@pytest.mark.parametrize("mode", ["9610", "1210", "9810"])
@pytest.mark.parametrize("count", [1, 100])
def test_a_request_is_valid(export_schema, faults, mode, count):
    made = documents(picks(mode, count), SAID, Filer("440296M001", "卖家"), Grounds(), number="R20261124ABCDEF")
    filled = [
        NewDocument({"guid": str(uuid.uuid4()).upper(), "appTime": "20261124100000", **one["head"]}, one["lines"])
        for one in made
    ]
    raw = message_xml("CEB213", filled, TRANSFER, str(uuid.uuid4()).upper())
    assert len(made) == count
    assert faults(export_schema, raw) == []
    assert len({one["head"]["coElNo"] for one in made}) == count


@pytest.mark.parametrize("state", list(ReturnState))
def test_an_answer_in_any_state_of_a_return_is_valid(export_schema, faults, state):
    row = {
        "guid": str(uuid.uuid4()).upper(), "ebpCode": "440296M001", "ebcCode": "440296M001", "agentCode": "440296M001",
        "coElNo": "R-1", "preNo": "B20261124000000001", "invtNo": "51902026E000000001", "returnStatus": state,
        "returnTime": "20261124100000000", "returnInfo": "x",
    }  # fmt: skip
    assert faults(export_schema, response_xml("CEB214", [row])) == []
