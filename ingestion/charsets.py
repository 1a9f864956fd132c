"""The character set that a Content-Type header names, for feeds and pages alike."""

import re

# The longest registered name has 45 characters, and those in use have at most 20.
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,45})", re.IGNORECASE)


def header_charset(content_type: str) -> str:
    """Return the name as the header has it, "" when it has none; no promise that such a character set exists."""
    found = _CHARSET.search(content_type)
    return found[1] if found else ""
