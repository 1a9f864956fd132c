"""Doors of jobs that no other test goes through."""

import logging

import pytest
from django.db import connection

from ntrl.pipeline import tasks
from tests.support.factories import publishable

pytestmark = pytest.mark.django_db


def test_the_search_index_is_mended_and_that_is_said(caplog: pytest.LogCaptureFixture) -> None:
    publishable()
    assert tasks.reindex_search() == {"missing": 0, "wrong": 0, "has_triggers": True}
    assert not caplog.records
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_document")
    with caplog.at_level(logging.WARNING):
        assert tasks.reindex_search()["missing"] == 1
    assert "search_index_mended missing=1 wrong=0" in caplog.text
    assert tasks.reindex_search()["missing"] == 0
