"""Receivers of orders are recognised, and cannot be looked up."""

import hashlib

import pytest
from sqlalchemy.orm import Session

from customs.intake.receivers import ReceiverKey, digest_of

KEY = ReceiverKey.from_secret("a secret of good length")
ANN = {"name": "Ann Müller", "telephone": "+49 30 1234", "address": "Invalidenstr. 1, Berlin"}


def test_the_same_receiver_has_the_same_digest_however_written_and_after_every_start():
    again = {"name": "ANN  MÜLLER", "telephone": "＋49301234", "address": "Invalidenstr.1,\u3000Berlin"}
    assert KEY.digest(ANN) == KEY.digest(again) == ReceiverKey.from_secret("a secret of good length").digest(ANN)


@pytest.mark.parametrize("part", ["name", "telephone", "address", "id_hash"])
def test_another_receiver_has_another_digest(part):
    assert KEY.digest(ANN) != KEY.digest(ANN | {part: "another"})


def test_what_stands_in_one_part_is_not_taken_for_another_part():
    assert KEY.digest({"name": "ab"}) != KEY.digest({"telephone": "ab"})


def test_another_installation_cannot_recompute_it_and_nobody_can_without_a_key():
    plain = hashlib.sha256("\x1f".join(["", "annmüller", "+49301234", "invalidenstr.1,berlin"]).encode()).hexdigest()
    assert KEY.digest(ANN) not in (plain, ReceiverKey.from_secret("another secret of length").digest(ANN))


@pytest.mark.parametrize("nobody", [None, {}, {"country": "502"}, {"name": "  "}])
def test_nobody_has_no_digest(nobody):
    assert KEY.digest(nobody) is None


def test_a_session_without_a_key_does_not_fall_back_to_an_unkeyed_digest():
    assert digest_of(Session(info=KEY.info), ANN) == KEY.digest(ANN)
    assert digest_of(Session(), None) is None
    with pytest.raises(RuntimeError):
        digest_of(Session(), ANN)
