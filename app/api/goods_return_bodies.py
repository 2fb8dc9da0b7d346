"""What the API of goods returns takes: queries and bodies."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from customs.returns import counting, planning, reading
from customs.returns.reading import STAGES

MOST_ID = 2**53 - 1
_PRINTABLE = ma.validate.Regexp(r"^[^\x00-\x1f\x7f\ud800-\udfff]*\Z")


def _word(most: int, **options: Any) -> ma.fields.String:
    """A short text without control characters."""
    return ma.fields.String(validate=ma.validate.And(ma.validate.Length(max=most), _PRINTABLE), **options)


class ReturnsQuery(ma.Schema):
    """What of the list is wanted; `after` is the `next` of the page before."""

    status = _word(10)
    stage = ma.fields.String(validate=ma.validate.OneOf(STAGES))
    invt_no = _word(20)
    logistics_no = _word(80)
    checklist_id = ma.fields.Integer(validate=ma.validate.Range(0, MOST_ID))
    after = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(0, MOST_ID))
    limit = ma.fields.Integer(load_default=reading.PAGE, validate=ma.validate.Range(1, reading.MOST))


class ReturnedQuery(ma.Schema):
    """A page of what came back; `after` is the `next` of the page before (`return-gnum`)."""

    after = ma.fields.String(load_default="0-0", validate=ma.validate.Regexp(r"^[0-9]{1,16}-[0-9]{1,4}\Z"))
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, counting.MOST))


class ReturnGroundsBody(ma.Schema):
    """Why goods come back: `reason` unsold or returned, `proof`, the tax office's certificate."""

    reason = _word(20, load_default=None, allow_none=True)
    proof = _word(20, load_default=None, allow_none=True)
    certificate = _word(20, load_default=None, allow_none=True)
    certificate_no = _word(60, load_default=None, allow_none=True)


class ReturnLineBody(ma.Schema):
    """A line of an export and how much of it comes back, in its declared unit."""

    gnum = ma.fields.Integer(required=True, validate=ma.validate.Range(1, 9999))
    qty = _word(20, required=True)


class ReturnOriginBody(ma.Schema):
    """An export by its checklist; without `lines` everything that is left of it."""

    invt_no = _word(20, load_default=None, allow_none=True)
    checklist_id = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(0, MOST_ID))
    lines = ma.fields.List(ma.fields.Nested(ReturnLineBody), load_default=list)


class ReturnTransportBody(ma.Schema):
    """What the firm says of a return; what is left out is as on the export."""

    customs_code = _word(4)
    loct_no = _word(10)
    logistics_code = _word(18)
    logistics_name = _word(100)
    logistics_no = _word(80)
    bill_no = _word(37)
    traf_mode = _word(1)
    traf_name = _word(100)
    voyage_no = _word(32)
    port_code = _word(4)
    country = _word(3)
    reason = _word(500)
    note = _word(500)


class ReturnRequestBody(ReturnTransportBody):
    """A request: `origins` with what is said once for all, or `documents` in the JSON form of CEB213."""

    origins = ma.fields.List(ma.fields.Nested(ReturnOriginBody), validate=ma.validate.Length(1, 1000))
    documents = ma.fields.List(ma.fields.Dict(), validate=ma.validate.Length(1, 1000))
    grounds = ma.fields.Nested(ReturnGroundsBody, load_default=dict)
    draft = ma.fields.Boolean(load_default=False)

    @ma.validates_schema
    def one_way(self, data: dict[str, Any], **_: Any) -> None:
        """Either origins or documents."""
        if ("origins" in data) == ("documents" in data):
            raise ma.ValidationError("origins or documents", "origins")


class ReturnRowBody(ma.Schema):
    """One row of a list: the number of a checklist, order or waybill (`gnum` for one of several lines) or of an item.

    The first of them that is given counts; `qty` is what comes back.
    """

    invt_no = _word(20, load_default=None, allow_none=True)
    order_no = _word(60, load_default=None, allow_none=True)
    logistics_no = _word(80, load_default=None, allow_none=True)
    item_no = _word(80, load_default=None, allow_none=True)
    gnum = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(1, 9999))
    qty = _word(20, required=True)


class ReturnMatchingBody(ma.Schema):
    """A list of goods to be matched with exports; `customs_code` is the office through which they come back."""

    rows = ma.fields.List(
        ma.fields.Nested(ReturnRowBody), required=True, validate=ma.validate.Length(1, planning.MOST_ROWS)
    )
    customs_code = _word(4, load_default=None, allow_none=True)


class LeftQuery(ma.Schema):
    """Which export: by checklist, by its number, or by a line of a declaration."""

    checklist_id = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(0, MOST_ID))
    invt_no = _word(20, load_default=None, allow_none=True)
    declaration = _word(18, load_default=None, allow_none=True)
    line = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(1, 9999))


class ReturnDecisionBody(ma.Schema):
    """`release`, `inspect`, `suspend`, `hand_over` or `reject`; the party reads `text`."""

    decision = _word(20, required=True)
    text = ma.fields.String(load_default=None, allow_none=True)
