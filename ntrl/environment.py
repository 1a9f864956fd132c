"""Readings of settings that need more than a type. What can't be read is refused with the setting's name."""

import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from ntrl.secret_key import kept_secret_key

DATABASES = ("postgres://user:password@host/name", "sqlite:////path/to/file")

_RATE = re.compile(r"[1-9][0-9]{0,8}/(second|minute|hour|day)")


def read_rate(name: str, written: str) -> str | None:
    """Read how often something may happen, such as `100/minute`; None for no limit."""
    if written.strip() and not _RATE.fullmatch(written.strip()):
        raise ImproperlyConfigured(f"{name}: {written.strip()!r} is not a rate such as 100/minute.")
    return written.strip() or None


def read_networks(name: str, written: Sequence[str]) -> list[IPv4Network | IPv6Network]:
    """Read networks such as `10.1.0.0/16`."""
    try:
        return [ip_network(network) for network in written]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error


def read_database(name: str, url: str) -> dict[str, Any]:
    """Read a database's address. It may hold a password, so the refusal does not repeat it."""
    try:
        database = dict(dj_database_url.parse(url))
    except (ValueError, dj_database_url.ParseError) as error:
        raise ImproperlyConfigured(f"{name} is not an address like {' or '.join(DATABASES)}.") from error
    if not str(database["ENGINE"]).endswith((".postgresql", ".sqlite3")):
        raise ImproperlyConfigured(f"{name} names a database that NTRL does not support: {' or '.join(DATABASES)}.")
    return database


def prepare_data_dir(name: str, folder: Path, *, secret_key: str) -> str:
    """Make the data folder and what must stand in it; returns the key that signs sessions."""
    try:
        (folder / "static").mkdir(parents=True, exist_ok=True)
        return secret_key or kept_secret_key(folder / "secret-key")
    except OSError as error:
        raise ImproperlyConfigured(f"{name} is not a folder that this user can write to: {error}") from error
