"""Workbooks for tests: rows of texts and numbers under the template's columns."""

import io
from datetime import date, datetime

import xlsxwriter

from app.files.columns import columns


def book(type, rows, *, keys=None, sheet="Sheet1", above=0):
    """A workbook with the element names (after `above` empty rows) and the rows; numbers and dates as such cells."""
    content = io.BytesIO()
    made = xlsxwriter.Workbook(content, {"in_memory": True})
    page = made.add_worksheet(sheet)
    day = made.add_format({"num_format": "yyyy-mm-dd"})
    shown = list(keys or [one.key for one in columns(type)])
    for n, key in enumerate(shown):
        page.write_string(above, n, key)
    for at, row in enumerate(rows, above + 1):
        for n, key in enumerate(shown):
            write(page, at, n, row.get(key, ""), day)
    made.close()
    return content.getvalue()


def write(page, row, column, value, day):
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        page.write_number(row, column, value)
    elif isinstance(value, date | datetime):
        page.write_datetime(row, column, value, day)
    elif value:
        page.write_string(row, column, value)


def order(number="O1", **changes):
    """One order with one line, every cell as it should be."""
    return {
        "ebpCode": "440296D001",
        "orderNo": number,
        "orderType": "E",
        "ebpName": "平台",
        "ebcCode": "440296D001",
        "ebcName": "卖家",
        "goodsValue": "31",
        "freight": "0",
        "currency": "142",
        "OrderList/itemNo": "TS-01",
        "OrderList/itemName": "棉T恤",
        "OrderList/unit": "011",
        "OrderList/currency": "142",
        "OrderList/qty": "2",
        "OrderList/price": "15.5",
        "OrderList/totalPrice": "31",
    } | changes
