"""Two processes that detect the same stories at once make the narratives that one makes."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import a_family

ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")
pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not ON_POSTGRES, reason="SQLite lets one process write at a time"),
]
STORIES = "200"


def detected_by(processes: int, folder: Path) -> tuple[int, list[Any]]:
    folder.mkdir()
    with a_family(folder) as family:
        status, _, errors = family.start("write_stories", STORIES).end()
        assert status == 0, errors
        children = [family.start("detect", STORIES) for _ in range(processes)]
        for child in children:
            child.hear()
        for child in children:
            child.tell()
        said = [child.hear() for child in children]
        for child in children:
            assert child.end()[0] == 0
        last = family.start("detect", STORIES)
        last.hear()
        last.tell()
        return sum(each["assigned"] for each in said), last.hear()["narratives"]


def test_as_many_and_the_same(tmp_path: Path) -> None:
    alone = detected_by(1, tmp_path / "alone")
    together = detected_by(2, tmp_path / "together")
    assert alone[0] == together[0] == int(STORIES)
    assert together[1] == alone[1]
    assert sum(count for _, _, count in alone[1]) == int(STORIES)
    assert 10 <= len(alone[1]) <= 60
