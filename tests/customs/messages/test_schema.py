"""The generated schema of each message: what is required, how long, how often."""

import pytest
from lxml import etree

from customs.messages.fields import MESSAGES, Shape
from customs.messages.schema import message_schema
from customs.messages.writing import NewDocument, message_xml

XS = "{http://www.w3.org/2001/XMLSchema}"
TRANSFER = {"copCode": "440296D001", "copName": "卖家", "dxpMode": "DXP", "dxpId": "DXPENT0004400001"}


def schema(type):
    return etree.fromstring(message_schema(type).encode())


def waybill(**changes):
    head = {
        "guid": "4CDE1CFD-EDED-46B1-946C-B8022E42FC94",
        "appType": "1",
        "appTime": "20261124101010",
        "appStatus": "2",
        "logisticsCode": "440296D004",
        "logisticsName": "物流",
        "logisticsNo": "YB0001",
        "freight": "0",
        "insuredFee": "0",
        "currency": "142",
        "grossWeight": "0.62",
        "packNo": "1",
        "goodsInfo": "衣服",
    } | changes
    return etree.fromstring(message_xml("CEB505", [NewDocument(head)], TRANSFER, "A" * 36))


@pytest.mark.parametrize("type", sorted(MESSAGES))
def test_every_message_has_a_schema_that_parsers_accept(type):
    etree.XMLSchema(schema(type))


def test_a_faultless_waybill_is_valid():
    etree.XMLSchema(schema("CEB505")).assertValid(waybill())


@pytest.mark.parametrize(
    "fault",
    [
        {"logisticsNo": "Y" * 33},
        {"freight": "1.123456"},
        {"packNo": "1.5"},
        {"guid": "short"},
    ],
)
def test_lengths_and_forms_of_202205_are_asked(fault):
    assert not etree.XMLSchema(schema("CEB505")).validate(waybill(**fault))


def test_both_names_of_an_element_stand_in_the_schema():
    gcode = schema("CEB603").xpath(".//*[@name='gcode']")[0]
    said = {one.get("{http://www.w3.org/XML/1998/namespace}lang"): one.text for one in gcode.iter(f"{XS}documentation")}
    assert said == {"zh": "商品编码", "en": "HS code"}


@pytest.mark.parametrize("written", ["C36", "C..60", "C1..10", "C..*", "N19,5", "I5"])
def test_a_shape_is_written_as_it_was_read(written):
    assert Shape.parse(written).written == written
