"""Merging in the database: the same declarations as the pure decision, each line once, only what still counts."""

from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from common.law import law
from customs.rules.decisions.merge import MergeChecklist, MergeFacts, MergeLine
from customs.rules.decisions.merge import merge as decide
from customs.summary import live_declaration_of
from customs.summary.merging import merge
from customs.tables import Declaration, DeclarationLine, DeclarationSource
from tests.customs.closed import AT, MONTH, application, close_lines
from tests.customs.stored import stored_checklist

ON = date(2026, 9, 2)
AMOUNTS = st.decimals(min_value="0.00001", max_value="99999", places=5)
HEADS = st.fixed_dictionaries(
    {
        "traf_mode": st.sampled_from(["4", "5"]),
        "owner": st.sampled_from([("A1", "甲厂"), ("NO", "甲厂"), ("NO", "乙厂")]),
        "country": st.sampled_from(["502", "116"]),
        "port_code": st.sampled_from(["5190", "5141"]),
        "trade_mode": st.sampled_from(["9610", "1210"]),
        "flag": st.sampled_from(["B", "B", "B", "A"]),
    }
)
LINES = st.fixed_dictionaries(
    {
        "destination": st.sampled_from(["502", "116"]),
        "gcode": st.sampled_from(["6109100021", "6109100022", "4202220000"]),
        "currency": st.sampled_from(["142", "502"]),
        "unit": st.sampled_from(["011", "012"]),
        "unit1": st.sampled_from(["011", "035"]),
        "second": st.sampled_from([None, "035"]),
        "item_name": st.sampled_from(["T恤", "包", None]),
        "qty": AMOUNTS,
        "qty1": AMOUNTS,
        "amount": AMOUNTS,
        "gross_weight": AMOUNTS,
        "net_weight": AMOUNTS,
    }
)
CHECKLISTS = st.lists(st.tuples(HEADS, st.lists(LINES, min_size=1, max_size=4)), min_size=1, max_size=12)


def rows_of(checklists):
    rows = []
    for number, (head, lines) in enumerate(checklists, 1):
        owner_code, owner_name = head["owner"]
        for gnum, line in enumerate(lines, 1):
            second = {"unit2": line["second"], "qty2": line["qty1"] if line["second"] else None}
            plain = {key: value for key, value in {**head, **line}.items() if key not in ("owner", "second")}
            named = {"owner_code": owner_code, "owner_name": owner_name}
            rows.append(plain | second | named | {"checklist": number, "gnum": gnum})
    return rows


def facts_of(checklists, summary_flag, by_name):
    found = []
    for number, (head, lines) in enumerate(checklists, 1):
        code, name = head["owner"]
        found.append(
            MergeChecklist(
                id=MONTH + number,
                flag=head["flag"],
                consignor="101",
                transport_mode=head["traf_mode"],
                producer=f"NO {name}" if code == "NO" else code,
                country=head["country"],
                exit_office=head["port_code"],
                mode=head["trade_mode"],
                lines=[
                    MergeLine(
                        gnum,
                        one["destination"],
                        one["gcode"],
                        one["currency"],
                        one["unit"],
                        one["qty"],
                        one["amount"],
                        one["unit1"],
                        one["second"] or "",
                        (one["item_name"] or "") if by_name else "",
                    )
                    for gnum, one in enumerate(lines, 1)
                ],
            )
        )
    return MergeFacts(summary_flag, found)


