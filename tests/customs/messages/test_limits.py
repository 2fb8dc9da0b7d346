"""Limits that are part of the messages' grammar are those of the standard's editions of 2018 and 202205."""

import pytest

from customs.messages.limits import CHECKLIST_NUMBER, MAX_DOCUMENTS
from customs.messages.responses import INFO_LENGTH, MAX_INFO_900


def test_a_message_holds_a_hundred_documents_and_answers_the_characters_that_the_standard_prints():
    assert (MAX_DOCUMENTS, INFO_LENGTH, MAX_INFO_900) == (100, 1000, 5000)


@pytest.mark.parametrize(("serial", "fits"), [(8, False), (9, True), (10, True), (11, True), (12, False)])
def test_a_checklist_number_ends_with_nine_to_eleven_digits(serial, fits):
    assert bool(CHECKLIST_NUMBER.fullmatch("51002026E" + "1" * serial)) == fits
