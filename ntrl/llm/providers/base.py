"""What a provider is to the gateway, and what its SDK calls have in common."""

import logging
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Protocol, TypeAlias

import httpx2
from pydantic import Field

from ntrl.llm.errors import CallFailed
from ntrl.llm.providers import failures
from ntrl.llm.providers.transport import call_limits
from ntrl.llm.types import ProviderName, Reply, Request

OPERATION_HEADER = "X-NTRL-Operation"
# A count beyond this is a fault of whoever counted.
TokenCount: TypeAlias = Annotated[int, Field(ge=0, le=100_000_000)]
# How long the list of models may take.
LIST_SECONDS = 20.0


class Provider(Protocol):
    """One way to models. Thread-safe."""

    name: ProviderName

    def parameters(self, request: Request) -> Mapping[str, Any]:
        """What goes out for a request: the same for the same request, in the same order."""
        ...

    def send(self, request: Request, *, seconds: float) -> Reply:
        """Make one call, once.

        Raises:
            CallFailed: no reply, or none that can be read.
        """
        ...

    def models(self) -> list[str]:
        """Name the models that the key may use. Raises CallFailed."""
        ...


def exchange(call: Callable[[], httpx2.Response], sdk: Any, *, seconds: float) -> bytes:
    """Make one call of an SDK within its time; returns the body of its 200. Raises CallFailed.

    Args:
        call: makes the call.
        sdk: the SDK's module: both name their exceptions alike.
        seconds: the whole call may take.
    """
    # At DEBUG, which their own environment variables can switch on, they log requests with the text of articles.
    logging.getLogger(sdk.__name__).setLevel(logging.WARNING)
    with call_limits(seconds):
        try:
            response = call()
        except sdk.APIStatusError as error:
            raise _judged(error.response) from None
        except sdk.APIConnectionError as error:
            raise failures.of_connection(error.__cause__) from None
        if response.status_code != httpx2.codes.OK:
            raise _judged(response)
        return response.content


def _judged(response: httpx2.Response) -> CallFailed:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return failures.of_status(response.status_code, headers, response.text)
