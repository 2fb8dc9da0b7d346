"""Where a finding points, in words that a seller knows."""

from __future__ import annotations

import pytest

from app.web.pointers import in_words


@pytest.mark.parametrize(
    ("pointer", "zh", "en"),
    [
        ("/Inventory/0/InventoryList/2/gcode", "第3项商品，商品编码", "Line 3, HS code"),
        ("/Inventory/7/InventoryHead/ebcCode", "收发货人代码", "Consignor code"),
        ("/InventoryHead/grossWeight", "毛重（公斤）", "Gross weight"),
        ("/InventoryList/0", "第1项商品", "Line 1"),
        ("/Logistics/0/logisticsNo", "物流运单编号", "Waybill number"),
        ("Sheet1!C7", "Sheet1!C7", "Sheet1!C7"),
        ("/Signature", "/Signature", "/Signature"),
        ("/Inventory/0/InventoryList/2/<b>", "第3项商品", "Line 3"),
        ("", "", ""),
    ],
)
def test_a_pointer_is_put_into_words(app, pointer, zh, en):
    with app.test_request_context("/?lang=zh"):
        assert in_words(pointer) == zh
    with app.test_request_context("/?lang=en"):
        assert in_words(pointer) == en
