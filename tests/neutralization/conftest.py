"""Fixtures of neutralization's tests."""

from collections.abc import Iterator

import pytest

from tests.neutralization.model_case import LOADED
from tests.support.llm_neutral import neutralize_well, well_made
from tests.support.llm_server import LLMServer


@pytest.fixture
def server() -> Iterator[LLMServer]:
    """A server of models that neutralize well, and answer the article of these tests at once."""
    well_made(LOADED)
    with LLMServer() as server:
        yield neutralize_well(server)
