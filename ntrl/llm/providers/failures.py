"""What an SDK's exception means: the network, a limit, a refused key, a model that is gone."""

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import httpx2

from ntrl.llm.errors import CallFailed, Remedy
from ntrl.llm.providers.transport import ReplyTooLarge

# Longer waits than a day are no answer to anything.
RETRY_AFTER_MAX_SECONDS = 86_400.0
# Words in the bodies of errors, in lower case, by what they mean whatever the status.
_NO_MONEY = ("insufficient_quota", "credit balance is too low", "billing_hard_limit_reached", "perday")
_NO_KEY = ("api key not valid", "api_key_invalid", "invalid x-api-key", "invalid_api_key")
# The beginning of an error's body has its code.
_BODY_CHARS = 4_000
_CODE = re.compile(r"\"(?:code|type|status)\"\s*:\s*\"([A-Za-z][A-Za-z0-9_]{1,40})\"")
_REPEATABLE = frozenset({408, 409, 425, 429})


def of_status(status: int, headers: Mapping[str, str], body: str) -> CallFailed:
    """Judge an answer that is not 200. Nothing of its text is kept but codes: it may repeat the key or the article."""
    body = body[:_BODY_CHARS].lower()
    codes = ", ".join(dict.fromkeys(_CODE.findall(body)))
    if any(words in body for words in _NO_MONEY) or status == 402:
        return CallFailed("quota_exhausted", Remedy.REPLACE_PROVIDER, detail=codes)
    if status in (401, 403) or any(words in body for words in _NO_KEY):
        return CallFailed(f"http_{status}", Remedy.REPLACE_PROVIDER, detail=codes)
    if status == 404:
        return CallFailed("http_404", Remedy.REPLACE_MODEL, detail=codes)
    if status in _REPEATABLE or status >= 500:
        return CallFailed(
            f"http_{status}",
            Remedy.REPEAT,
            detail=codes,
            retry_after_seconds=retry_after(headers.get("retry-after", "")),
        )
    return CallFailed(f"http_{status}", Remedy.OTHER_INPUT, detail=codes)


def of_connection(error: BaseException | None) -> CallFailed:
    """Judge a call that brought no answer. Once the request is on its way, the provider may bill it."""
    if isinstance(error, ReplyTooLarge):
        return CallFailed("reply_too_large", Remedy.NEXT, may_be_billed=True)
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        return CallFailed("no_connection", Remedy.REPEAT, was_made=False)
    if isinstance(error, httpx2.TimeoutException):
        # Not repeated: the time is better spent on the next entry.
        return CallFailed("timeout", Remedy.NEXT, may_be_billed=True)
    return CallFailed("connection_lost", Remedy.REPEAT, may_be_billed=True)


def garbled() -> CallFailed:
    """A 200 whose body is not what the protocol says."""
    return CallFailed("garbled", Remedy.NEXT, may_be_billed=True)


def retry_after(header: str) -> float | None:
    """Read seconds or a date; None when there is neither."""
    header = header.strip()
    try:
        if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", header):
            seconds = float(header)
        else:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_MAX_SECONDS)
