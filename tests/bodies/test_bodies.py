"""Bodies come back from storage as they were put there, or not at all."""

import gzip
import hashlib
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ntrl import bodies as storage
from ntrl.bodies import (
    BodyCorrupt,
    BodyError,
    BodyMissing,
    body_key,
    content_hash,
    delete_body,
    get_body,
    put_body,
)

STORY = UUID("11111111-2222-5333-8444-555555555555")
KEY = f"raw/{STORY}/body"
TEXT = "The bridge reopens on Tuesday.\n\nTraffic returns — slowly."
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(text=ANY_TEXT, version=st.integers(1, 4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_a_body_comes_back_as_it_was_put_there(bodies: Path, text: str, version: int) -> None:
    stored = put_body(STORY, version, text)

    assert get_body(stored.key, stored.content_hash) == text
    assert (stored.key, stored.length) == (body_key(STORY, version), len(text))
    assert stored.content_hash == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "text",
    ["", "\r\n\r mixed \n ends", "e\u0301 is not \u00e9", "\ufeffmark", "👩‍👩‍👧 \U0010ffff", "\x00\x85\u2028", "İ ß"],
)
def test_nothing_is_normalized(bodies: Path, text: str) -> None:
    put_body(STORY, 1, text)

    assert get_body(KEY, content_hash(text)) == text


@pytest.mark.parametrize(("version", "key"), [(1, KEY), (2, f"{KEY}.v2"), (13, f"{KEY}.v13")])
def test_where_a_body_stands(bodies: Path, version: int, key: str) -> None:
    assert put_body(STORY, version, TEXT).key == key == body_key(STORY, version)
    assert gzip.decompress((bodies / key).read_bytes()).decode() == TEXT


def test_the_same_text_again_is_the_same_object(bodies: Path) -> None:
    first = put_body(STORY, 1, TEXT)
    before = (bodies / KEY).read_bytes()

    assert put_body(STORY, 1, TEXT) == first
    assert (bodies / KEY).read_bytes() == before
    assert [path.name for path in (bodies / KEY).parent.iterdir()] == ["body"]


def test_another_text_under_the_same_key_takes_its_place(bodies: Path) -> None:
    put_body(STORY, 1, "A longer text that was there before. " * 100)
    put_body(STORY, 1, TEXT)

    assert get_body(KEY, content_hash(TEXT)) == TEXT


def test_versions_stand_side_by_side(bodies: Path) -> None:
    put_body(STORY, 1, "first")
    put_body(STORY, 2, "second")

    assert (get_body(KEY), get_body(f"{KEY}.v2")) == ("first", "second")


def test_a_body_that_is_not_there(bodies: Path) -> None:
    with pytest.raises(BodyMissing, match=str(STORY)) as caught:
        get_body(KEY)

    assert caught.value.key == KEY


def test_a_deleted_body_is_gone_and_may_be_deleted_again(bodies: Path) -> None:
    put_body(STORY, 1, TEXT)

    delete_body(KEY)
    delete_body(KEY)

    with pytest.raises(BodyMissing):
        get_body(KEY)


PACKED = gzip.compress(TEXT.encode())


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<html>not gzip</html>", id="not gzip"),
        pytest.param(PACKED[:10], id="header only"),
        pytest.param(PACKED[:-9], id="cut short"),
        pytest.param(PACKED[:-4], id="without its length"),
        pytest.param(PACKED[:20] + b"\xff" + PACKED[21:], id="a byte changed"),
        pytest.param(gzip.compress(b"\xff\xfe\xfd"), id="not UTF-8"),
        pytest.param(gzip.compress(b"\xed\xa0\xbd"), id="half a surrogate pair"),
        pytest.param(gzip.compress(b"another text"), id="another text"),
    ],
)
def test_what_is_not_the_text_is_never_returned(bodies: Path, stored: bytes) -> None:
    put_body(STORY, 1, TEXT)
    (bodies / KEY).write_bytes(stored)

    with pytest.raises(BodyCorrupt, match=str(STORY)):
        get_body(KEY, content_hash(TEXT))


def test_a_bomb_is_not_unpacked(bodies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "MAX_BODY_BYTES", 1000)
    put_body(STORY, 1, "x")
    (bodies / KEY).write_bytes(gzip.compress(b"x" * 10_000_000))

    with pytest.raises(BodyCorrupt, match="larger"):
        get_body(KEY)


def test_the_largest_body_comes_back_and_a_larger_one_is_not_taken(
    bodies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "MAX_BODY_BYTES", 1000)
    put_body(STORY, 1, "é" * 500)

    assert get_body(KEY) == "é" * 500
    with pytest.raises(BodyError, match="1001 bytes"):
        put_body(STORY, 1, "é" * 500 + "x")
    assert get_body(KEY) == "é" * 500


@pytest.mark.parametrize("text", ["half a pair \ud83d", "\udc80"])
def test_a_text_that_is_none_is_refused_with_a_reason(bodies: Path, text: str) -> None:
    with pytest.raises(BodyError, match="surrogate"):
        put_body(STORY, 1, text)

    assert not (bodies / KEY).exists()


def test_a_storage_that_renames_is_refused(bodies: Path, settings: object) -> None:
    storages = {**settings.STORAGES}  # type: ignore[attr-defined]
    storages["bodies"] = {**storages["bodies"], "OPTIONS": {"location": bodies, "allow_overwrite": False}}
    settings.STORAGES = storages  # type: ignore[attr-defined]
    put_body(STORY, 1, TEXT)

    with pytest.raises(BodyError, match="overwrite"):
        put_body(STORY, 1, TEXT)
