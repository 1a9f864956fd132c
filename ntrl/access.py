"""Whether a request carries the key for what is not public."""

import secrets

from django.conf import settings
from django.http import HttpRequest

HEADER = "X-API-Key"


def has_key(request: HttpRequest) -> bool:
    """Whether it carries ADMIN_API_KEY; compared in constant time. Where no key is set, none is right."""
    wanted, given = settings.ADMIN_API_KEY.encode(), request.headers.get(HEADER, "").encode()
    return bool(wanted) and secrets.compare_digest(given, wanted)
