"""Receivers of orders, known only by a keyed digest: the same receiver gives the same digest, which shows split orders.

Names, telephones and addresses can be guessed, so a plain digest of them could be looked up; without the installation's
key this one cannot. The key comes with the sessions (`ReceiverKey.info`), as the shell hands it over at start.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from common.keys import drawn_key

_PURPOSE = "customs.receivers"
_PARTS = ("id_hash", "name", "telephone", "address")


@dataclass(frozen=True, slots=True)
class ReceiverKey:
    """What receivers are made unrecognisable with."""

    key: bytes

    @classmethod
    def from_secret(cls, secret: str) -> ReceiverKey:
        """The key of an installation; the same secret gives the same key, so digests compare over restarts."""
        return cls(drawn_key(secret, _PURPOSE))

    @property
    def info(self) -> dict[str, Any]:
        """What `common.db.session_factory` gives to every session, so that intake finds the key there."""
        return {_PURPOSE: self}

    def digest(self, receiver: Mapping[str, str] | None) -> str | None:
        """The digest of a receiver's number, name, telephone and address, however spaced or cased; None without any."""
        parts = [_plain((receiver or {}).get(part, "")) for part in _PARTS]
        if not any(parts):
            return None
        return hmac.new(self.key, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()


def _plain(written: str) -> str:
    """The text without what two spellings of the same may differ in: width, case, space."""
    return "".join(unicodedata.normalize("NFKC", written).casefold().split())


def digest_of(session: Session, receiver: Mapping[str, str] | None) -> str | None:
    """The receiver's digest under the key of this session's installation; raises `RuntimeError` where it has none."""
    if not receiver:
        return None
    key = session.info.get(_PURPOSE)
    if not isinstance(key, ReceiverKey):
        raise RuntimeError("the session carries no key for receivers: see ReceiverKey.info")
    return key.digest(receiver)
