"""System checks: what is wrong with the settings, said before anything is done with them. Each has an id."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

SHORTEST_API_KEY_CHARS = 24
ON_DISK, IN_S3 = "ntrl.bodies_on_disk.DiskBodies", "ntrl.bodies_in_s3.S3Bodies"
BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
ENDPOINT = re.compile(r"https?://[^\s/?#]+/?")


@register(Tags.files)
def check_data_dir(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """ntrl.E001: the data folder must be one we can write to."""
    folder = Path(settings.NTRL_DATA_DIR)
    if folder.is_dir() and os.access(folder, os.W_OK):
        return []
    return [Error(f"NTRL_DATA_DIR ({folder}) is not a folder that this user can write to.", id="ntrl.E001")]


@register(Tags.files)
def check_bodies_overwrite(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """ntrl.E002: a body saved again must land on its own key, or a repeated run loses it."""
    storages: Any = settings.STORAGES
    bodies = storages.get("bodies", {})
    backend, options = bodies.get("BACKEND"), bodies.get("OPTIONS", {})
    if backend == IN_S3 or (backend == ON_DISK and options.get("allow_overwrite")):
        return []
    return [Error(f'STORAGES["bodies"] must be {IN_S3}, or {ON_DISK} set to overwrite.', id="ntrl.E002")]


@register(Tags.files)
def check_bucket(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """ntrl.E003: a bucket or an address that can't be one; ntrl.W004: an address that nothing is stored at."""
    bucket, endpoint = settings.NTRL_BODIES_BUCKET, settings.NTRL_S3_ENDPOINT_URL
    problems: list[CheckMessage] = []
    if bucket and not BUCKET_NAME.fullmatch(bucket):
        hint = "3 to 63 of a-z, 0-9, dot and hyphen, with a letter or digit at both ends."
        problems.append(
            Error(f"NTRL_BODIES_BUCKET ({bucket}) can't be the name of a bucket.", hint=hint, id="ntrl.E003")
        )
    if endpoint and not ENDPOINT.fullmatch(endpoint):
        hint = "Such as https://s3.example:9000, without the bucket."
        problems.append(Error("NTRL_S3_ENDPOINT_URL is not the address of a service.", hint=hint, id="ntrl.E003"))
    if endpoint and not bucket:
        problem = "NTRL_S3_ENDPOINT_URL is set, but NTRL_BODIES_BUCKET is not: article bodies are kept on disk."
        problems.append(Warning(problem, id="ntrl.W004"))
    return problems


@register(Tags.security)
def check_api_key(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """ntrl.W001: a short key can be guessed."""
    if settings.ADMIN_API_KEY and len(settings.ADMIN_API_KEY) < SHORTEST_API_KEY_CHARS:
        hint = "Make one: python -c 'import secrets; print(secrets.token_urlsafe(32))'"
        problem = f"ADMIN_API_KEY is shorter than {SHORTEST_API_KEY_CHARS} characters."
        return [Warning(problem, hint=hint, id="ntrl.W001")]
    return []


@register(Tags.security, deploy=True)
def check_fetch_networks(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """ntrl.W002: networks that the fetcher may reach although they are not public."""
    networks = [str(network) for network in settings.NTRL_FETCH_ALLOW_NETWORKS]
    if not networks:
        return []
    problem = f"NTRL_FETCH_ALLOW_NETWORKS lets feeds lead the fetcher into {', '.join(networks)}."
    return [Warning(problem, hint="Leave it empty outside tests and the demo.", id="ntrl.W002")]


@register(Tags.security, deploy=True)
def check_proxies(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """ntrl.W009: with a proxy that nobody has counted, all clients are taken for one, and share one limit."""
    if not settings.NTRL_HTTPS or settings.REST_FRAMEWORK["NUM_PROXIES"]:
        return []
    hint = "NTRL_PROXIES=1, when the proxy that speaks HTTPS is the only one."
    problem = "NTRL_HTTPS is on, so a proxy stands before NTRL, but NTRL_PROXIES is 0: clients are counted as one."
    return [Warning(problem, hint=hint, id="ntrl.W009")]


@register(Tags.security, deploy=True)
def check_sender(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """ntrl.W010: a mail from nowhere is refused, so nobody would hear of an alert."""
    if not settings.NTRL_ALERT_EMAILS or not settings.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        return []
    hint = "DEFAULT_FROM_EMAIL=ntrl@news.example; then: manage.py send_alerts --test"
    return [Warning("NTRL_ALERT_EMAILS are told by mail from @localhost, which is refused.", hint=hint, id="ntrl.W010")]


@register(Tags.security, deploy=True)
def check_contact_url(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """ntrl.W003: publishers must be able to find out who reads them."""
    if not settings.NTRL_FETCH_CONTACT_URL.startswith(("http://", "https://")) or (
        "ntrl.example" in settings.NTRL_FETCH_CONTACT_URL
    ):
        problem = "NTRL_FETCH_CONTACT_URL does not name a page of yours."
        return [Warning(problem, hint="It stands in the User-Agent that publishers see.", id="ntrl.W003")]
    return []
