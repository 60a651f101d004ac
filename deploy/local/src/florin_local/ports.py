"""Finds free TCP ports, and refuses one where somebody else already listens."""

import random
import socket

from florin_local.errors import PortTaken

HOST = "127.0.0.1"

# Below the range from which systems take ports for outgoing connections, so that a server which
# stops and comes back finds its port free.
_RANGE = range(20_000, 32_000)
_ATTEMPTS = 200


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: connections of an earlier server that linger do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def require_free(port: int, variable: str | None = None) -> None:
    """Raise PortTaken unless we can listen on the port; `variable` tells how to move it."""
    if not is_free(port):
        raise PortTaken(port, variable)


def free_port() -> int:
    """A random port that nobody listens on."""
    for port in random.sample(_RANGE, _ATTEMPTS):
        if is_free(port):
            return port
    raise OSError("no free port found")


def accepts_connections(port: int) -> bool:
    """Whether something listens on the port."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
