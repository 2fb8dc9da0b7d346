"""Identity numbers of resident individuals (公民身份号码): encrypted at rest, found by a keyed hash, shown masked."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from common.keys import drawn_key

_NONCE_BYTES = 12
_PURPOSE = "credit.identity"
_LABEL = _PURPOSE.encode()


@dataclass(frozen=True, slots=True)
class IdentityKeys:
    """Two keys drawn from the installation's secret: one encrypts, one makes look-up hashes."""

    encryption: bytes
    look_up: bytes

    @classmethod
    def from_secret(cls, secret: str) -> IdentityKeys:
        """The keys of an installation; the same secret gives the same keys."""
        drawn = drawn_key(secret, _PURPOSE, 64)
        return cls(drawn[:32], drawn[32:])

    def encrypt(self, number: str, nonce: bytes) -> bytes:
        """The number as stored; `nonce` is 12 random bytes, never used twice."""
        return nonce + AESGCM(self.encryption).encrypt(nonce, number.encode(), _LABEL)

    def decrypt(self, stored: bytes) -> str:
        """The number again; raises `cryptography.exceptions.InvalidTag` for altered bytes or another key."""
        return AESGCM(self.encryption).decrypt(stored[:_NONCE_BYTES], stored[_NONCE_BYTES:], _LABEL).decode()

    def hash(self, number: str) -> str:
        """What the number is looked up by; useless without the key."""
        return hmac.new(self.look_up, number.upper().encode(), hashlib.sha256).hexdigest()


def mask(number: str) -> str:
    """What may be shown: the first and the last character (`4****************X`)."""
    return number[0] + "*" * (len(number) - 2) + number[-1]
