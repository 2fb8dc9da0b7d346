"""Passwords (argon2id) and the random secrets given to people and machines."""

from __future__ import annotations

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 10
MAX_LENGTH = 200
"""A longer one would only cost hashing time."""

hasher = PasswordHasher()
"""How slow hashing is made: as argon2 itself proposes. Tests put a fast one here."""

_NOBODY = hasher.hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    """The hash to store."""
    return hasher.hash(password)


def check_password(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one; takes as long for an account that does not exist."""
    try:
        return hasher.verify(stored or _NOBODY, password[:MAX_LENGTH]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def new_secret() -> str:
    """A random secret of 32 bytes, as text for a header or a form."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What is kept of a token; its 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()
