"""A source in the admin: what an editor's correction does to its health."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ingestion.models import Source
from tests.support.factories import a_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def ailing() -> Source:
    return a_source(
        is_active=False,
        etag='"old"',
        consecutive_failures=3,
        next_attempt_at=timezone.now(),
        health_reason="The server said 410 (gone)",
        closed_at=timezone.now(),
    )


def correct(client: Client, source: Source, **changed: Any) -> Source:
    fields = {"name": source.name, "slug": source.slug, "rss_url": source.rss_url, "priority": 99, **changed}
    answer = client.post(reverse("admin:ingestion_source_change", args=[source.pk]), fields)
    assert answer.status_code == 302
    return Source.objects.get(pk=source.pk)


@pytest.mark.parametrize("changed", [{"rss_url": "https://herald.example/new"}, {"is_active": "on"}])
def test_another_address_or_switching_on_lets_a_source_begin_anew(
    admin_client: Client, ailing: Source, changed: dict[str, str]
) -> None:
    source = correct(admin_client, ailing, **changed)

    assert (source.consecutive_failures, source.next_attempt_at, source.health_reason, source.etag) == (0, None, "", "")
    assert (source.is_active, source.closed_at) == ("is_active" in changed, None)


def test_another_name_leaves_its_health(admin_client: Client, ailing: Source) -> None:
    source = correct(admin_client, ailing, name="The Herald")

    assert (source.name, source.consecutive_failures, source.etag) == ("The Herald", 3, '"old"')
    assert source.health_reason == "The server said 410 (gone)"


def test_health_is_read_not_written(admin_client: Client, ailing: Source) -> None:
    assert correct(admin_client, ailing, health_reason="fine").health_reason == "The server said 410 (gone)"
    page = admin_client.get(reverse("admin:ingestion_source_changelist")).content.decode()
    assert "The server said 410 (gone)" in page
