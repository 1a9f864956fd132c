"""Bodies in S3, over real HTTP: what is stored there, what comes back, and what is said when it does not."""

import gzip
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pytest_django.fixtures import Settings

from ntrl import bodies_in_s3
from ntrl.bodies import (
    BodyCorrupt,
    BodyMissing,
    BodyUnavailable,
    body_key,
    content_hash,
    delete_body,
    delete_body_older_than,
    get_body,
    put_body,
    stored_bodies,
)
from ntrl.bodies_in_s3 import S3Bodies
from tests.bodies.conftest import use_bucket
from tests.conftest import ROOT

STORY = UUID("11111111-2222-5333-8444-555555555555")
KEY = f"raw/{STORY}/body"
TEXT = "The bridge reopens on Tuesday.\n\nTraffic returns — slowly. 日本 🙂"


@pytest.mark.parametrize("text", [TEXT, "", "x" * 2_000_000], ids=["short", "empty", "long"])
@pytest.mark.parametrize("version", [1, 3])
def test_a_body_comes_back_as_it_was_put_there(bucket: S3Bodies, text: str, version: int) -> None:
    stored = put_body(STORY, version, text)

    assert stored.key == body_key(STORY, version)
    assert get_body(stored.key, stored.content_hash) == text


def test_the_object_is_the_gzip_as_it_is_and_says_so(bucket: S3Bodies) -> None:
    put_body(STORY, 1, TEXT)

    head = bucket.client.head_object(Bucket=bucket.bucket_name, Key=KEY)
    assert (head["ContentType"], head["ContentEncoding"]) == ("text/plain", "gzip")
    raw = bucket.client.get_object(Bucket=bucket.bucket_name, Key=KEY)["Body"].read()
    assert raw == gzip.compress(TEXT.encode(), mtime=0)
    grants = bucket.client.get_object_acl(Bucket=bucket.bucket_name, Key=KEY)["Grants"]
    assert [grant["Grantee"]["Type"] for grant in grants] == ["CanonicalUser"]


def test_the_same_text_again_is_the_same_object(bucket: S3Bodies) -> None:
    def etag() -> str:
        return str(bucket.client.head_object(Bucket=bucket.bucket_name, Key=KEY)["ETag"])

    put_body(STORY, 1, TEXT)
    before = etag()
    put_body(STORY, 1, TEXT)
    assert etag() == before
    assert [key for key, _ in stored_bodies()] == [KEY]

    put_body(STORY, 1, "Another text.")
    assert etag() != before
    assert get_body(KEY) == "Another text."


def test_requests_are_signed_with_version_4_and_name_the_bucket_in_the_path(bucket: S3Bodies) -> None:
    sent = []
    bucket.client.meta.events.register("before-send.s3", lambda request, **_: sent.append(request))
    put_body(STORY, 1, TEXT)
    get_body(KEY)

    assert len(sent) == 2
    for request in sent:
        assert re.fullmatch(rf"http://127\.0\.0\.1:\d+/{bucket.bucket_name}/{KEY}", request.url)
        assert b"AWS4-HMAC-SHA256" in request.headers["Authorization"]
        assert not [name for name in request.headers if name.lower().startswith(("x-amz-trailer", "x-amz-acl"))]


def test_without_an_endpoint_the_bucket_is_amazons(settings: Settings, s3_keys: None) -> None:
    storage = use_bucket(settings, "", "news-bodies", region="eu-central-1")
    assert storage.client.meta.endpoint_url == "https://s3.eu-central-1.amazonaws.com"


def test_threads_share_one_client(bucket: S3Bodies) -> None:
    stories = [uuid4() for _ in range(40)]
    with ThreadPoolExecutor(8) as pool:
        stored = list(pool.map(lambda story: put_body(story, 1, str(story)), stories))
        texts = list(pool.map(lambda body: get_body(body.key, body.content_hash), stored))
    assert texts == [str(story) for story in stories]


def test_a_body_that_is_not_there(bucket: S3Bodies) -> None:
    with pytest.raises(BodyMissing, match=KEY):
        get_body(KEY)
    assert not bucket.exists(KEY)


def test_a_deleted_body_is_gone_and_may_be_deleted_again(bucket: S3Bodies) -> None:
    put_body(STORY, 1, TEXT)
    assert bucket.exists(KEY)
    delete_body(KEY)
    delete_body(KEY)
    with pytest.raises(BodyMissing):
        get_body(KEY)


@pytest.mark.parametrize(
    "stored",
    [b"", b"plain", gzip.compress(TEXT.encode())[:-6], gzip.compress(b"\xff\xfe"), gzip.compress(b"other")],
    ids=["empty", "plain", "cut short", "not UTF-8", "another text"],
)
def test_what_is_not_the_text_is_never_returned(bucket: S3Bodies, stored: bytes) -> None:
    bucket.client.put_object(Bucket=bucket.bucket_name, Key=KEY, Body=stored, ContentEncoding="gzip")
    with pytest.raises(BodyCorrupt, match=KEY):
        get_body(KEY, content_hash(TEXT))


