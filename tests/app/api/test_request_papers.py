"""The message that a change becomes."""

from decimal import Decimal

import pytest

from app.api.request_papers import changed_document
from common.findings import DomainError
from customs.amendments import contents
from customs.intake.checklist_contents import LINE
from customs.tables import ChecklistLine
from tests.customs.stored import stored_checklist


@pytest.fixture
def two_lines(db_session):
    """A checklist of shirts and caps with its lines."""
    row = stored_checklist(db_session, 1)
    (first,) = contents.stored_lines(db_session, row.id)
    caps = {name: getattr(first, name) for name in LINE} | {"gnum": 2, "gname": "帽子", "qty": Decimal(3)}
    db_session.add(ChecklistLine(checklist_id=row.id, **caps))
    db_session.flush()
    return row, contents.stored_lines(db_session, row.id)


def test_a_line_that_is_left_out_leaves_no_gap_in_the_numbers(two_lines):
    made = changed_document(*two_lines, {"trafMode": "4"}, [{"gnum": "2", "qty": "2"}], [1])
    assert made["head"]["trafMode"] == "4"
    assert [(line["gnum"], line["gname"], line["qty"]) for line in made["lines"]] == [("1", "帽子", "2")]


@pytest.mark.parametrize(
    ("head", "lines", "without"),
    [({"nonsense": "1"}, [], []), ({}, [{"gnum": "3", "qty": "1"}], []), ({}, [{"gnum": "1", "colour": "red"}], []),
     ({}, [], [7])],
)  # fmt: skip
def test_what_a_checklist_does_not_have_cannot_be_changed(two_lines, head, lines, without):
    with pytest.raises(DomainError) as error:
        changed_document(*two_lines, head, lines, without)
    assert {one.rule for one in error.value.findings} == {"CU6228"}
