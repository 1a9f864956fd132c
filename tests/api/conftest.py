"""Clients of the API: one without a key, and one with the environment's."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from ntrl.rest.access import Scope
from ntrl.rest.keys import create_key

ADMIN_KEY = "the-key-of-the-environment-of-tests"


@pytest.fixture(autouse=True)
def admin_key(settings: Settings) -> str:
    """The environment's key."""
    settings.ADMIN_API_KEY = ADMIN_KEY
    return ADMIN_KEY


@pytest.fixture
def keyed(admin_key: str) -> Client:
    """A client with the environment's key."""
    return Client(headers={"X-API-Key": admin_key})


@pytest.fixture
def reader(db: None) -> Client:
    """A client with a key that may only read."""
    _, key = create_key(name="reader", scopes=[Scope.READ])
    return Client(headers={"X-API-Key": key})