def test_what_is_too_large_is_not_read(bucket: S3Bodies, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies_in_s3, "MAX_BODY_BYTES", 1000)
    bucket.client.put_object(Bucket=bucket.bucket_name, Key=KEY, Body=gzip.compress(TEXT.encode()) + b"\0" * 1000)
    with pytest.raises(BodyCorrupt):
        get_body(KEY)


def test_going_through_more_than_a_page(bucket: S3Bodies) -> None:
    keys = {f"raw/{uuid4()}/body" for _ in range(7)}
    for key in keys:
        bucket.client.put_object(Bucket=bucket.bucket_name, Key=key, Body=b"x")
    bucket.client.put_object(Bucket=bucket.bucket_name, Key="reports/raw/x", Body=b"x")
    bucket.client.meta.events.register(
        "provide-client-params.s3.ListObjectsV2", lambda params, **_: {**params, "MaxKeys": 3}
    )

    found = dict(stored_bodies())

    assert set(found) == keys
    assert all(abs(datetime.now(UTC) - written) < timedelta(minutes=5) for written in found.values())


def test_only_what_is_old_is_removed(bucket: S3Bodies) -> None:
    put_body(STORY, 1, TEXT)
    now = datetime.now(UTC)
    assert not delete_body_older_than(KEY, now - timedelta(days=1))
    assert get_body(KEY) == TEXT
    assert delete_body_older_than(KEY, now + timedelta(days=1))
    assert not delete_body_older_than(KEY, now + timedelta(days=1))


# --- out of reach ------------------------------------------------------------------------------------------------


class Faulty(BaseHTTPRequestHandler):
    """Answers every request as its class says."""

    status, promised, sent = 200, 1000, b"ten bytes."

    def _answer(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Length", str(self.promised))
        self.end_headers()
        self.wfile.write(self.sent)
        self.close_connection = True

    do_GET = do_PUT = do_DELETE = do_HEAD = _answer  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Refuses(Faulty):
    status, sent = 403, b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    promised = len(sent)


class Fails(Faulty):
    status, promised, sent = 503, 0, b""


@pytest.fixture(params=[Faulty, Refuses, Fails, None], ids=["cut short", "refuses", "fails", "down"])
def out_of_reach(request: pytest.FixtureRequest, settings: Settings, s3_keys: None) -> Iterator[S3Bodies]:
    """A storage whose service does not serve."""
    if request.param is None:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        yield use_bucket(settings, f"http://127.0.0.1:{port}")
        return
    server = ThreadingHTTPServer(("127.0.0.1", 0), request.param)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield use_bucket(settings, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()


def test_a_storage_out_of_reach_is_no_missing_body(out_of_reach: S3Bodies) -> None:
    with pytest.raises(BodyUnavailable, match=f"{KEY}: the bucket {out_of_reach.bucket_name}"):
        get_body(KEY)


@pytest.mark.parametrize("out_of_reach", [Refuses, Fails, None], ids=["refuses", "fails", "down"], indirect=True)
def test_nothing_else_can_be_done_with_it_either(out_of_reach: S3Bodies) -> None:
    for do in (
        lambda: put_body(STORY, 1, TEXT),
        lambda: delete_body(KEY),
        lambda: delete_body_older_than(KEY, datetime.now(UTC)),
        lambda: list(stored_bodies()),
    ):
        with pytest.raises(BodyUnavailable):
            do()


def test_a_bucket_that_is_not_there_is_no_missing_body(no_bucket: S3Bodies) -> None:
    for do in (lambda: get_body(KEY), lambda: put_body(STORY, 1, TEXT), lambda: list(stored_bodies())):
        with pytest.raises(BodyUnavailable, match="setup_storage"):
            do()


def test_no_keys_are_said_so(bucket: S3Bodies, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    use_bucket(settings, bucket.endpoint_url)
    with pytest.raises(BodyUnavailable, match="credentials"):
        get_body(KEY)


def test_nothing_needs_boto3_on_disk(tmp_path: Path) -> None:
    """Half a second of every command's start is not paid for a bucket that nobody has."""
    code = "import django, sys; django.setup(); import ntrl.urls; sys.exit('boto3' in sys.modules)"
    env = {"DJANGO_SETTINGS_MODULE": "ntrl.settings", "NTRL_DATA_DIR": str(tmp_path), "NTRL_BODIES_BUCKET": ""}
    assert subprocess.run([sys.executable, "-c", code], env=env, cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize(("bucket_name", "storage"), [("", "DiskBodies"), ("news-bodies", "S3Bodies")])
def test_the_setting_chooses_the_storage(tmp_path: Path, bucket_name: str, storage: str) -> None:
    code = "import django; django.setup(); from ntrl.bodies import body_storage; print(type(body_storage()).__name__)"
    env = {"DJANGO_SETTINGS_MODULE": "ntrl.settings", "NTRL_DATA_DIR": str(tmp_path), "NTRL_BODIES_BUCKET": bucket_name}
    got = subprocess.run([sys.executable, "-c", code], env=env, cwd=ROOT, check=True, capture_output=True, text=True)
    assert got.stdout.strip() == storage
