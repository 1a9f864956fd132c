"""Ports for servers of ours."""

import socket


def free_port() -> int:
    """A port that nothing listens on, on any loopback address."""
    with socket.socket() as probe:
        probe.bind(("0.0.0.0", 0))
        return int(probe.getsockname()[1])
