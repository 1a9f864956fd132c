"""The ways in which a provider can fail."""

import random
from dataclasses import dataclass
from enum import Enum

# A reply beyond any size we ask for.
HUGE_CHARS = 1_000_000


class Fault(Enum):
    """A fault as (status, type of error, code). Without a status a reply comes, or a part of it, and is billed."""

    HTTP_400 = (400, "invalid_request_error", "context_length_exceeded")
    BAD_PARAMETER = (400, "invalid_request_error", "unsupported_parameter")
    HTTP_401 = (401, "authentication_error", "invalid_api_key")
    HTTP_403 = (403, "permission_error", "forbidden")
    HTTP_404 = (404, "not_found_error", "model_not_found")
    HTTP_408 = (408, "timeout_error", "request_timeout")
    HTTP_429 = (429, "rate_limit_error", "rate_limit_exceeded")
    NO_QUOTA = (429, "insufficient_quota", "insufficient_quota")
    NO_CREDIT = (400, "invalid_request_error", "Your credit balance is too low")
    HTTP_500 = (500, "api_error", "server_error")
    HTTP_529 = (529, "overloaded_error", "overloaded")
    RESET = (0, "", "reset")
    HANG = (0, "", "hang")
    TRICKLE = (0, "", "trickle")
    CUT_OFF = (0, "", "cut_off")
    EMPTY = (0, "", "empty")
    TRUNCATED_JSON = (0, "", "truncated_json")
    TRUNCATED = (0, "", "truncated")
    PROSE = (0, "", "prose")
    FENCES = (0, "", "fences")
    WRONG_SCHEMA = (0, "", "wrong_schema")
    REFUSAL = (0, "", "refusal")
    GARBLED = (0, "", "garbled")
    HUGE = (0, "", "huge")

    @property
    def status(self) -> int:
        """The status of the answer; 0 when there is none, or 200."""
        return self.value[0]

    @property
    def kind(self) -> str:
        """The type of the error."""
        return self.value[1]

    @property
    def code(self) -> str:
        """The code of the error."""
        return self.value[2]

    @property
    def breaks_connection(self) -> bool:
        """Whether the connection is part of the fault."""
        return self in (Fault.RESET, Fault.HANG, Fault.TRICKLE, Fault.CUT_OFF)


def wreck(fault: Fault, text: str) -> str:
    """Return what a faulty model writes in place of `text`."""
    wrecked = {
        Fault.EMPTY: "",
        Fault.TRUNCATED_JSON: text[: len(text) // 2],
        Fault.TRUNCATED: text[: len(text) // 2],
        Fault.PROSE: f"Sure! Here is what you asked for: {text} I hope that helps.",
        Fault.FENCES: f"```json\n{text}\n```",
        Fault.WRONG_SCHEMA: '{"unexpected": [1, 2, 3]}',
        Fault.HUGE: "x" * HUGE_CHARS,
    }
    return wrecked.get(fault, text)


@dataclass(slots=True)
class Plan:
    """Which calls fail, and how; empty strings and None fit all."""

    faults: list[Fault]
    operation: str
    provider: str
    times: int | None
    rate: float
    retry_after: str

    def fits(self, operation: str, provider: str) -> bool:
        """Whether a call is meant."""
        is_left = self.times is None or self.times > 0
        return is_left and self.operation in ("", operation) and self.provider in ("", provider)

    def take(self, chance: random.Random) -> Fault:
        """Use it up once."""
        if self.times is not None:
            self.times -= 1
        return chance.choice(self.faults)
