"""The installation's keys, drawn from its secret key."""

from __future__ import annotations

from flask import current_app

from credit.identity import IdentityKeys


def identity_keys() -> IdentityKeys:
    """Keys for what is encrypted at rest: identity numbers and authenticators."""
    secret = current_app.secret_key
    if not secret:
        raise RuntimeError("the application has no secret key")
    return IdentityKeys.from_secret(secret if isinstance(secret, str) else secret.hex())
