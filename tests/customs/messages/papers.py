"""Faultless papers of one parcel, for tests to spoil: a dinner set sold from Chaozhou's office to the United States."""

from __future__ import annotations

from datetime import date, datetime

from common.clock import CHINA
from customs.codes import Codes, Entry
from customs.messages.checking import check_document
from customs.messages.fields import MESSAGES
from customs.messages.reading import read_xml
from customs.messages.writing import NewDocument, message_xml

ON = date(2026, 11, 24)
AT = datetime(2026, 11, 24, 10, 0, tzinfo=CHINA)
GUID = "9F3C1C8A-6A55-4E0B-8F6D-2A7C1B5E0D31"
SELLER = {"code": "442196D016", "name": "潮州韩江陶瓷跨境电子商务有限公司"}
CARRIER = {"code": "440296D004", "name": "粤北通达国际物流有限公司"}
SITE = {"code": "442196D017", "name": "潮州湘子桥监管场站运营有限公司"}
TRANSFER = {
    "copCode": SELLER["code"],
    "copName": SELLER["name"],
    "dxpMode": "DXP",
    "dxpId": "DXPENT0004400016",
}

_FILED = {"guid": GUID, "appType": "1", "appTime": "20261124095500", "appStatus": "2"}
_SELLER = {"ebcCode": SELLER["code"], "ebcName": SELLER["name"]}
_PLATFORM = {"ebpCode": SELLER["code"], "ebpName": SELLER["name"]}
_AGENT = {"agentCode": SELLER["code"], "agentName": SELLER["name"]}
_CARRIER = {"logisticsCode": CARRIER["code"], "logisticsName": CARRIER["name"]}
_SPLIT = {"msgCount": "1", "msgSeqNo": "1"}
_GOODS = {"gcode": "6911101900", "gname": "瓷餐具", "gmodel": "瓷制|盘|无牌|白釉|直径20厘米", "qty": "4", "unit": "011"}

