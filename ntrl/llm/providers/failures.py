"""What an SDK's exception means: the network, a limit, a refused key, a model that is gone."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from ntrl.llm.errors import CallFailed, Remedy
from ntrl.llm.providers.transport import ReplyTooLarge

# Longer waits than a day are no answer to anything.
RETRY_AFTER_MAX_SECONDS = 86_400.0
# Codes of errors and beginnings of their messages, in lower case. Further on, a message may repeat the article.
_NO_MONEY = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_NO_MONEY_MESSAGES = ("your credit balance is too low",)
_A_DAYS_QUOTA = "perday"
_NO_KEY = frozenset({"api_key_invalid", "invalid_api_key"})
_NO_KEY_MESSAGES = ("api key not valid", "invalid x-api-key")
# The statuses that go with them.
_OF_MONEY, _OF_KEYS = frozenset({400, 402, 403, 429}), frozenset({400, 401, 403})
_OF_PARAMETERS = frozenset({400, 422})
# A parameter of ours that the model does not know, or not so: the same whatever the article.
_NO_SUCH_PARAMETER = frozenset({"unsupported_parameter", "unknown_parameter", "invalid_parameter", "unsupported_value"})
_CODE_KEYS = frozenset({"code", "type", "status", "reason", "quotaId"})
# Google's codes stand four levels deep; a document that goes on and on is no error's.
_LEVELS = 6
_CODE = re.compile(r"[a-z][a-z0-9_-]{1,80}")
_REPEATABLE = frozenset({408, 409, 425, 429})


def of_status(status: int, headers: Mapping[str, str], body: str) -> CallFailed:
    """Judge an answer that is not 200. Nothing of its text is kept but codes: it may repeat the key or the article."""
    found, message = _read_error(body)
    codes = ", ".join(found)
    if status == 402 or (status in _OF_MONEY and _says_no_money(found, message)):
        return CallFailed("quota_exhausted", Remedy.REPLACE_PROVIDER, detail=codes)
    if status in (401, 403) or (status in _OF_KEYS and _says_no_key(found, message)):
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
    is_ours = status in _OF_PARAMETERS and not _NO_SUCH_PARAMETER.isdisjoint(found)
    return CallFailed(f"http_{status}", Remedy.REPLACE_REQUEST if is_ours else Remedy.OTHER_INPUT, detail=codes)


def _says_no_money(codes: list[str], message: str) -> bool:
    return (
        not _NO_MONEY.isdisjoint(codes)
        or any(_A_DAYS_QUOTA in code for code in codes)
        or message.startswith(_NO_MONEY_MESSAGES)
    )


def _says_no_key(codes: list[str], message: str) -> bool:
    return not _NO_KEY.isdisjoint(codes) or message.startswith(_NO_KEY_MESSAGES)


def _read_error(body: str) -> tuple[list[str], str]:
    """Take codes and message out of an error's document, in lower case; what else it has is not looked at."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return [], ""
    if isinstance(document, list) and document:  # as Google writes it
        document = document[0]
    error = document.get("error") if isinstance(document, dict) else None
    if not isinstance(error, dict):
        return [], ""
    codes = (value.lower() for value in _codes(error))
    message = error.get("message")
    return (
        list(dict.fromkeys(code for code in codes if _CODE.fullmatch(code))),
        message.strip().lower() if isinstance(message, str) else "",
    )


def _codes(node: Any, levels: int = _LEVELS) -> Iterator[str]:
    """Yield what stands under the keys of codes, also in an error's details."""
    if not levels:
        return
    if isinstance(node, list):
        for child in node:
            yield from _codes(child, levels - 1)
    elif isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, str) and key in _CODE_KEYS:
                yield value
            else:
                yield from _codes(value, levels - 1)


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
