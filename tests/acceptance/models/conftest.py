"""Installations whose roles are bound to scripted models behind an endpoint."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scripted_models.endpoint import models_file, scripted_endpoint
from scripted_models.footage import Reel
from scripted_models.writer import Writer

from egoetl.testing.chat_server import ChatServer
from egoetl.testing.installation import Footage, Installation


@pytest.fixture(scope="session")
def reel(small_footage: Footage) -> Reel:
    """What is true of the small footage."""
    return Reel(small_footage.folder)


@pytest.fixture
def scripted(reel: Reel) -> Iterator[ChatServer]:
    """The scripted models, all of whose replies are right."""
    with scripted_endpoint(Writer(reel)) as server:
        yield server


@pytest.fixture
def bound(installation: Installation, tmp_path: Path) -> Callable[..., Installation]:
    """`bound(server, **settings)`: the installation with every role bound to a server's models."""

    def bind(server: ChatServer, **settings: Any) -> Installation:
        return replace(installation, extra={"EGOETL_MODELS": str(models_file(tmp_path, server, **settings))})

    return bind
