"""The way to Qdrant: one client, only when it is needed, and its errors in words without credentials."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from narratives.facts.errors import StoreError

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

# One request may take so long; a server that needs more is ill.
TIMEOUT_SECONDS = 30
INSTALL = "pip install 'ntrl[qdrant]'"


def connect(*, url: str, api_key: str, path: Path) -> "QdrantClient":
    """Make a client of a server, or of a local folder when no server is named.

    Raises:
        StoreError: the client is not installed, there is neither server nor folder, or the folder is in use.
    """
    if not url and not path.is_dir():
        raise StoreError(f"There is no Qdrant: QDRANT_URL is not set, and there is no folder {path} (QDRANT_PATH).")
    try:
        from qdrant_client import QdrantClient
    except ImportError:
        raise StoreError(f"Qdrant's client is not installed. Install it: {INSTALL}") from None
    with errors_in_words(where_is(url=url, path=path)):
        if url:
            return QdrantClient(url=url, api_key=api_key or None, timeout=TIMEOUT_SECONDS, check_compatibility=False)
        return QdrantClient(path=str(path))


def where_is(*, url: str, path: Path) -> str:
    """Host and port of a server, without what stands before them in its address; or the folder's name."""
    if not url:
        return f"local folder {path.name}"
    try:
        host = urlsplit(url if "//" in url else f"//{url}").netloc.rpartition("@")[2]
    except ValueError:
        host = ""
    return host or "an address that can't be read"


@contextmanager
def errors_in_words(where: str) -> Iterator[None]:
    """Turn what the client raises inside into StoreError."""
    from qdrant_client.common.client_exceptions import QdrantException
    from qdrant_client.http.exceptions import ApiException, UnexpectedResponse

    try:
        yield
    except UnexpectedResponse as error:
        raise StoreError(_refused(error, where)) from None
    except QdrantException as error:  # 429; what it says holds the server's words, or those of the client on them
        raise StoreError(f"Qdrant at {where} asks to wait (429): {_first_line(error)}") from None
    except (ApiException, OSError) as error:
        why = type(getattr(error, "source", error)).__name__
        raise StoreError(
            f"Qdrant at {where} does not answer ({why}). Is it running, is QDRANT_URL right, may this machine reach it?"
        ) from None
    except (RuntimeError, ValueError, sqlite3.Error) as error:  # the local folder's, and an address that is none
        raise StoreError(f"Qdrant at {where} can't be used ({type(error).__name__}): {_first_line(error)}") from None


def _refused(error: Any, where: str) -> str:
    if error.status_code in {401, 403}:
        return f"Qdrant at {where} refuses QDRANT_API_KEY ({error.status_code})."
    said = error.content.decode(errors="replace")[:200] if error.content else ""
    return f"Qdrant at {where} refuses a request ({error.status_code}): {said}"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200]
