"""Answers that a client may keep, and ask again for by their ETag: what matches is not built."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date, quote_etag
from rest_framework.request import Request

from ntrl.rest.problems import PreconditionFailed

# A correction must reach readers soon; a minute still spares the server a burst of them.
MAX_AGE_SECONDS = 60


def conditional(
    request: Request, *, etag: str, modified_at: datetime | None, build: Callable[[], HttpResponse]
) -> HttpResponse:
    """Answer 304 when the client has it, else what `build` makes; both say how long it may be kept.

    What `build` says that nobody may keep (it has a Cache-Control) is not the answer that the ETag names.

    Raises:
        PreconditionFailed: an If-Match or If-Unmodified-Since does not hold.
    """
    quoted = quote_etag(etag)
    modified = int(modified_at.timestamp()) if modified_at else None
    response = get_conditional_response(request._request, etag=quoted, last_modified=modified)
    if response is None:
        response = build()
        if response.has_header("Cache-Control"):
            return response
    elif response.status_code == PreconditionFailed.status_code:
        raise PreconditionFailed
    response["ETag"] = quoted
    if modified is not None:
        response["Last-Modified"] = http_date(modified)
    patch_cache_control(response, public=True, max_age=MAX_AGE_SECONDS)
    return response
