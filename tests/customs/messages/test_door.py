"""What stops a message at the door, in XML and in JSON, and what does not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customs.messages.reading import DoorFault, read_json, read_xml
from tests.customs.messages.papers import AT, FAULTLESS, GUID, xml

CEB = 'xmlns:ceb="http://www.chinaport.gov.cn/ceb"'
DEEP = "<a>" * 40 + "</a>" * 40
VERY_DEEP = "<a>" * 5000 + "</a>" * 5000
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)


def stopped(raw):
    """The rule that stops these bytes at the door."""
    with pytest.raises(DoorFault) as fault:
        read_xml(raw)
    return fault.value.finding.rule


def stopped_json(raw):
    """The rule that stops this JSON at the door."""
    with pytest.raises(DoorFault) as fault:
        read_json(raw if isinstance(raw, bytes) else json.dumps(raw).encode(), AT)
    return fault.value.finding.rule


@pytest.mark.parametrize(
    "raw",
    [b"", b" ", b"order,amount\n1,2", b"<a>", b"<a></b>", b"{}", b"<a>&nbsp;</a>", b"<a/><b/>", b"\x1f\x8b\x08\x00"],
)
def test_what_is_not_xml_is_stopped(raw):
    assert stopped(raw) in ("CU1003", "CU1001", "CU1002")


def test_a_message_cut_off_in_the_middle_is_stopped():
    raw = xml("CEB603")
    assert all(stopped(raw[:cut].decode(errors="ignore").encode()) == "CU1003" for cut in range(50, len(raw) - 3, 97))


@pytest.mark.parametrize("namespace", ["", "http://www.chinaport.gov.cn/CEB", "http://www.chinaport.gov.cn/dxp"])
def test_another_namespace_is_stopped(namespace):
    assert stopped(f'<CEB303Message xmlns="{namespace}" guid="{GUID}" version="1.0"/>'.encode()) == "CU1006"


@pytest.mark.parametrize(
    "root", ["CEB999Message", "CEB603", "CEB604Message", "CEB311Message", "Order", "ceb603Message"]
)
def test_a_root_that_firms_do_not_send_is_stopped(root):
    assert stopped(f"<ceb:{root} {CEB}/>".encode()) == "CU1007"


def test_the_prefix_does_not_matter():
    raw = xml("CEB505").decode()
    for prefix in ("x:", ""):
        mark = f"xmlns:{prefix[:-1]}=" if prefix else "xmlns="
        again = raw.replace("xmlns:ceb=", mark).replace("<ceb:", f"<{prefix}").replace("</ceb:", f"</{prefix}")
        assert read_xml(again.encode()).documents[0].head == FAULTLESS["CEB505"].head


@pytest.mark.parametrize(
    "opening",
    [
        BOMB,
        "<!DOCTYPE x>",
        '<!-- first --><?pi?>\n<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]>',
    ],
)
def test_a_dtd_is_stopped_before_anything_of_it_is_read(opening):
    raw = xml("CEB303").decode().partition("?>")[2]
    assert stopped((opening + raw.lstrip()).encode()) == "CU1004"


def test_a_text_that_only_speaks_of_a_doctype_passes():
    raw = xml("CEB303").replace(b"<ceb:Order>", b"<!-- <!DOCTYPE x> --><ceb:Order>")
    assert read_xml(raw).envelope_findings == []


@pytest.mark.parametrize("deep", [DEEP, VERY_DEEP])
def test_a_depth_bomb_is_stopped(deep):
    assert stopped(f"<ceb:CEB303Message {CEB}>{deep}</ceb:CEB303Message>".encode()) == "CU1005"


def test_nul_bytes_are_stopped():
    assert stopped(xml("CEB303") + b"\0") == "CU1002"
    assert stopped(b"\0" * 100) == "CU1002"


def test_gbk_bytes_are_stopped_whatever_the_message_declares():
    text = xml("CEB303").decode()
    assert stopped(text.encode("gbk")) == "CU1001"
    assert stopped(text.replace('encoding="UTF-8"', 'encoding="GBK"').encode("gbk")) == "CU1001"


@pytest.mark.parametrize("declared", ["GBK", "gb2312", "ISO-8859-1", "UTF-16", "us-ascii", "utf-7"])
def test_another_declared_encoding_is_stopped_though_the_bytes_are_utf8(declared):
    assert stopped(xml("CEB303").replace(b'encoding="UTF-8"', f'encoding="{declared}"'.encode())) == "CU1009"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_and_32_are_stopped(encoding):
    assert stopped(xml("CEB303").decode().encode(encoding)) in ("CU1001", "CU1002")


@pytest.mark.parametrize("declared", [b'encoding="utf-8"', b"encoding='UTF8'", b""])
def test_a_byte_order_mark_is_accepted(declared):
    raw = xml("CEB303").replace(b'encoding="UTF-8"', declared)
    assert read_xml(b"\xef\xbb\xbf" + raw).documents[0].head == FAULTLESS["CEB303"].head


@pytest.mark.parametrize(
    "fault", ["<ceb:note>\x01</ceb:note>", "<ceb:note>&#1;</ceb:note>", "<ceb:note>&#xFFFF;</ceb:note>"]
)
def test_characters_that_xml_forbids_are_stopped(fault):
    assert stopped(xml("CEB303").replace(b"</ceb:OrderHead>", fault.encode() + b"</ceb:OrderHead>")) == "CU1003"


@given(st.binary(max_size=200))
def test_no_bytes_at_all_make_reading_break(raw):
    for reader in (read_xml, lambda b: read_json(b, AT)):
        with pytest.raises(DoorFault):
            reader(raw)


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=3))
def test_a_message_with_bytes_changed_is_read_or_stopped_and_never_breaks(at, put):
    raw = xml("CEB603")
    broken = raw[: at % len(raw)] + put + raw[at % len(raw) + len(put) :]
    try:
        assert read_xml(broken).type == "CEB603"
    except DoorFault as fault:
        assert fault.finding.message.zh and fault.finding.message.en


@pytest.mark.parametrize("raw", [b"", b"[]", b"1", b'"a"', b"null", b"{", b"{'type': 1}", b'{"a": NaN}', b"<a/>"])
def test_what_is_not_a_json_object_is_stopped(raw):
    assert stopped_json(raw) == "CU1008"


@pytest.mark.parametrize("type", [None, 603, "CEB604", "603", "", ["CEB603"], {"a": "b"}])
def test_a_json_type_that_firms_do_not_send_is_stopped(type):
    assert stopped_json({"type": type, "documents": [{}]}) == "CU1007"


def test_json_depth_nul_and_other_encodings_are_stopped():
    assert stopped_json(b'{"a":' + b"[" * 100_000) == "CU1005"
    assert stopped_json(b'{"type": "CEB303\0"}') == "CU1002"
    assert stopped_json('{"type": "订单"}'.encode("gbk")) == "CU1001"


def test_a_byte_order_mark_before_json_is_accepted():
    raw = json.dumps({"type": "CEB505", "documents": [{"head": dict(FAULTLESS["CEB505"].head)}]}).encode()
    assert read_json(b"\xef\xbb\xbf" + raw, AT).documents[0].head == FAULTLESS["CEB505"].head
