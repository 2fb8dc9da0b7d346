"""Handing in messages and files on pages: every way ends in the inbox, and the answer says what to change."""

import io
import json
import re

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from app.files.columns import MARK, columns
from app.files.reading import read_file
from app.files.sheets import letters
from common import clock
from customs.intake.inbox import unprocessed
from customs.intake.process import process_message
from customs.messages.writing import NewDocument, message_xml
from tests.app.files.books import book, order
from tests.road.papers import number

GOODS_VALUE = [one.key for one in columns("CEB303")].index("goodsValue")


@pytest.fixture
def desk(road):
    """The seller's pages, with a worker that is called by hand."""
    return Pages(road)


class Pages:
    """Pages as a demo account sees them; a token instead of a session, so that no form token is needed."""

    def __init__(self, made, key="seller"):
        self.road, self.key = made, key

    def get(self, path, key=None):
        return self.road.client.get(path, headers=self.road.headers(key or self.key) | {"Accept": "text/html"})

    def upload(self, raw, name="file.xlsx", lang="zh"):
        """Hand in a file; gives the response."""
        return self.road.client.post(
            f"/upload?lang={lang}",
            data={"file": (io.BytesIO(raw), name)},
            headers=self.road.headers(self.key) | {"Accept": "text/html"},
            content_type="multipart/form-data",
        )

    def work(self):
        """Let a worker do all that waits."""
        with self.road.factory() as session:
            waiting = unprocessed(session, clock.now())
        for message_id in waiting:
            process_message(self.road.factory, message_id, clock.now())

    def answered(self, raw, name="file.xlsx"):
        """Hand in a file, let it be worked on, and give the address of its answer and the page."""
        response = self.upload(raw, name)
        assert response.status_code == 303, response.get_data(as_text=True)
        self.work()
        return response.location, self.get(response.location).get_data(as_text=True)

    def count(self):
        """How many messages the seller has."""
        firm = self.road.firm(self.key)["id"]
        with self.road.factory() as session:
            return session.scalar(text("SELECT count(*) FROM message WHERE sender_id = :id"), {"id": firm})


def own(made, **changes):
    """An order of the demo's seller under a number of its own."""
    firm = made.firm("seller")
    parties = {"ebpCode": firm["customs_code"], "ebpName": firm["name"]}
    return order(number("F"), **parties, ebcCode=firm["customs_code"], ebcName=firm["name"], **changes)


def figures(page):
    """The figures at the head of an answer: documents, accepted, to change, filed before."""
    return [int(one.replace(",", "")) for one in re.findall(r"<dd(?: class=\"is-\w+\")?>([\d,]+)</dd>", page)]


# --- messages


def test_a_json_message_is_taken_in_and_its_page_tells_what_became_of_it(desk):
    head = {key: text for key, text in own(desk.road).items() if "/" not in key}
    line = {key.partition("/")[2]: text for key, text in order().items() if "/" in key} | {"gnum": "1"}
    raw = json.dumps({"type": "CEB303", "documents": [{"head": head, "lines": [line]}]}).encode()
    location, page = desk.answered(raw, "order.json")
    assert location.startswith("/messages/")
    assert head["orderNo"] in page
    assert "1 份单证已接收" in page


def test_an_xml_message_is_taken_in(desk):
    head = {key: text for key, text in own(desk.road).items() if "/" not in key}
    head |= {"guid": number("G").ljust(36, "0"), "appType": "1", "appStatus": "2"}
    head["appTime"] = clock.now().strftime("%Y%m%d%H%M%S")
    line = {key.partition("/")[2]: text for key, text in order().items() if "/" in key} | {"gnum": "1"}
    transfer = {"copCode": "440296D001", "copName": "x", "dxpMode": "DXP", "dxpId": "D"}
    raw = message_xml("CEB303", [NewDocument(head, [line])], transfer, number("M").ljust(36, "0"))
    _, page = desk.answered(raw, "order.xml")
    assert "1 份单证已接收" in page


def test_a_message_that_cannot_be_read_is_kept_and_refused_on_its_page(desk):
    location, page = desk.answered(b"<a>", "bad.xml")
    assert "整份退回" in page
    assert desk.get(f"{location}/responses.xml").data.count(b"MessageReturn>") == 2


def test_responses_can_be_downloaded_as_xml_and_json(desk):
    location, _ = desk.answered(book("CEB303", [own(desk.road)]))
    message = re.search(r'href="(/messages/\d+)"', desk.get(location).get_data(as_text=True))[1]
    assert b"CEB304Message" in desk.get(f"{message}/responses.xml").data
    assert desk.get(f"{message}/responses.json").get_json()["items"][0]["type"] == "CEB304"


def test_one_s_own_messages_are_listed_newest_first_and_nobody_else_s(desk):
    location, _ = desk.answered(b"<b>", "bad.xml")
    page = desk.get("/messages").get_data(as_text=True)
    first = re.search(r'href="(/messages/\d+)"', page[page.index("<tbody>") :])[1]
    assert first == location
    assert location not in desk.get("/messages", "seller2").get_data(as_text=True)
    assert desk.get(location, "seller2").status_code == 404


# --- files


def test_good_rows_are_filed_and_bad_ones_are_told_by_cause_and_cell(desk):
    rows = [own(desk.road), own(desk.road, currency=142), own(desk.road, goodsValue="32"), own(desk.road)]
    _, page = desk.answered(book("CEB303", rows))
    assert figures(page) == [4, 2, 2, 0]
    assert "2 份单证要改" in page
    assert "CU0806" in page
    assert re.search(r"Sheet1![A-Z]+3<", page)
    assert f"Sheet1!{letters(GOODS_VALUE)}4" in page


