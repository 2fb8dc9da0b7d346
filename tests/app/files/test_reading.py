"""Reading filled templates: what becomes a document, and what a spreadsheet did to its cells."""

import io
import zipfile
from datetime import date

import pytest

from app.files.columns import TYPES, columns
from app.files.messages import cut_messages
from app.files.places import cell_of
from app.files.reading import read_file
from app.files.sheets import MAX_ROWS, kind_of, letters
from common.findings import DomainError
from tests.app.files.books import book, order


def documents(*rows, **options):
    return read_file(book("CEB303", rows, **options)).documents


def found(*rows, **options):
    return [(one.rule, one.pointer) for document in documents(*rows, **options) for one in document.findings]


def refused(raw):
    with pytest.raises(DomainError) as error:
        read_file(raw)
    return [one.rule for one in error.value.findings]


def place(key):
    return letters([one.key for one in columns("CEB303")].index(key))


# --- documents


def test_rows_with_the_same_number_are_one_document_with_numbered_lines():
    (one,) = documents(order(), order(**{"OrderList/itemNo": "TS-02"}))
    assert [line["gnum"] for line in one.lines] == ["1", "2"]
    assert (one.rows, one.head["orderNo"], one.findings) == ([2, 3], "O1", [])


def test_a_row_without_head_goes_on_with_the_document_above():
    second = {key: text for key, text in order().items() if key.startswith("OrderList/")}
    (one,) = documents(order(), second)
    assert len(one.lines) == 2


def test_other_numbers_are_other_documents_wherever_their_rows_stand():
    made = documents(order("O1"), order("O2"), order("O1"))
    assert [(one.head["orderNo"], one.rows) for one in made] == [("O1", [2, 4]), ("O2", [3])]


def test_what_the_platform_knows_by_itself_is_filled_in():
    (one,) = documents(order())
    assert one.head["appType"] == "1"
    assert "appTime" not in one.head


def test_every_row_of_a_flat_paper_is_a_document():
    row = {"logisticsCode": "440296D004", "logisticsNo": "W1", "logisticsName": "x"}
    made = read_file(book("CEB505", [row, row | {"logisticsNo": "W2"}]))
    assert [(one.head["logisticsNo"], one.lines) for one in made.documents] == [("W1", []), ("W2", [])]


@pytest.mark.parametrize("type", TYPES)
def test_a_file_tells_its_type_by_its_columns(type):
    assert read_file(book(type, [{one.key: "1" for one in columns(type)}])).type == type


def test_the_header_may_stand_below_names_and_hints():
    assert len(documents(order(), above=3)) == 1


def test_additions_of_the_platform_go_beside_the_head():
    (one,) = documents(order(parent_order_no="P1", **{"receiver.name": "Ann"}))
    assert (one.extras, one.receiver) == ({"parent_order_no": "P1"}, {"name": "Ann"})


# --- cells


def test_amounts_may_be_number_cells_and_keep_what_the_spreadsheet_shows():
    (one,) = documents(order(goodsValue=0.1 * 3, **{"OrderList/price": 15.5}))
    assert (one.head["goodsValue"], one.lines[0]["price"], one.findings) == ("0.3", "15.5", [])


def test_a_code_in_a_number_cell_is_a_finding_at_its_cell():
    assert found(order(currency=142)) == [("CU0806", f"Sheet1!{place('currency')}2")]


def test_a_code_that_lost_its_zeros_is_a_finding_that_names_it():
    ((one,),) = [document.findings for document in documents(order(**{"OrderList/unit": "11"}))]
    assert one.rule == "CU0808"
    assert "“011”" in one.message.zh


def test_a_long_number_that_lost_digits_cannot_be_restored():
    assert [rule for rule, _ in found(order(12345678901234567890))] == ["CU0807"]


@pytest.mark.parametrize(
    ("value", "rule"),
    [("8.21192E+09", "CU0809"), (date(2026, 11, 24), "CU0810"), (True, "CU0811"), ("#N/A", "CU0812")],
)
def test_what_a_spreadsheet_made_of_a_text_is_a_finding(value, rule):
    assert [one for one, _ in found(order(value))] == [rule]


def test_rows_of_one_document_must_agree():
    assert found(order(), order(ebcName="别人")) == [("CU0805", f"Sheet1!{place('ebcName')}3")]


def test_one_bad_document_leaves_its_neighbours_alone():
    made = documents(order("O1"), order("O2", currency=142), order("O3"))
    assert [one.sound for one in made] == [True, False, True]


def test_the_apostrophe_that_keeps_a_formula_still_is_taken_away():
    (one,) = documents(order(note="'=1+1", **{"OrderList/itemName": "'quoted"}))
    assert (one.head["note"], one.lines[0]["itemName"]) == ("=1+1", "'quoted")


