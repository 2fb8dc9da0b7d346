"""SM2 with SM3 (国密), the signature suite that the standard prefers since 202205 (message standard §8.1).

A signature is 64 bytes, r then s; the signer's id is the standard's default. GB/T 32918 (SM2), GB/T 32905 (SM3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import gmalg
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

USER_ID = b"1234567812345678"
"""The signer's id that company keys of the E-Port sign with (GB/T 35276: the default id)."""

CURVE = "1.2.156.10197.1.301"
_POINT = 65
_HALF = 32

Digest = Callable[[bytes], bytes]


def sm3(data: bytes) -> bytes:
    """The SM3 digest: 32 bytes."""
    state = gmalg.SM3()
    state.update(data)
    return bytes(state.value())


def sha1(data: bytes) -> bytes:
    """The SHA-1 digest, which some company keys pair with SM2."""
    return hashlib.sha1(data).digest()  # noqa: S324 - seen in practice beside the standard's own


@dataclass(frozen=True, slots=True)
class Sm2:
    """SM2 signatures; `digests` are the digest methods, by address, that may go with them."""

    digests: Mapping[str, Digest]

    def digest(self, method: str, data: bytes) -> bytes | None:
        """The digest of `data` by the method's address; None where it may not go with SM2."""
        how = self.digests.get(method)
        return how(data) if how else None

    def holds(self, certificate: x509.Certificate, value: bytes, data: bytes) -> bool:
        """Whether the SM2 signature verifies; raises `ValueError` for a certificate of another kind of key."""
        point = _point(certificate)
        if len(value) != 2 * _HALF:
            return False
        return bool(gmalg.SM2(uid=USER_ID, pk=point).verify(data, value[:_HALF], value[_HALF:]))


def _point(certificate: x509.Certificate) -> bytes:
    """The certificate's public point (uncompressed); raises `ValueError` where it is not on the SM2 curve."""
    key = asn1.Certificate.load(certificate.public_bytes(Encoding.DER)).public_key
    if key["algorithm"]["algorithm"].native != "ec":
        raise ValueError("not an elliptic-curve key")
    curve = key["algorithm"]["parameters"]
    if curve.name != "named" or curve.chosen.dotted != CURVE:
        raise ValueError("not a key on the SM2 curve")
    point = bytes(key["public_key"].native)
    if len(point) != _POINT:
        raise ValueError("not an uncompressed point")
    return point
