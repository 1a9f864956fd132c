"""What only a folder of bodies has: its walk, its folders, and the faults of a disk."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntrl.bodies import (
    BodyUnavailable,
    body_key,
    delete_body,
    delete_body_older_than,
    get_body,
    put_body,
    stored_bodies,
    story_of_key,
)


def test_a_walk_finds_everything_and_when_it_was_written(bodies: Path) -> None:
    stories = [uuid4() for _ in range(3)]
    keys = {put_body(story, version, "text").key for story in stories for version in (1, 2)}
    (bodies / "raw" / "note.txt").write_text("somebody's")
    long_ago = datetime(2026, 1, 2, tzinfo=UTC)
    os.utime(bodies / body_key(stories[0], 1), (long_ago.timestamp(), long_ago.timestamp()))

    found = dict(stored_bodies())

    assert set(found) == keys | {"raw/note.txt"}
    assert found[body_key(stories[0], 1)] == long_ago


def test_nothing_stored_yet(bodies: Path) -> None:
    assert list(stored_bodies()) == []


def test_links_are_not_followed(bodies: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "body").write_text("x")
    (bodies / "raw").mkdir(parents=True)
    (bodies / "raw" / str(uuid4())).symlink_to(tmp_path / "elsewhere")
    assert list(stored_bodies()) == []


def test_the_last_body_takes_its_folder_along(bodies: Path) -> None:
    story = uuid4()
    first, second = put_body(story, 1, "a"), put_body(story, 2, "b")

    delete_body(first.key)
    assert get_body(second.key) == "b"
    delete_body(second.key)
    delete_body(second.key)

    assert list((bodies / "raw").iterdir()) == []


def test_only_what_is_old_is_removed(bodies: Path) -> None:
    key = put_body(uuid4(), 1, "text").key
    now = datetime.now(UTC)
    assert not delete_body_older_than(key, now - timedelta(hours=1))
    assert delete_body_older_than(key, now + timedelta(hours=1))
    assert not delete_body_older_than(key, now + timedelta(hours=1))


def test_a_disk_that_fails_is_no_missing_body(bodies: Path) -> None:
    bodies.write_text("a file stands where the folder should be")
    story = uuid4()
    for do in (
        lambda: get_body(body_key(story, 1)),
        lambda: put_body(story, 1, "text"),
        lambda: delete_body(body_key(story, 1)),
        lambda: delete_body_older_than(body_key(story, 1), datetime.now(UTC)),
        lambda: list(stored_bodies()),
    ):
        with pytest.raises(BodyUnavailable):
            do()


@given(st.uuids(), st.integers(1, 10_000))
def test_a_key_names_its_story(story: object, version: int) -> None:
    assert story_of_key(body_key(story, version)) == story  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "key",
    [
        "",
        "raw/",
        "raw/11111111-2222-5333-8444-555555555555",
        "raw/11111111-2222-5333-8444-555555555555/body.v1",
        "raw/11111111-2222-5333-8444-555555555555/body.v02",
        "raw/11111111-2222-5333-8444-555555555555/body.gz",
        "raw/11111111-2222-5333-8444-555555555555/body\n",
        "raw/11111111222253338444555555555555/body",
        "raw/11111111-2222-5333-8444-55555555555٥/body",
        "backup/raw/11111111-2222-5333-8444-555555555555/body",
    ],
)
def test_what_is_no_key_of_ours(key: str) -> None:
    assert story_of_key(key) is None
