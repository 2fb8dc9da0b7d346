"""Being asked to stop: noted when the signal comes, acted on at places that can bear it.

A handler that raised would do so anywhere, also while `subprocess` holds a lock that it then never gives back.
"""

from __future__ import annotations

import signal
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopAsked(BaseException):
    """Somebody asked for the end; not an error, so no handler of errors may hold it up."""


class Stopping:
    """How often this process was asked to stop."""

    def __init__(self) -> None:
        """Nobody has asked yet."""
        self.asked = 0

    def listen(self) -> None:
        """From now on, take note of the signals that ask for an end."""
        for number in SIGNALS:
            signal.signal(number, self._note)

    def check(self) -> None:
        """Raise `StopAsked` once somebody has asked."""
        if self.asked:
            raise StopAsked

    def _note(self, _: int, __: FrameType | None) -> None:
        self.asked += 1
