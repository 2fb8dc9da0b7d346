"""Ports of this machine: whether one is free, and one that is."""

from __future__ import annotations

import socket

from app.supervise.refusals import CannotStartError

HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server could listen on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def reserve(port: int) -> socket.socket:
    """Keep a port for our own web server, also while that is down; raises `CannotStartError` naming a taken one.

    The server shares it (SO_REUSEPORT, same account); nobody else gets it, and nothing arrives here: it never listens.
    """
    if not is_free(port):
        raise CannotStartError(
            f"port {port} is taken, or not yours to use: end what listens there, or choose another with PORT=… make run"
        )
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        kept.bind((HOST, port))
    except OSError as taken:
        kept.close()
        raise CannotStartError(
            f"port {port} is taken: end what uses it, or choose another with PORT=… make run"
        ) from taken
    return kept


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
