"""Fixtures that every folder of tests may use."""

import os
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest
from pytest_django.fixtures import Settings

# How long an example takes is a matter for bench/, not for a test.
hypothesis.settings.register_profile("ntrl", deadline=None)
hypothesis.settings.load_profile("ntrl")

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(autouse=True)
def no_models(settings: Settings) -> None:
    """Leave no provider a key or an address, so that no test asks a model that a developer's environment names."""
    settings.LLM_PROVIDERS = {
        name: replace(config, api_key="", base_url="") for name, config in settings.LLM_PROVIDERS.items()
    }


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the database by a fixture alone: the tests that run on PostgreSQL too are chosen by the mark."""
    for item in items:
        if {"db", "transactional_db"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.django_db)


@pytest.fixture
def bodies(settings: Settings, tmp_path: Path) -> Path:
    """Keep article bodies in a folder of this test's own; returns it."""
    folder = tmp_path / "bodies"
    storages = dict(settings.STORAGES)
    options = {"location": folder, "allow_overwrite": True}
    storages["bodies"] = {"BACKEND": "ntrl.bodies_on_disk.DiskBodies", "OPTIONS": options}
    settings.STORAGES = storages
    return folder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real material; skips where it is absent (in CI its absence is a failure)."""
    if not SHARED_DATA.is_dir():
        missing("the real material in ../shared/data")
    return SHARED_DATA


def missing(what: str) -> None:
    """Skip a test for want of something; fail instead where everything must be there."""
    reason = f"{what} is not here"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
