"""What the checks of settings say about the storage of bodies."""

import pytest
from pytest_django.fixtures import Settings

from ntrl.checks import check_bodies_overwrite, check_bucket


@pytest.mark.parametrize(
    ("bucket", "endpoint", "ids"),
    [
        ("", "", []),
        ("news-bodies", "", []),
        ("news.bodies.2", "https://s3.example:9000", []),
        ("news-bodies", "http://127.0.0.1:9000/", []),
        ("News", "", ["ntrl.E003"]),
        ("a", "", ["ntrl.E003"]),
        ("s3://news-bodies", "", ["ntrl.E003"]),
        ("news-bodies/raw", "", ["ntrl.E003"]),
        ("news-bodies", "s3.example", ["ntrl.E003"]),
        ("news-bodies", "https://s3.example/news-bodies", ["ntrl.E003"]),
        ("", "https://s3.example", ["ntrl.W004"]),
    ],
)
def test_bucket_and_service(settings: Settings, bucket: str, endpoint: str, ids: list[str]) -> None:
    settings.NTRL_BODIES_BUCKET, settings.NTRL_S3_ENDPOINT_URL = bucket, endpoint
    assert [message.id for message in check_bucket(None)] == ids


@pytest.mark.parametrize(
    ("bodies", "is_fine"),
    [
        ({"BACKEND": "ntrl.bodies_on_disk.DiskBodies", "OPTIONS": {"allow_overwrite": True}}, True),
        ({"BACKEND": "ntrl.bodies_on_disk.DiskBodies"}, False),
        ({"BACKEND": "ntrl.bodies_in_s3.S3Bodies", "OPTIONS": {"bucket_name": "b"}}, True),
        ({"BACKEND": "django.core.files.storage.InMemoryStorage"}, False),
        ({}, False),
    ],
)
def test_only_storages_that_overwrite(settings: Settings, bodies: dict[str, object], is_fine: bool) -> None:
    settings.STORAGES = {**settings.STORAGES, "bodies": bodies}
    assert [message.id for message in check_bodies_overwrite(None)] == ([] if is_fine else ["ntrl.E002"])
