"""A fresh measured engine to ask."""

import pytest

from egoetl.testing.asking import Asker


@pytest.fixture
def asker() -> Asker:
    return Asker()
