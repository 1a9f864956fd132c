"""From the X-API-Key header to a caller, and from a caller's scopes to yes or no."""

from typing import TYPE_CHECKING, Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from ntrl.rest.access import Caller
from ntrl.rest.keys import HEADER, caller_of

if TYPE_CHECKING:  # it imports this module itself, through the settings
    from rest_framework.views import APIView


class KeyAuthentication(BaseAuthentication):
    """A valid key makes a caller; no key makes nobody; an invalid one is refused."""

    def authenticate(self, request: Request) -> tuple[Caller, Caller] | None:
        """Read the header.

        Raises:
            AuthenticationFailed: the key is not valid.
        """
        key = request.headers.get(HEADER)
        if key is None:
            return None
        caller = caller_of(key)
        if caller is None:
            raise AuthenticationFailed(f"The key in {HEADER} is not valid.")
        return caller, caller

    def authenticate_header(self, request: Request) -> str:
        """What WWW-Authenticate says: without it a refusal would be a 403."""
        return f'ApiKey header="{HEADER}"'


class HasScope(BasePermission):
    """Lets a request pass when its method needs no key, or the caller's key has the scope."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Ask the view what it needs; one that does not say is closed."""
        ask: Any = getattr(view, "needed_scope", None)
        if ask is None:
            return False
        scope = ask(request.method)
        if scope is None:
            return True
        if isinstance(request.auth, Caller):
            self.message = f"This key does not have the scope “{scope}”."
            return scope in request.auth.scopes
        return False
