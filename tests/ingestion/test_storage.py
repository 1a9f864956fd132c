"""The life of stored bodies: purge, sweep and integrity check, on disk."""

import gzip
import io
import json
import os
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from ingestion import storage
from ingestion.models import StoryBody, StoryRaw
from ingestion.storage import StorageOptions, check_bodies, purge_bodies, sweep_bodies
from ntrl.bodies import body_key, delete_body, get_body, put_body
from tests.support.factories import BODY, a_story, a_story_without_body

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept_bodies(bodies: Path) -> Path:
    return bodies


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows must already take several pages."""
    monkeypatch.setattr(storage, "PAGE", 3)


def a_story_of_days_ago(days: float) -> StoryRaw:
    story = a_story(body=BODY)
    StoryBody.objects.filter(story=story).update(created_at=timezone.now() - timedelta(days=days))
    return story


def a_second_body(story: StoryRaw, text: str = "Another text.") -> StoryBody:
    stored = put_body(story.id, 2, text)
    StoryRaw.objects.filter(id=story.id).update(
        raw_content_uri=stored.key, raw_content_hash=stored.content_hash, body_version=2
    )
    return StoryBody.objects.create(
        story=story, version=2, uri=stored.key, content_hash=stored.content_hash, length=stored.length, extractor="test"
    )


def an_orphan(bodies: Path, *, days: float) -> str:
    key = put_body(uuid4(), 1, "Nobody's text.").key
    age(bodies, key, days)
    return key


def age(bodies: Path, key: str, days: float) -> None:
    written = (timezone.now() - timedelta(days=days)).timestamp()
    os.utime(bodies / key, (written, written))


def run(command: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Call a command; returns its exit status and its document."""
    out = io.StringIO()
    try:
        call_command(command, "--json", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


class TestPurge:
    def test_old_bodies_go_and_their_rows_say_so(self, bodies: Path) -> None:
        old = [a_story_of_days_ago(days) for days in (30.1, 31, 90, 400)]
        young = [a_story_of_days_ago(days) for days in (0, 29.9)]

        report = purge_bodies(now=timezone.now())

        assert report.counts == {"removed": 4}
        for story in old:
            story.refresh_from_db()
            assert story.bodies.get().expired_at is not None
            assert not (bodies / story.raw_content_uri).exists()
            assert story.raw_content_uri == body_key(story.id, 1)
            assert (story.raw_content_available, story.body_version) == (False, 1)
            assert story.body_failure_reason == "body_expired: removed after 30 days"
        for story in young:
            story.refresh_from_db()
            assert (story.raw_content_available, story.body_failure_reason) == (True, "")
            assert get_body(story.raw_content_uri, story.raw_content_hash) == BODY

    def test_done_again_it_does_nothing(self) -> None:
        a_story_of_days_ago(40)
        purge_bodies(now=timezone.now())
        expired_at = StoryBody.objects.get().expired_at
        assert purge_bodies(now=timezone.now()).counts == {}
        assert StoryBody.objects.get().expired_at == expired_at

    def test_an_older_version_goes_and_the_current_one_stays(self) -> None:
        story = a_story_of_days_ago(40)
        a_second_body(story)

        purge_bodies(now=timezone.now())

        story.refresh_from_db()
        assert [body.expired_at is None for body in story.bodies.order_by("version")] == [False, True]
        assert (story.raw_content_available, story.body_failure_reason) == (True, "")
        assert get_body(story.raw_content_uri) == "Another text."

    def test_a_body_that_the_bucket_removed_is_noted(self) -> None:
        story = a_story_of_days_ago(40)
        delete_body(story.raw_content_uri)
        assert purge_bodies(now=timezone.now()).counts == {"removed": 1}
        assert StoryBody.objects.get().expired_at is not None

    def test_killed_between_object_and_row_it_is_mended_by_the_next(self, monkeypatch: pytest.MonkeyPatch) -> None:
        story = a_story_of_days_ago(40)
        with monkeypatch.context() as patched:
            patched.setattr(storage, "_note_expired", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                purge_bodies(now=timezone.now())
        assert StoryBody.objects.get().expired_at is None
        purge_bodies(now=timezone.now())
        story.refresh_from_db()
        assert not story.raw_content_available

    def test_a_dry_run_removes_nothing(self) -> None:
        stories = [a_story_of_days_ago(40) for _ in range(4)]
        report = purge_bodies(now=timezone.now(), options=StorageOptions(dry_run=True))
        assert report.counts == {"removed": 4}
        assert set(report.keys) == {story.raw_content_uri for story in stories}
        assert all(get_body(story.raw_content_uri) == BODY for story in stories)
        assert not StoryBody.objects.exclude(expired_at=None).exists()

    def test_what_the_disk_refuses_stays_for_the_next_time(self, bodies: Path) -> None:
        refused, fine = a_story_of_days_ago(40), a_story_of_days_ago(40)
        (bodies / refused.raw_content_uri).unlink()
        (bodies / refused.raw_content_uri).mkdir()
        (bodies / refused.raw_content_uri / "something").touch()

        status, document = run("purge_bodies")

        assert status == 3
        assert document["counts"] == {"removed": 1, "failed": 1}
        assert [problem["story_id"] for problem in document["problems"]] == [str(refused.id)]
        assert StoryBody.objects.get(story=refused).expired_at is None
        assert StoryBody.objects.get(story=fine).expired_at is not None

    def test_the_command(self) -> None:
        a_story_of_days_ago(10)
        assert run("purge_bodies")[1]["counts"] == {}
        status, document = run("purge_bodies", "--older-than-days", "9", "--dry-run")
        assert (status, document["is_dry_run"], document["counts"]) == (0, True, {"removed": 1})
        status, document = run("purge_bodies", "--older-than-days", "9")
        assert (status, document["counts"]) == (0, {"removed": 1})
        assert StoryRaw.objects.get().body_failure_reason == "body_expired: removed after 9 days"

    def test_queries_grow_with_pages_not_with_bodies(
        self, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
    ) -> None:
        monkeypatch.setattr(storage, "PAGE", 50)
        for _ in range(20):
            a_story_of_days_ago(40)
        # 1. how many; 2. the page; 3.–6. the rows of bodies and stories in a transaction; 7. no further page
        with django_assert_num_queries(7):
            purge_bodies(now=timezone.now())


class TestSweep:
    def test_only_old_objects_that_no_row_names_go(self, bodies: Path) -> None:
        named = a_story_of_days_ago(5)
        second = a_second_body(named)
        age(bodies, named.raw_content_uri, 5)
        age(bodies, second.uri, 5)
        old = {an_orphan(bodies, days=days) for days in (1.1, 3, 50, 51, 52)}
        young = an_orphan(bodies, days=0.9)
        (bodies / "raw" / "README").write_text("not ours")
        age(bodies, "raw/README", 50)

        report = sweep_bodies(now=timezone.now())

        assert set(report.keys) == old
        assert report.counts == {"removed": 5, "named": 2, "recent": 1, "foreign": 1}
        left = {str(path.relative_to(bodies)) for path in bodies.rglob("*") if path.is_file()}
        assert left == {named.raw_content_uri, second.uri, young, "raw/README"}

    def test_a_later_version_that_no_row_names_goes(self, bodies: Path) -> None:
        story = a_story(body=BODY)
        lost = put_body(story.id, 2, "A version whose row was never written.").key
        age(bodies, lost, 2)
        assert sweep_bodies(now=timezone.now()).keys == [lost]
        assert get_body(story.raw_content_uri) == BODY

    def test_what_a_backup_brought_back_goes_again(self, bodies: Path) -> None:
        story = a_story_of_days_ago(40)
        purge_bodies(now=timezone.now())
        put_body(story.id, 1, BODY)
        age(bodies, story.raw_content_uri, 2)
        assert sweep_bodies(now=timezone.now()).keys == [story.raw_content_uri]

    def test_an_orphan_that_is_written_again_meanwhile_stays(
        self, bodies: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        a_story()
        key = an_orphan(bodies, days=3)
        look = storage._orphans

        def look_then_write_again(*arguments: Any) -> list[str]:
            orphans = look(*arguments)
            age(bodies, key, 0)
            return orphans

        monkeypatch.setattr(storage, "_orphans", look_then_write_again)
        assert sweep_bodies(now=timezone.now()).counts == {}
        assert get_body(key) == "Nobody's text."

    def test_nothing_stored(self) -> None:
        assert sweep_bodies(now=timezone.now()).counts == {}

    def test_a_database_that_names_no_body_is_not_the_one(self, bodies: Path) -> None:
        key = an_orphan(bodies, days=3)
        for options in ([], ["--dry-run"]):
            with pytest.raises(CommandError, match="is it the right one"):
                run("sweep_bodies", *options)
        assert get_body(key)

    def test_a_database_that_names_hardly_any_is_not_the_one(
        self, bodies: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(storage, "PAGE", 100)
        monkeypatch.setattr(storage, "STRANGERS_THAT_TELL", 5)
        a_story(body=BODY)
        keys = {an_orphan(bodies, days=3) for _ in range(5)}
        for options in ([], ["--dry-run"]):
            with pytest.raises(CommandError, match="Of 6 bodies stored side by side this database names 1: is it"):
                run("sweep_bodies", *options)
        assert all(get_body(key) for key in keys)
        assert set(run("sweep_bodies", "--force")[1]["keys"]) == keys

    def test_the_command(self, bodies: Path) -> None:
        a_story()
        key = an_orphan(bodies, days=3)
        status, document = run("sweep_bodies", "--dry-run")
        assert (status, document["keys"], document["counts"]) == (0, [key], {"removed": 1})
        assert get_body(key)
        assert run("sweep_bodies")[1]["keys"] == [key]
        assert not (bodies / key).exists()

    def test_a_bounded_look_up_for_each_page(
        self, bodies: Path, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
    ) -> None:
        monkeypatch.setattr(storage, "PAGE", 10)
        a_story()
        for _ in range(25):
            an_orphan(bodies, days=3)
        # 1. whether there are bodies at all; 2.–4. the three pages
        with django_assert_num_queries(4):
            assert sweep_bodies(now=timezone.now()).counts == {"removed": 25}


class TestCheck:
    def test_each_body_is_as_its_row_says_or_named(self, bodies: Path) -> None:
        for _ in range(4):
            a_story(body=BODY)
        missing, damaged, other = (a_story(body=BODY) for _ in range(3))
        delete_body(missing.raw_content_uri)
        (bodies / damaged.raw_content_uri).write_bytes(b"not gzip")
        (bodies / other.raw_content_uri).write_bytes(gzip.compress(b"Somebody else's text."))
        a_story_without_body()

        status, document = run("check_bodies")

        assert status == 3
        assert document["counts"] == {"intact": 4, "missing": 1, "corrupt": 2}
        found = {problem["story_id"]: (problem["state"], problem["key"]) for problem in document["problems"]}
        assert found == {
            str(missing.id): ("missing", missing.raw_content_uri),
            str(damaged.id): ("corrupt", damaged.raw_content_uri),
            str(other.id): ("corrupt", other.raw_content_uri),
        }

    def test_all_is_well(self) -> None:
        for _ in range(4):
            a_story(body=BODY)
        assert run("check_bodies")[0] == 0

    def test_every_version_is_read(self) -> None:
        story = a_story(body=BODY)
        a_second_body(story)
        delete_body(body_key(story.id, 1))
        report = check_bodies(now=timezone.now())
        assert (report.counts, report.problems[0].key) == ({"intact": 1, "missing": 1}, body_key(story.id, 1))

    def test_a_limit_takes_the_newest(self) -> None:
        oldest = a_story(body=BODY)
        for _ in range(5):
            a_story(body=BODY)
        delete_body(oldest.raw_content_uri)
        assert run("check_bodies", "--limit", "5")[1]["counts"] == {"intact": 5}
        assert check_bodies(now=timezone.now()).counts == {"intact": 5, "missing": 1}

    def test_expired_bodies_are_no_fault(self) -> None:
        noted, unnoted, _ = a_story_of_days_ago(40), a_story_of_days_ago(31), a_story(body=BODY)
        StoryBody.objects.filter(story=noted).update(expired_at=timezone.now())
        delete_body(unnoted.raw_content_uri)
        status, document = run("check_bodies")
        assert (status, document["counts"]) == (0, {"expired": 1, "intact": 1})

    def test_a_body_purged_during_the_check_is_no_fault(self, monkeypatch: pytest.MonkeyPatch) -> None:
        story = a_story_of_days_ago(20)
        read = storage.get_body

        def purge_first(key: str, expected: str) -> str:
            delete_body(story.raw_content_uri)
            return read(key, expected)

        monkeypatch.setattr(storage, "get_body", purge_first)
        rows = storage._by_id

        def row_then_purged(*arguments: Any, **more: Any) -> Any:
            found = list(rows(*arguments, **more))
            StoryBody.objects.update(expired_at=timezone.now())
            return iter(found)

        monkeypatch.setattr(storage, "_by_id", row_then_purged)
        assert check_bodies(now=timezone.now()).counts == {"expired": 1}

    def test_a_damaged_body_of_any_age_is_a_fault(self, bodies: Path) -> None:
        story = a_story_of_days_ago(40)
        (bodies / story.raw_content_uri).write_bytes(b"")
        assert check_bodies(now=timezone.now()).counts == {"corrupt": 1}

    def test_nothing_is_changed(self, bodies: Path) -> None:
        story = a_story(body=BODY)
        (bodies / story.raw_content_uri).write_bytes(b"")
        before = StoryRaw.objects.values().get(), StoryBody.objects.values().get()
        check_bodies(now=timezone.now())
        assert (StoryRaw.objects.values().get(), StoryBody.objects.values().get()) == before


class TestAll:
    @pytest.mark.parametrize("command", ["purge_bodies", "sweep_bodies", "check_bodies"])
    def test_a_disk_that_fails_ends_it_with_a_sentence(
        self, command: str, bodies: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(storage, "PAGE", 100)
        for _ in range(storage.REFUSALS_THAT_TELL):
            a_story_of_days_ago(40)
        bodies.rename(bodies.with_name("gone"))
        bodies.write_text("a file stands where the folder should be")
        with pytest.raises(CommandError, match="The storage of bodies can't be used"):
            run(command)
        assert not StoryBody.objects.exclude(expired_at=None).exists()

    def test_few_refusals_are_told_one_by_one(self, bodies: Path) -> None:
        for _ in range(2):
            a_story(body=BODY)
        bodies.rename(bodies.with_name("gone"))
        bodies.write_text("a file stands where the folder should be")
        status, document = run("check_bodies")
        assert (status, document["counts"]) == (3, {"unavailable": 2})

    def test_asked_to_stop_it_ends_after_the_page_in_hand(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for _ in range(8):
            a_story_of_days_ago(40)
        stop = threading.Event()
        note = storage._note_expired
        monkeypatch.setattr(storage, "_note_expired", lambda *arguments: (note(*arguments), stop.set()))
        report = purge_bodies(now=timezone.now(), options=StorageOptions(stop=stop))
        assert (report.counts, report.is_stopped) == ({"removed": 3}, True)
        assert StoryBody.objects.filter(expired_at=None).count() == 5

    def test_names_are_bounded_counts_are_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(storage, "SHOWN", 2)
        for _ in range(5):
            delete_body(a_story(body=BODY).raw_content_uri)
        report = check_bodies(now=timezone.now())
        assert (report.counts, len(report.problems)) == ({"missing": 5}, 2)

    def test_people_read_what_was_done(self, bodies: Path, capsys: pytest.CaptureFixture[str]) -> None:
        story = a_story(body=BODY)
        key = an_orphan(bodies, days=3)
        delete_body(story.raw_content_uri)
        call_command("sweep_bodies", "--dry-run")
        with pytest.raises(SystemExit):
            call_command("check_bodies")
        out = capsys.readouterr().out
        assert f"would remove {key}" in out
        assert f"missing: story {story.id}, body {story.raw_content_uri}: not in storage" in out