FAULTLESS: dict[str, NewDocument] = {
    "CEB303": NewDocument(
        {
            **_FILED,
            "orderType": "E",
            "orderNo": "HJ2026112400001",
            **_PLATFORM,
            **_SELLER,
            "goodsValue": "152.50",
            "freight": "0",
            "currency": "142",
        },
        [
            {
                "gnum": "1",
                "itemNo": "HJ-PLATE-20",
                "itemName": "白瓷餐盘",
                "unit": "011",
                "currency": "142",
                "qty": "4",
                "price": "30.50",
                "totalPrice": "122.00",
            },
            {
                "gnum": "2",
                "itemNo": "HJ-BOWL-12",
                "itemName": "白瓷饭碗",
                "unit": "011",
                "currency": "142",
                "qty": "2",
                "price": "15.25",
                "totalPrice": "30.50",
            },
        ],
    ),
    "CEB403": NewDocument(
        {
            **_FILED,
            **_PLATFORM,
            **_SELLER,
            "orderNo": "HJ2026112400001",
            "payCode": "440296D006",
            "payName": "广东南岭汇付支付有限公司",
            "payNo": "NL20261124000001",
            "charge": "152.50",
            "currency": "142",
            "accountingDate": "20261124093000",
        }
    ),
    "CEB505": NewDocument(
        {
            **_FILED,
            **_CARRIER,
            "logisticsNo": "YB20261124000001",
            "freight": "38.00",
            "insuredFee": "0",
            "currency": "142",
            "grossWeight": "2.4",
            "packNo": "1",
            "goodsInfo": "瓷餐具",
        }
    ),
    "CEB507": NewDocument(
        {
            **_FILED,
            "customsCode": "6021",
            "copNo": "SITE-0001",
            "operatorCode": SITE["code"],
            "operatorName": SITE["name"],
            "ieFlag": "E",
            "trafMode": "4",
            "billNo": "5100202611240001",
            "domesticTrafNo": "粤U12345",
            **_CARRIER,
            **_SPLIT,
        },
        [{"gnum": "1", "logisticsNo": "YB20261124000001"}, {"gnum": "2", "logisticsNo": "YB20261124000002"}],
    ),
    "CEB509": NewDocument(
        {
            **_FILED,
            "customsCode": "6021",
            "copNo": "OUT-0001",
            **_CARRIER,
            "trafMode": "4",
            "trafName": "粤U12345",
            "voyageNo": "20261124",
            "billNo": "5100202611240001",
            "leaveTime": "20261124093000",
            **_SPLIT,
        },
        [{"gnum": "1", "logisticsNo": "YB20261124000001"}],
    ),
    "CEB603": NewDocument(
        {
            **_FILED,
            "customsCode": "6021",
            **_PLATFORM,
            "orderNo": "HJ2026112400001",
            **_CARRIER,
            "logisticsNo": "YB20261124000001",
            "copNo": "HJ-LIST-0001",
            "ieFlag": "E",
            "portCode": "5301",
            "ieDate": "20261125",
            "statisticsFlag": "B",
            **_AGENT,
            **_SELLER,
            "ownerCode": "NO",
            "ownerName": "潮州韩江陶瓷跨境电子商务有限公司",
            "tradeMode": "9610",
            "trafMode": "4",
            "country": "502",
            "POD": "502",
            "freight": "38.00",
            "fCurrency": "142",
            "fFlag": "3",
            "insuredFee": "0",
            "iCurrency": "142",
            "iFlag": "3",
            "wrapType": "2",
            "packNo": "1",
            "grossWeight": "2.4",
            "netWeight": "2.1",
        },
        [
            {
                "gnum": "1",
                "itemNo": "HJ-PLATE-20",
                **_GOODS,
                "barCode": "无",
                "country": "502",
                "currency": "142",
                "qty1": "1.6",
                "unit1": "035",
                "price": "30.50",
                "totalPrice": "122.00",
            },
            {
                "gnum": "2",
                "itemNo": "HJ-BOWL-12",
                **_GOODS,
                "barCode": "无",
                "country": "502",
                "currency": "142",
                "qty": "2",
                "qty1": "0.5",
                "unit1": "035",
                "price": "15.25",
                "totalPrice": "30.50",
            },
        ],
    ),
    "CEB605": NewDocument(
        {
            **_FILED,
            "customsCode": "6021",
            "copNo": "HJ-UNDO-0001",
            "invtNo": "60212026E000000001",
            "reason": "买家取消订单",
            **_AGENT,
            **_SELLER,
        }
    ),
    "CEB607": NewDocument(
        {
            **_FILED,
            "customsCode": "6021",
            "copNo": "HJ-MASTER-0001",
            **_AGENT,
            "trafMode": "4",
            "trafName": "粤U12345",
            "voyageNo": "20261124",
            "billNo": "5100202611240001",
            "grossWeight": "4.8",
            **_CARRIER,
            **_SPLIT,
        },
        [{"gnum": "1", "logisticsNo": "YB20261124000001"}, {"gnum": "2", "logisticsNo": "YB20261124000002"}],
    ),
    "CEB701": NewDocument(
        {
            **_FILED,
            "customsCode": "6021",
            "copNo": "HJ-SUM-202611",
            **_AGENT,
            **_SELLER,
            "declAgentCode": SELLER["code"],
            "declAgentName": SELLER["name"],
            "summaryFlag": "1",
            "itemNameFlag": "1",
            **_SPLIT,
        },
        [{"invtNo": "60212026E000000001"}],
    ),
    "CEB213": NewDocument(
        {
            **_FILED,
            "customsCode": "6021",
            **_PLATFORM,
            **_SELLER,
            "logisticsNo": "YB20261124000001",
            **_CARRIER,
            "coElNo": "HJ-BACK-0001",
            "invtNo": "60212026E000000001",
            "tradeMode": "9661",
            **_AGENT,
            "billNo": "5100202611240009",
            "ieFlag": "I",
            "trafMode": "4",
            "trafName": "粤U12345",
            "portCode": "5301",
            "reason": "买家退货",
            "country": "502",
            "voyageNo": "20261124",
        },
        [{"gnum": "2", **_GOODS, "qty": "1", "qty1": "0.25", "unit1": "035"}],
    ),
    "CEB215": NewDocument(
        {
            **_FILED,
            "customsCode": "6021",
            "operatorCode": SITE["code"],
            "operatorName": SITE["name"],
            **_CARRIER,
            "logisticsNo": "YB20261124000001",
            "invtNo": "60212026E000000001",
            "coElNo": "SITE-BACK-0001",
            "billNo": "5100202611240009",
            "ieFlag": "I",
            "trafMode": "4",
            "trafName": "粤U12345",
            "voyageNo": "20261124",
        }
    ),
}
"""One faultless document of every message type that firms send."""


def spoilt(type, head=None, lines=None):
    """The faultless document with changes: `head` by element, `lines` by line number; None takes an element out."""
    made = FAULTLESS[type]
    return NewDocument(
        _changed(made.head, head or {}),
        [_changed(line, (lines or {}).get(n, {})) for n, line in enumerate(made.lines)],
    )


def _changed(values, changes):
    """`values` with the changes; an element changed to None is left out."""
    return {key: value for key, value in {**values, **changes}.items() if value is not None}


def xml(type, *documents, **others):
    """A message of the documents, the faultless one where none is given."""
    return message_xml(type, documents or [FAULTLESS[type]], others.pop("transfer", TRANSFER), GUID, **others)


def _known():
    """The codes that the papers use, and some that are valid on other days only."""
    codes = {
        "country": "110 142 303 502",
        "currency": "142 502",
        "customs_office": "5301 6021",
        "port": "502 3154",
        "transport_mode": "4 5 6",
        "unit": "007 011 035",
        "wrap_type": "2",
        "hs_heading": "0501 6109 6911",
        "hs_subheading": "050100 691110",
    }
    for table, listed in codes.items():
        for code in listed.split():
            yield table, Entry(code, "名", "name", {}, None, None, "test")
    yield "country", Entry("332", "旧", "former", {}, None, date(2026, 11, 23), "test")
    yield "currency", Entry("999", "新", "coming", {}, date(2026, 11, 25), None, "test")


CODES = Codes(1, _known(), ())


def checked(type, document, on=ON, at=AT, days=None):
    """All findings of one document of a message: those of reading first."""
    read = read_xml(xml(type, document)).documents[0]
    return [*read.findings, *check_document(MESSAGES[type], read, CODES, on, at, days)]


def rules_at(findings):
    """Findings as (rule, last step of the pointer)."""
    return [(one.rule, one.pointer.rpartition("/")[2]) for one in findings]
