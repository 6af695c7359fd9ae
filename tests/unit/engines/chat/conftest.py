"""What tests of the chat engine share."""

import socket

import pytest


@pytest.fixture
def unused_tcp_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
