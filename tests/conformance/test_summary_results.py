"""Summary results as the platform writes them are valid under the official schema of 202205."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from customs.summary.results import result_xml
from customs.tables import Declaration, DeclarationLine, DeclarationSource
from tests.customs.closed import AT, LINE, application
from tests.customs.stored import stored_checklist


@pytest.mark.parametrize("later", [{}, {"dec_tmp_no": "T" * 18, "dec_pre_no": "P" * 18, "entry_id": "5" * 18}])
def test_a_result_is_valid_before_and_after_customs_gave_its_numbers(db_session, export_schema, faults, later):
    row = application(db_session, 1, sum_no="51902026H000000001", ebc_name="卖家 & <公司>")
    checklist = stored_checklist(db_session, 1, invt_no="51902026E000000001", flag="B")
    one = Declaration(
        id=202609 * 10**10 + 9,
        application_id=row.id,
        decl_seq_no="51902026B000000001",
        gross_weight=Decimal("12.50000"),
        net_weight=Decimal("10"),
        checklists=1,
        made_at=AT,
        dec_state="1",
        closed_from=date(2026, 8, 5),
        closed_to=date(2026, 8, 5),
        **{name: LINE[name] for name in ("zone_code", "customs_code", "trade_mode", "consignor_id", "declarant_id")},
        **{name: LINE[name] for name in ("traf_mode", "country", "port_code")},
        **later,
    )
    db_session.add(one)
    db_session.flush()
    assert faults(export_schema, result_xml(db_session, row, one, 1)) == []
    db_session.add(DeclarationSource(checklist_id=checklist.id, gnum=1, declaration_id=one.id, line_no=1, live=True))
    db_session.add(_line(one.id))
    db_session.flush()
    raw = result_xml(db_session, row, one, 1)
    assert faults(export_schema, raw) == []
    assert b"<ceb:gseqno>1</ceb:gseqno>" in raw
    assert result_xml(db_session, row, one, 2) is None


def _line(declaration_id):
    names = ("destination", "gcode", "gname", "currency", "unit", "unit1", "unit2", "qty", "qty1", "qty2", "amount")
    return DeclarationLine(
        declaration_id=declaration_id,
        line_no=1,
        gross_weight=Decimal(1),
        net_weight=Decimal(1),
        **{name: LINE[name] for name in names},
    )
