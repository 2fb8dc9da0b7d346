"""Limits that are part of the messages' grammar say what the dated law says, on every day the law is known."""

import pytest

from common.law import law
from customs.messages.envelope import MAX_DOCUMENTS
from customs.messages.responses import INFO_LENGTH


@pytest.mark.parametrize(
    ("parameter", "limit"),
    [("customs.message.max_documents", MAX_DOCUMENTS), ("customs.message.return_info_length", INFO_LENGTH)],
)
def test_a_limit_of_the_grammar_is_the_law_s(parameter, limit):
    assert {value.integer for value in law().parameter(parameter).values} == {limit}
