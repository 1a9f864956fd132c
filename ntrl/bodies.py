"""Article bodies in object storage: the single source of truth, kept apart from the database.

A body is text, stored as gzip under a key that its story and version name; its hash tells whether it came back whole.
The key is the same on disk (`ntrl.bodies_on_disk`) and in S3 (`ntrl.bodies_in_s3`).
"""

import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast
from uuid import UUID

from django.core.files.base import ContentFile, File
from django.core.files.storage import storages

# No body of ours has more (the fetcher takes pages of 5 MB); what unpacks to more was not written by us.
MAX_BODY_BYTES = 20 * 1024 * 1024
# How long a publisher's text is kept: long enough to look into a complaint, no archive of other people's work.
BODY_LIFE_DAYS = 30
# Every body's key begins so; the bucket's expiry rule is about this prefix.
KEY_PREFIX = "raw/"
_KEY = re.compile(r"raw/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/body(?:\.v([2-9]|[1-9][0-9]{1,8}))?")


class BodyError(Exception):
    """A body can't be stored or read; `key` names it."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"body {key}: {problem}")
        self.key = key


class BodyMissing(BodyError):
    """Nothing stands under the key: expired, purged, or never written."""


class BodyCorrupt(BodyError):
    """What stands under the key is not the text that was put there."""


class BodyUnavailable(BodyError):
    """The storage can't be used now: no connection, no permission, no room. It may be there on another try."""


@dataclass(frozen=True, slots=True)
class StoredBody:
    """Where a body stands (`key`), the SHA-256 of its text, and its length in characters."""

    key: str
    content_hash: str
    length: int


class BodyStorage(Protocol):
    """What a storage of bodies can do: one of Django's that overwrites, and can go through all that it holds.

    Whatever keeps it from doing so is an OSError: FileNotFoundError when there is no such object.
    """

    def open(self, name: str, mode: str = "rb") -> "File[bytes]":
        """Open an object for reading."""

    def save(self, name: str, content: "File[bytes]") -> str:
        """Write an object over what stands there; returns the name it has got."""

    def delete(self, name: str) -> None:
        """Remove an object; nothing happens when there is none."""

    def get_modified_time(self, name: str) -> datetime:
        """When the object was written."""

    def ping(self) -> None:
        """Do nothing, if the storage can be used. FileNotFoundError: there is none yet, but the first body makes it."""

    def walk(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        """Yield the name of each object under a prefix and when it was written, holding only a page of them."""


def body_key(story_id: UUID, version: int) -> str:
    """Name a body's place: `raw/<id>/body`, and `.v2`, `.v3`, … for later versions of the same story."""
    return f"{KEY_PREFIX}{story_id}/body" if version == 1 else f"{KEY_PREFIX}{story_id}/body.v{version}"


def story_of_key(key: str) -> UUID | None:
    """The story whose body a key names; None when it is not the key of a body."""
    found = _KEY.fullmatch(key)
    return UUID(found[1]) if found else None


def content_hash(text: str) -> str:
    """SHA-256 hex of a text's UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def put_body(story_id: UUID, version: int, text: str) -> StoredBody:
    """Store a body. The same text under the same version is the same object, so a repeated run changes nothing.

    Raises:
        BodyError: the text can't be kept: too long, or not Unicode (it holds half of a surrogate pair).
        BodyUnavailable: the storage can't be written to now.
    """
    key = body_key(story_id, version)
    packed = gzip.compress(_encoded(key, text), mtime=0)
    try:
        saved = body_storage().save(key, ContentFile(packed))
    except OSError as error:
        raise BodyUnavailable(key, str(error)) from error
    if saved != key:
        raise BodyError(key, f"the storage wrote it to {saved}; it must be set to overwrite")
    return StoredBody(key, content_hash(text), len(text))


def get_body(key: str, expected_hash: str = "") -> str:
    """Read a body.

    Raises:
        BodyMissing: nothing is there.
        BodyCorrupt: it is not gzip, not UTF-8, too large, or not the text that `expected_hash` was taken of.
        BodyUnavailable: the storage can't be read now.
    """
    try:
        with body_storage().open(key, "rb") as stored:
            packed = stored.read(MAX_BODY_BYTES + 1)
    except FileNotFoundError:
        raise BodyMissing(key, "not in storage") from None
    except OSError as error:
        raise BodyUnavailable(key, str(error)) from error
    try:
        text = _unpack(packed).decode()
    except (zlib.error, ValueError) as error:
        raise BodyCorrupt(key, str(error)) from error
    if expected_hash and content_hash(text) != expected_hash:
        raise BodyCorrupt(key, "its hash is not the one stored with the story")
    return text


def delete_body(key: str) -> None:
    """Remove a body; nothing happens when it is gone already.

    Raises:
        BodyUnavailable: the storage can't be written to now.
    """
    try:
        body_storage().delete(key)
    except OSError as error:
        raise BodyUnavailable(key, str(error)) from error


def delete_body_older_than(key: str, moment: datetime) -> bool:
    """Remove a body unless it was written again since; False when it stays or is gone already.

    Raises:
        BodyUnavailable: the storage can't be used now.
    """
    try:
        if body_storage().get_modified_time(key) >= moment:
            return False
    except FileNotFoundError:
        return False
    except OSError as error:
        raise BodyUnavailable(key, str(error)) from error
    delete_body(key)
    return True


def stored_bodies() -> Iterator[tuple[str, datetime]]:
    """Yield the key of everything that stands where bodies do, and when it was written; memory stays constant.

    Raises:
        BodyUnavailable: the storage can't be read now.
    """
    try:
        yield from body_storage().walk(KEY_PREFIX)
    except OSError as error:
        raise BodyUnavailable(KEY_PREFIX, str(error)) from error


def check_body_storage() -> None:
    """Find out whether the storage can be used now, by one request.

    Raises:
        BodyMissing: there is none yet, and the first body will make it; or there was one, and it is gone.
        BodyUnavailable: it can't.
    """
    try:
        body_storage().ping()
    except FileNotFoundError as error:
        raise BodyMissing(KEY_PREFIX, str(error)) from error
    except OSError as error:
        raise BodyUnavailable(KEY_PREFIX, str(error)) from error


def body_storage() -> BodyStorage:
    """The storage that settings name."""
    return cast(BodyStorage, storages["bodies"])


def _encoded(key: str, text: str) -> bytes:
    try:
        encoded = text.encode()
    except UnicodeEncodeError as error:
        raise BodyError(key, f"half of a surrogate pair stands at {error.start}") from error
    if len(encoded) > MAX_BODY_BYTES:
        raise BodyError(key, f"{len(encoded)} bytes are more than {MAX_BODY_BYTES}")
    return encoded


def _unpack(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    text = unpacker.decompress(packed, MAX_BODY_BYTES + 1)
    if not unpacker.eof:
        raise ValueError("cut short, or larger than any body of ours")
    return text
