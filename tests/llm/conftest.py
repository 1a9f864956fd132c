"""The loopback server for tests of the gateway."""

from collections.abc import Iterator

import pytest

from tests.support.llm import FakeTime, a_server
from tests.support.llm_server import LLMServer


@pytest.fixture
def server() -> Iterator[LLMServer]:
    with a_server() as server:
        yield server


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()