# --- columns


def test_an_unknown_column_is_a_warning_and_its_contents_are_left_out():
    keys = [*order(), "colour"]
    contents = read_file(book("CEB303", [order(colour="red")], keys=keys))
    assert [one.rule for one in contents.warnings] == ["CU0801"]
    assert "colour" not in contents.documents[0].head


def test_a_required_column_that_is_missing_refuses_the_file():
    assert refused(book("CEB303", [order()], keys=[key for key in order() if key != "ebcCode"])) == ["CU0803"]


def test_a_column_that_stands_twice_refuses_the_file():
    assert refused(book("CEB303", [order()], keys=[*order(), "currency"])) == ["CU0802"]


def test_a_file_without_element_names_says_so():
    assert refused("订单号,金额\nO1,3\n".encode()) == ["CU0800"]


def test_a_template_without_rows_says_so():
    assert refused(book("CEB303", [])) == ["CU0804"]


# --- text files


def written(encoding):
    row = order()
    return (",".join(row) + "\n" + ",".join(row.values()) + "\n").encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_text_files_may_be_utf_8_or_gbk(encoding):
    contents = read_file(written(encoding))
    assert contents.documents[0].head["ebcName"] == "卖家"
    assert contents.layout.cell(2, "orderNo") == "Sheet1!B2"


def test_a_text_file_in_another_encoding_is_refused():
    assert refused(written("utf-16")) == ["SY0506"]
    assert refused(b"orderNo,\xff\xfe\xff") == ["SY0506"]


# --- hostile files


def test_an_old_or_locked_workbook_says_what_to_do():
    assert refused(b"\xd0\xcf\x11\xe0" + b"0" * 600) == ["SY0503"]


@pytest.mark.parametrize("cut", [10, 300, -40])
def test_a_damaged_workbook_is_refused_without_a_trace(cut):
    assert refused(book("CEB303", [order()])[:cut]) == ["SY0502"]


def repacked(raw, change):
    """The workbook with its first sheet changed."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.infolist():
            data = old.read(one)
            new.writestr(one.filename, change(data) if one.filename.endswith("sheet1.xml") else data)
    return content.getvalue()


def test_a_cell_in_the_far_corner_is_refused_before_it_needs_room():
    raw = repacked(book("CEB303", [order()]), lambda data: data.replace(b'r="A2"', b'r="XFD1048576"', 1))
    assert refused(raw) == ["SY0504"]


def test_a_workbook_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr("app.files.sheets.MAX_INSIDE", 100_000)
    assert refused(repacked(book("CEB303", [order()]), lambda data: data + b" " * 200_000)) == ["SY0505"]


def test_too_many_rows_are_refused():
    assert refused(b"orderNo\n" * (MAX_ROWS + 1)) == ["SY0504"]


@pytest.mark.parametrize(
    ("start", "kind"), [(b"<a/>", "xml"), (b"\xef\xbb\xbf <?xml", "xml"), (b' {"type"', "json"), (b"a,b", "sheet")]
)
def test_the_kind_of_a_file_is_told_by_its_bytes(start, kind):
    assert kind_of(start) == kind


# --- messages


def test_more_than_a_hundred_documents_become_several_messages():
    made = documents(*(order(f"O{n}") for n in range(250)))
    chunks = list(cut_messages("CEB303", "digest", made))
    assert [len(places) for places, _ in chunks] == [100, 100, 50]


def test_the_same_file_gives_the_same_bytes_and_another_gives_other_numbers():
    made = documents(order("O1"), order("O2"))
    first, again, other = (list(cut_messages("CEB303", digest, made)) for digest in ("a", "a", "b"))
    assert first == again != other


def test_a_document_with_a_faulty_cell_is_not_put_into_a_message():
    made = documents(order("O1", currency=142), order("O2"))
    assert [places for places, _ in cut_messages("CEB303", "a", made)] == [[1]]


# --- places


@pytest.mark.parametrize(
    ("pointer", "key", "row"),
    [
        ("/Order/4/OrderHead/currency", "currency", 7),
        ("/Order/4/OrderList/1/qty", "OrderList/qty", 9),
        ("/Order/4/OrderList/1/gnum", "orderNo", 9),
        ("/Order/4/parent_order_no", "parent_order_no", 7),
        ("/Order/4/receiver/name", "receiver.name", 7),
        ("/Order/4", "orderNo", 7),
    ],
)
def test_a_pointer_of_a_message_is_found_in_the_sheet(pointer, key, row):
    layout = read_file(book("CEB303", [order()])).layout
    assert cell_of(layout, [7, 9], pointer) == f"Sheet1!{place(key)}{row}"
