"""Subjects by date: registration, changes, successors, and what intake asks of them in one query."""

from datetime import date

import pytest
from sqlalchemy import event

from common.findings import ConflictError, DomainError
from credit.identity import IdentityKeys
from credit.listing import SubjectFilters, find_subjects, history
from credit.registering import (
    NewSubject,
    add_role,
    check_new,
    end_role,
    find_individual,
    join_zone,
    register_subject,
    rename,
    replace_code,
    set_trait,
)
from credit.subjects import subject_by_id, subjects_by_codes
from credit.tables import Subject
from tests.credit.codes import uscc_of
from tests.credit.conftest import START

LATER = date(2025, 6, 1)
BEFORE = date(2025, 5, 31)
KEYS = IdentityKeys.from_secret("a test secret of good length")
ID_NUMBER = "11010519491231002X"


def rules(error):
    return [one.rule for one in error.value.findings]


def test_a_subject_is_found_by_either_code_with_its_facts_of_the_day(session, firm):
    id = firm("韶关甲有限公司", trade_kind="producer", customs_grade="常规企业")
    found = subjects_by_codes(session, ["440296T001", uscc_of(1), "0000000000"], START)
    assert set(found) == {"440296T001", uscc_of(1)}
    facts = found["440296T001"]
    assert facts == found[uscc_of(1)]
    assert (facts.id, facts.name, facts.filing, facts.zone_code) == (id, "韶关甲有限公司", "declaring_unit", "440200")
    assert (facts.roles, facts.member_of, facts.trade_kind) == ({"seller"}, {"440200"}, "producer")
    assert (facts.customs_grade, facts.registered_on) == ("常规企业", START)


def test_many_codes_are_asked_in_one_query(session, firm):
    for number in range(5):
        firm(f"公司{number}")
    asked = []
    listen = lambda *call: asked.append(call[2])  # noqa: E731
    event.listen(session.get_bind().engine, "before_cursor_execute", listen)
    try:
        found = subjects_by_codes(session, [uscc_of(n) for n in range(1, 6)], START)
    finally:
        event.remove(session.get_bind().engine, "before_cursor_execute", listen)
    assert len(found) == 5
    assert len(asked) == 1


def test_nobody_is_known_before_the_day_of_registration(session, firm):
    firm(on=LATER)
    assert subjects_by_codes(session, [uscc_of(1)], BEFORE) == {}


def test_a_new_name_counts_from_its_day_and_the_old_one_stays_for_its_days(session, firm):
    id = firm("旧名")
    rename(session, id, "新名", on=LATER)
    assert subject_by_id(session, id, BEFORE).names == {"旧名"}
    assert subject_by_id(session, id, LATER).names == {"新名"}


def test_a_code_has_a_successor_and_its_former_holder_keeps_the_past(session, firm):
    id = firm()
    replace_code(session, id, "customs", "440296Z999", on=LATER)
    assert set(subjects_by_codes(session, ["440296T001", "440296Z999"], BEFORE)) == {"440296T001"}
    assert set(subjects_by_codes(session, ["440296T001", "440296Z999"], LATER)) == {"440296Z999"}


def test_a_code_is_nobody_elses_while_it_is_held(session, firm):
    firm()
    with pytest.raises(ConflictError) as error:
        firm(customs_code="440296T001")
    assert rules(error) == ["CR0003"]


def test_what_took_effect_is_not_rewritten(session, firm):
    id = firm()
    rename(session, id, "新名", on=LATER)
    with pytest.raises(ConflictError) as error:
        rename(session, id, "更新名", on=LATER)
    assert rules(error) == ["CR0007"]


def test_a_trait_changes_by_date_and_the_value_it_has_makes_no_row(session, firm):
    id = firm()
    set_trait(session, id, "filing", "declaring_unit", on=LATER)
    set_trait(session, id, "filing", "information", on=LATER)
    assert subject_by_id(session, id, BEFORE).filing == "declaring_unit"
    assert subject_by_id(session, id, LATER).filing == "information"
    assert len([one for one in history(session, id) if one["what"] == "filing"]) == 2


def test_a_role_starts_and_ends_by_date(session, firm):
    id = firm()
    add_role(session, id, "platform", on=LATER)
    end_role(session, id, "seller", on=LATER)
    assert subject_by_id(session, id, BEFORE).roles == {"seller"}
    assert subject_by_id(session, id, LATER).roles == {"platform"}


def test_a_move_to_another_zone_keeps_the_former_one_as_a_membership(session, firm):
    id = firm()
    join_zone(session, id, "441600", on=LATER, home=True)
    before, after = subject_by_id(session, id, BEFORE), subject_by_id(session, id, LATER)
    assert (before.zone_code, before.member_of) == ("440200", {"440200"})
    assert (after.zone_code, after.member_of) == ("441600", {"440200", "441600"})


def test_everything_wrong_with_a_registration_is_said_at_once():
    new = NewSubject(
        kind="firm", name=" ", uscc=uscc_of(1)[:-1] + "!", customs_code="12", roles=("king",), filing="maybe"
    )
    assert sorted(one.rule for one in check_new(new)) == ["CR0001", "CR0002", "CR0005", "CR0006", "CR0006"]


@pytest.mark.parametrize("position", range(2, 18))
def test_a_slip_in_any_place_of_the_social_credit_code_is_seen(position):
    right = uscc_of(7)
    wrong = right[:position] + ("3" if right[position] != "3" else "4") + right[position + 1 :]
    assert [one.rule for one in check_new(NewSubject("firm", "甲", uscc=wrong))] == ["CR0001"]


def test_an_individuals_number_is_encrypted_found_by_hash_and_shown_masked(session):
    new = NewSubject("individual", "王五", id_number=ID_NUMBER.lower(), zone_code="440200", roles=("seller",))
    subject = register_subject(session, new, on=START, keys=KEYS)
    session.expire_all()
    row = session.get(Subject, subject.id)
    assert ID_NUMBER.encode() not in row.id_number_cipher
    assert KEYS.decrypt(row.id_number_cipher) == ID_NUMBER
    assert row.id_number_mask == "1****************X"
    assert find_individual(session, ID_NUMBER, KEYS).id == subject.id
    assert find_individual(session, ID_NUMBER, IdentityKeys.from_secret("another")) is None
    with pytest.raises(ConflictError):
        register_subject(session, new, on=START, keys=KEYS)


@pytest.mark.parametrize("number", ["", "110105194912310021", "11010519491331002X", "123"])
def test_an_individual_needs_a_right_identity_number(number):
    found = check_new(NewSubject("individual", "王五", id_number=number))
    assert [one.rule for one in found] == ["CR0004" if number else "CR0005"]


def test_a_park_of_another_zone_is_refused(session, firm):
    from credit.zones import parks_on

    with pytest.raises(DomainError) as error:
        firm(park_id=parks_on(session, "441500", START)[0].id)
    assert rules(error) == ["CR0010"]


def test_subjects_are_found_by_part_of_a_name_whole_code_zone_and_role(session, firm):
    one, two = firm("韶关甲有限公司"), firm("韶关乙%公司", roles=("logistics",))
    find = lambda **wanted: [f.id for f in find_subjects(session, SubjectFilters(**wanted), START)]  # noqa: E731
    assert find(text="甲") == [one]
    assert find(text="%") == [two]
    assert find(text=uscc_of(2).lower()) == [two]
    assert find(role="logistics", zone_code="440200") == [two]
    assert find(zone_code="441600") == []