def stored(session, application_id):
    """What the database holds, in the words of the decision."""
    found = []
    for one in session.scalars(
        select(Declaration).where(Declaration.application_id == application_id).order_by(Declaration.id)
    ):
        lines = session.scalars(
            select(DeclarationLine).where(DeclarationLine.declaration_id == one.id).order_by(DeclarationLine.line_no)
        ).all()
        sources = session.execute(
            select(DeclarationSource.line_no, DeclarationSource.checklist_id, DeclarationSource.gnum)
            .where(DeclarationSource.declaration_id == one.id)
            .order_by(DeclarationSource.checklist_id, DeclarationSource.gnum)
        ).all()
        found.append((one, lines, sources))
    return found


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(CHECKLISTS, st.sampled_from(["1", "2"]), st.booleans())
def test_the_database_merges_as_the_decision_does(db_session, checklists, summary_flag, by_name):
    with db_session.begin_nested() as attempt:
        close_lines(db_session, rows_of(checklists))
        row = application(db_session, 1, summary_flag=summary_flag, item_name_flag="1" if by_name else " ")
        made = merge(db_session, row, (), law(), at=AT)
        expected = decide(facts_of(checklists, summary_flag, by_name), law(), ON).outcome["declarations"]
        found = stored(db_session, row.id)
        assert len(made) == len(found) == len(expected)
        for (one, lines, sources), wanted in zip(found, expected, strict=True):
            assert one.traf_mode == wanted["head"]["transport_mode"]
            assert (one.country, one.port_code) == (wanted["head"]["country"], wanted["head"]["exit_office"])
            assert [(line.destination, line.gcode, line.currency, line.unit) for line in lines] == [
                (line["country"], line["hs"], line["currency"], line["unit"]) for line in wanted["lines"]
            ]
            assert [(line.qty, line.amount) for line in lines] == [
                (Decimal(line["qty"]), Decimal(line["amount"])) for line in wanted["lines"]
            ]
            for line, merged in zip(lines, wanted["lines"], strict=True):
                assert [[c, g] for at, c, g in sources if at == line.line_no] == merged["from"]
            assert one.checklists == len({c for _, c, _ in sources})
            assert one.gross_weight == sum(line.gross_weight for line in lines)
        assert db_session.scalar(text("SELECT count(*) FROM declaration_source")) == sum(
            len(lines) for head, lines in checklists if head["flag"] == "B"
        )
        attempt.rollback()


def test_the_line_beyond_the_limit_opens_another_declaration(db_session):
    close_lines(db_session, [{"checklist": n, "gcode": f"61091000{n:02}"} for n in range(1, 53)])
    row = application(db_session, 1)
    merge(db_session, row, (), law(), at=AT)
    assert [len(lines) for _, lines, _ in stored(db_session, row.id)] == [50, 2]


def test_a_corrected_line_counts_as_it_stands_now_and_a_reversed_one_not_at_all(db_session):
    close_lines(
        db_session,
        [
            {"checklist": 1},
            {"checklist": 2},
            {"checklist": 1, "sign": -1, "cause": "reversed"},
            {"checklist": 2, "sign": -1, "cause": "reversed"},
            {"checklist": 1, "cause": "corrected", "gcode": "6109100022", "qty": Decimal(3)},
        ],
    )
    row = application(db_session, 1)
    merge(db_session, row, (), law(), at=AT)
    [(_, lines, sources)] = stored(db_session, row.id)
    assert [(line.gcode, line.qty) for line in lines] == [("6109100022", Decimal(3))]
    assert [tuple(one) for one in sources] == [(1, MONTH + 1, 1)]


def test_a_line_goes_into_one_live_declaration_only_and_is_free_again_when_that_dies(db_session):
    close_lines(db_session, [{"checklist": 1}])
    first, second, third = (application(db_session, n) for n in (1, 2, 3))
    [made] = merge(db_session, first, (), law(), at=AT)
    assert merge(db_session, second, (), law(), at=AT) == []
    [ref] = live_declaration_of(db_session, [MONTH + 1])[MONTH + 1]
    assert (ref.decl_seq_no, ref.lines) == (made.decl_seq_no, ((1, 1),))
    assert len(made.decl_seq_no) == 18
    db_session.execute(text("UPDATE declaration_source SET live = false"))
    assert live_declaration_of(db_session, [MONTH + 1]) == {}
    assert len(merge(db_session, third, (), law(), at=AT)) == 1


def test_a_list_takes_the_named_checklists_and_a_range_the_hours_it_names(db_session):
    one, two = (
        stored_checklist(db_session, n, invt_no=f"51902026E00000000{n}", closed_at=AT.replace(month=8, hour=n))
        for n in (1, 2)
    )
    rows = close_lines(db_session, [{"checklist": 1}, {"checklist": 2}])
    db_session.execute(
        text("UPDATE closed_line SET checklist_id = CASE checklist_id WHEN :a THEN :one ELSE :two END"),
        {"a": rows[0]["checklist_id"], "one": one.id, "two": two.id},
    )
    db_session.execute(text("UPDATE closed_line SET closed_on = '2026-08-02'"))
    named = application(db_session, 1, invt_nos=[two.invt_no])
    merge(db_session, named, (), law(), at=AT)
    assert set(live_declaration_of(db_session, [one.id, two.id])) == {two.id}
    db_session.execute(text("DELETE FROM declaration_source"))
    start, end = AT.replace(month=8, hour=1, minute=0), AT.replace(month=8, hour=1, minute=30)
    hours = application(db_session, 2, start_time=start, end_time=end)
    merge(db_session, hours, (), law(), at=AT)
    assert set(live_declaration_of(db_session, [one.id, two.id])) == {one.id}
