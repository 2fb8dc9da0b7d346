"""Why a start is refused."""

from __future__ import annotations


class CannotStartError(Exception):
    """The installation cannot be started; the message is one line that names the cause and says what to do."""
