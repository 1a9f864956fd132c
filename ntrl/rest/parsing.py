"""Reading JSON bodies: UTF-8, of bounded size, and never deeper than Python can read."""

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

# The largest body that means something (a hundred of ids) has some kilobytes.
MAX_BODY_BYTES = 1_000_000


class TooLarge(APIException):
    """A body beyond all measure."""

    status_code = 413
    default_detail = f"The body is larger than {MAX_BODY_BYTES} bytes."
    default_code = "too_large"


class StrictJSONParser(BaseParser):
    """JSON as RFC 8259 has it: no NaN, no other encoding."""

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
            return json.loads(body.decode(), parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"The body is not JSON: {error}") from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON value")
