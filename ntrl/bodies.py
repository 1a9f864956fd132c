"""Article bodies in object storage: the single source of truth, kept apart from the database.

A body is text, stored as gzip under a key that its story and version name; its hash tells whether it came back whole.
"""

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

# No body of ours has more (the fetcher takes pages of 5 MB); what unpacks to more was not written by us.
MAX_BODY_BYTES = 20 * 1024 * 1024


class BodyError(Exception):
    """A body can't be stored or read; `key` names it."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"body {key}: {problem}")
        self.key = key


class BodyMissing(BodyError):
    """Nothing stands under the key: expired, purged, or never written."""


class BodyCorrupt(BodyError):
    """What stands under the key is not the text that was put there."""


@dataclass(frozen=True, slots=True)
class StoredBody:
    """Where a body stands (`key`), the SHA-256 of its text, and its length in characters."""

    key: str
    content_hash: str
    length: int


def body_key(story_id: UUID, version: int) -> str:
    """Name a body's place: `raw/<id>/body`, and `.v2`, `.v3`, … for later versions of the same story."""
    return f"raw/{story_id}/body" if version == 1 else f"raw/{story_id}/body.v{version}"


def content_hash(text: str) -> str:
    """SHA-256 hex of a text's UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def put_body(story_id: UUID, version: int, text: str) -> StoredBody:
    """Store a body. The same text under the same version is the same object, so a repeated run changes nothing.

    Raises:
        BodyError: the text can't be kept: too long, or not Unicode (it holds half of a surrogate pair).
    """
    key = body_key(story_id, version)
    packed = gzip.compress(_encoded(key, text), mtime=0)
    saved = _storage().save(key, ContentFile(packed))
    if saved != key:
        raise BodyError(key, f"the storage wrote it to {saved}; it must be set to overwrite")
    return StoredBody(key, content_hash(text), len(text))


def get_body(key: str, expected_hash: str = "") -> str:
    """Read a body.

    Raises:
        BodyMissing: nothing is there.
        BodyCorrupt: it is not gzip, not UTF-8, too large, or not the text that `expected_hash` was taken of.
    """
    try:
        with _storage().open(key, "rb") as stored:
            packed = stored.read()
    except FileNotFoundError:
        raise BodyMissing(key, "not in storage") from None
    try:
        text = _unpack(packed).decode()
    except (zlib.error, ValueError) as error:
        raise BodyCorrupt(key, str(error)) from error
    if expected_hash and content_hash(text) != expected_hash:
        raise BodyCorrupt(key, "its hash is not the one stored with the story")
    return text


def delete_body(key: str) -> None:
    """Remove a body; nothing happens when it is gone already."""
    _storage().delete(key)


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


def _storage() -> Storage:
    return storages["bodies"]
