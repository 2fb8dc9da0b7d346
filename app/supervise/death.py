"""No process outlives the one that started it: Linux's parent-death signal, also through the servers' own children."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal

SUPERVISED = "ZONE_SUPERVISED"
"""Set in the environment of everything that the supervisor starts, to the installation's `var/` folder."""

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def set_death_signal(number: signal.Signals, parent: int) -> None:
    """Have the kernel send `number` to this process when its parent ends; end at once where `parent` already has.

    Changing the account clears the signal: call this after setuid.
    """
    _libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def die_with_parent(parent: int | None = None) -> None:
    """For processes that a supervised server forks or spawns itself: end when that server ends, however it ends.

    `parent` is that server's process number; Python's own children know it without being told.
    """
    if not os.environ.get(SUPERVISED):
        return
    server = multiprocessing.parent_process()
    expected = parent or (server.pid if server is not None else None)
    set_death_signal(signal.SIGKILL, expected or os.getppid())
