"""Reading JSON bodies: UTF-8, of known and bounded size, and never deeper than Python can read."""

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

# The largest body that means something (a hundred of ids) has some kilobytes.
MAX_BODY_BYTES = 1_000_000


class TooLarge(APIException):
    """A body beyond all measure."""

    status_code = 413
    default_detail = f"The body is larger than {MAX_BODY_BYTES} bytes."
    default_code = "too_large"


class LengthRequired(APIException):
    """A body that comes in chunks. Without a length Django reads nothing, and nothing would mean all defaults."""

    status_code = 411
    default_detail = "A body needs a Content-Length; one in chunks (Transfer-Encoding) is not read."
    default_code = "length_required"


def refuse_chunks(request: Request) -> None:
    """Let no body pass for an empty one.

    Raises:
        LengthRequired: the request has a Transfer-Encoding.
    """
    if "Transfer-Encoding" in request.headers:
        raise LengthRequired


class StrictJSONParser(BaseParser):
    """JSON as RFC 8259 has it, in whole characters: no NaN, no other encoding, no half of a surrogate pair."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Read the body.

        Raises:
            TooLarge: it is too large.
            ParseError: it is not JSON.
        """
        body = stream.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            raise TooLarge
        try:
            read = json.loads(body.decode(), parse_constant=_refuse)
            # An escaped half of a pair is a text that can be neither stored nor answered.
            json.dumps(read, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise ParseError(f"The body is not JSON: {error}") from error
        return read


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON value")