def test_more_than_a_hundred_documents_go_in_several_messages_and_all_arrive(desk):
    before = desk.count()
    _, page = desk.answered(book("CEB303", [own(desk.road) for _ in range(205)]))
    assert figures(page) == [205, 205, 0, 0]
    assert desk.count() - before == 3


def test_the_same_file_again_gives_the_first_answer_and_doubles_nothing(desk):
    raw = book("CEB303", [own(desk.road), own(desk.road)])
    first, _ = desk.answered(raw)
    before = desk.count()
    again, page = desk.answered(raw, "renamed.xlsx")
    assert (again, desk.count()) == (first, before)
    assert "以前上传过" in page


def test_documents_filed_before_are_skipped_not_refused_as_faults(desk):
    known = own(desk.road)
    desk.answered(book("CEB303", [known]))
    _, page = desk.answered(book("CEB303", [known, own(desk.road)]))
    assert figures(page) == [2, 1, 0, 1]


def test_while_a_worker_is_at_it_the_page_shows_progress_and_asks_again(desk):
    location = desk.upload(book("CEB303", [own(desk.road)])).location
    page = desk.get(location).get_data(as_text=True)
    assert "data-waiting" in page
    assert 'http-equiv="refresh"' in page
    desk.work()
    assert "data-waiting" not in desk.get(location).get_data(as_text=True)


def test_somebody_else_s_upload_is_not_found(desk):
    location, _ = desk.answered(book("CEB303", [own(desk.road)]))
    assert desk.get(location, "seller2").status_code == 404
    assert desk.get(f"{location}/marked.xlsx", "seller2").status_code == 404


def test_the_marked_file_holds_the_rows_to_change_and_can_be_uploaded_again(desk):
    good = own(desk.road)
    bad = own(desk.road, currency=142, note='=HYPERLINK("http://x")')
    location, _ = desk.answered(book("CEB303", [good, bad]))
    raw = desk.get(f"{location}/marked.xlsx").data
    rows = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    mark = rows[0].index(MARK)
    assert len(rows) == 2
    assert "142" in rows[1][mark]
    assert rows[1][rows[0].index("note")] == '\'=HYPERLINK("http://x")'
    contents = read_file(raw)
    assert contents.documents[0].sound
    assert contents.documents[0].head["note"] == bad["note"]
    _, page = desk.answered(raw)
    assert figures(page) == [1, 1, 0, 0]


def test_the_marked_file_with_all_rows_keeps_their_order(desk):
    location, _ = desk.answered(book("CEB303", [own(desk.road), own(desk.road, currency=142), own(desk.road)]))
    raw = desk.get(f"{location}/marked.xlsx?rows=all").data
    assert [one.rows for one in read_file(raw).documents] == [[2], [3], [4]]


def test_only_the_faults_of_one_cause_are_shown_when_asked(desk):
    rows = [own(desk.road, currency=142), own(desk.road, goodsValue="32")]
    location, _ = desk.answered(book("CEB303", rows))
    page = desk.get(f"{location}?rule=CU0806").get_data(as_text=True)
    assert "第 1 至 1 处，共 1 处" in page


# --- refusals


@pytest.mark.parametrize(
    ("raw", "status", "said"),
    [
        (b"", 422, "没有内容"),
        ("甲,乙\n1,2\n".encode(), 422, "找不到元素名"),
        (b"PK\x03\x04nothing", 422, "打不开"),
    ],
)
def test_a_file_that_is_no_template_is_explained_above_the_form(desk, raw, status, said):
    response = desk.upload(raw)
    page = response.get_data(as_text=True)
    assert response.status_code == status
    assert said in page
    assert "错误：" in page


def test_a_file_beyond_the_limit_is_refused(desk, monkeypatch):
    monkeypatch.setitem(desk.road.app.config, "MAX_BODY_BYTES", 2000)
    assert desk.upload(b"orderNo," * 300).status_code == 413
    assert desk.upload(b"x" * 200_000).status_code == 413


def test_a_body_without_length_is_counted_too(desk, monkeypatch):
    monkeypatch.setitem(desk.road.app.config, "MAX_BODY_BYTES", 2000)
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + b"x" * 300_000 + b"\r\n--b--"
    )
    response = desk.road.client.post(
        "/upload",
        input_stream=io.BytesIO(body),
        headers=desk.road.headers("seller") | {"Transfer-Encoding": "chunked"},
        content_type="multipart/form-data; boundary=b",
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert response.status_code == 413


def test_officers_hand_in_nothing(desk):
    assert desk.get("/upload", "customs_officer").status_code == 403


# --- the standard


def test_the_standard_is_open_to_everybody(road):
    assert road.client.get("/standard").status_code == 200
    assert "商品编码" in road.client.get("/standard/CEB603").get_data(as_text=True)
    assert b"xs:schema" in road.client.get("/standard/CEB603.xsd").data
    assert road.client.get("/standard/CEB999.xsd").status_code == 404


def test_a_template_filled_in_by_hand_is_read_again(road):
    raw = road.client.get("/standard/CEB303.xlsx").data
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(raw))
    rows = sheets.get_sheet_by_index(0).to_python()
    assert rows[3][rows[0].index("币制 *")] == "currency"
    codes = sheets.get_sheet_by_index(1).to_python()
    assert any(one[0].startswith("计量单位") and one[1] == "011" for one in codes)
