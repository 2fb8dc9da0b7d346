"""Keys drawn from the installation's secret: one per purpose, the same for the same secret."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def drawn_key(secret: str, purpose: str, length: int = 32) -> bytes:
    """`length` bytes for a purpose (`credit.identity`); keys of two purposes tell nothing of each other (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=purpose.encode()).derive(secret.encode())
