"""A service that speaks S3, over real HTTP on loopback, and a bucket of each test's own."""

import logging
from collections.abc import Iterator
from itertools import count
from uuid import uuid4

import pytest
from moto.server import ThreadedMotoServer
from pytest_django.fixtures import Settings

from ntrl import bodies_in_s3
from ntrl.bodies import body_storage
from ntrl.bodies_in_s3 import S3Bodies

_numbers = count(1)


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """Where the service listens."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys where boto3 finds them, and one try only, so that a fault is a fault at once."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "some-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "some-secret")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setattr(bodies_in_s3, "TRIES", 1)


def use_bucket(settings: Settings, endpoint: str, bucket: str = "", region: str = "") -> S3Bodies:
    """Keep bodies in a bucket (which need not be there); returns the storage."""
    bucket = bucket or f"bodies-{next(_numbers)}-{uuid4().hex[:8]}"
    options = {"bucket_name": bucket, "endpoint_url": endpoint, "region_name": region}
    bodies = {"BACKEND": "ntrl.bodies_in_s3.S3Bodies", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "bodies": bodies}
    settings.NTRL_BODIES_BUCKET, settings.NTRL_S3_ENDPOINT_URL = bucket, endpoint
    storage = body_storage()
    assert isinstance(storage, S3Bodies)
    return storage


@pytest.fixture
def no_bucket(settings: Settings, s3_address: str, s3_keys: None) -> S3Bodies:
    """The storage of a bucket that is not there yet."""
    return use_bucket(settings, s3_address)


@pytest.fixture
def bucket(no_bucket: S3Bodies) -> S3Bodies:
    """The storage of an empty bucket."""
    no_bucket.client.create_bucket(Bucket=no_bucket.bucket_name)
    return no_bucket
