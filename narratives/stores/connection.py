"""The way to a MongoDB server: one client, and its errors in words that hold nothing of the address's credentials."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient
from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from narratives.stores.base import StoreError

Document = dict[str, Any]
# A server that is not found by then is down; the driver's own 30 seconds are long before a terminal.
SELECTION_SECONDS = 10
# Of one reply. Without it a server that hangs would hold the command for ever; counting millions takes minutes.
REPLY_SECONDS = 300
FORM = "mongodb://user:password@host:27017"
# Codes of MongoDB: https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
UNAUTHORIZED, AUTHENTICATION_FAILED, ATLAS_ERROR = 13, 18, 8000


def connect(uri: str) -> "MongoClient[Document]":
    """Make a client; it connects when it is first asked.

    Raises:
        StoreError: the address can't be read.
    """
    waits: dict[str, Any] = {
        "serverSelectionTimeoutMS": SELECTION_SECONDS * 1000,
        "socketTimeoutMS": REPLY_SECONDS * 1000,
    }
    # What the address itself says counts.
    options = {name: value for name, value in waits.items() if f"{name.lower()}=" not in uri.lower()}
    options |= {"tz_aware": True, "unicode_decode_error_handler": "replace", "appname": "ntrl"}
    try:
        return MongoClient(uri, **options)
    except (PyMongoError, ValueError, TypeError) as error:
        # Not its words: they may quote a part of the password that was not escaped.
        advice = f"Write it as {FORM}, with the marks of user and password escaped (%40 for @)."
        raise StoreError(f"MONGODB_URI can't be read ({type(error).__name__}). {advice}") from None


def host_of(uri: str) -> str:
    """The host and port of an address, or its hosts; nothing of what stands before or behind them."""
    behind = uri.rpartition("@")[2].rpartition("//")[2]
    return behind.partition("/")[0].partition("?")[0].partition("&")[0]


@contextmanager
def errors_in_words(host: str, where: str) -> Iterator[None]:
    """Turn what the driver raises inside into StoreError.

    Args:
        host: of the server.
        where: what is read or written there.
    """
    try:
        yield
    except PyMongoError as error:
        raise StoreError(_words(error, host, where)) from None


def _words(error: PyMongoError, host: str, where: str) -> str:
    if isinstance(error, OperationFailure) and error.code in {AUTHENTICATION_FAILED, ATLAS_ERROR}:
        return f"MongoDB at {host} refuses the user or the password of MONGODB_URI."
    if isinstance(error, OperationFailure) and error.code == UNAUTHORIZED:
        return f"MongoDB at {host} does not let the user of MONGODB_URI read and write {where}."
    if isinstance(error, ServerSelectionTimeoutError):
        return f"MongoDB at {host} does not answer. Is it running, is MONGODB_URI right, may this machine reach it?"
    if isinstance(error, ConnectionFailure | ExecutionTimeout):
        return f"MongoDB at {host} stopped answering ({type(error).__name__}). Run the command again: it goes on."
    if isinstance(error, ConfigurationError):
        return f"MongoDB at {host} can't be used as MONGODB_URI asks ({type(error).__name__})."
    code = f", code {error.code}" if isinstance(error, OperationFailure) else ""
    return f"MongoDB at {host} failed on {where} ({type(error).__name__}{code})."
