"""Ids in addresses: UUIDs in small letters or capitals, as some clients write them."""

from django.urls.converters import UUIDConverter

_DIGIT = "[0-9a-fA-F]"


class IdConverter(UUIDConverter):
    """A UUID; Django's own takes small letters only."""

    regex = f"{_DIGIT}{{8}}(?:-{_DIGIT}{{4}}){{3}}-{_DIGIT}{{12}}"
