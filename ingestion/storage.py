"""The life of stored bodies: removing what is old, sweeping out what no row names, checking what is there.

None of these is a `Stage`: two processes may do the same at once without harm, so there is nothing to claim, and a log
row for every body of every check would outgrow the bodies. Each goes through rows or objects page by page.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Protocol, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from ingestion.models import StoryBody, StoryRaw
from ntrl.bodies import (
    BODY_LIFE_DAYS,
    BodyCorrupt,
    BodyMissing,
    BodyUnavailable,
    delete_body,
    delete_body_older_than,
    get_body,
    stored_bodies,
    story_of_key,
)
from ntrl.stages.progress import ProgressSink, Silent

# Rows or objects looked at together: few queries, little memory.
PAGE = 100
# Storage answers slowly and costs no processor, so several objects are asked for at once.
DEFAULT_WORKERS = 8
# A body is put into storage a minute or two before its row is written; after a day no living run is in between.
ORPHAN_AGE = timedelta(days=1)
# When so many objects in one page are refused, and no other is not, it is the storage and not the objects.
REFUSALS_THAT_TELL = 10
# So many orphans in one page, more than half of it, are no leavings of killed runs: they belong to another database.
STRANGERS_THAT_TELL = 50
# Removed keys and problems listed by name; the counts say how many there were.
SHOWN = 1000

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class StorageDown(Exception):
    """The storage can't be used: it refused all of many objects, and going on would only take time."""


class NotOurStorage(StorageDown):
    """Most of what is stored would be an orphan: this database is not the one that the storage belongs to."""


class BodyState(StrEnum):
    """What stands under a body's key. `expired`: it is gone, as it should be, but its row does not say so yet."""

    INTACT = "intact"
    MISSING = "missing"
    CORRUPT = "corrupt"
    UNAVAILABLE = "unavailable"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class BodyProblem:
    """A body that is not as its row says, or that could not be removed; `story_id` is "" when no row names it."""

    story_id: str
    key: str
    state: BodyState
    detail: str


@dataclass(slots=True)
class StorageReport:
    """What was found and done: `counts` of rows or objects, and the first `SHOWN` keys and problems by name.

    Attributes:
        counts: by what became of them: removed, failed, recent, foreign, or a body's state.
        keys: those removed (in a dry run: to be removed).
        is_stopped: it was asked to stop before the end.
    """

    is_dry_run: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    problems: list[BodyProblem] = field(default_factory=list)
    is_stopped: bool = False

    def count(self, what: str, number: int = 1) -> None:
        """Count so many more."""
        self.counts[what] = self.counts.get(what, 0) + number

    def note_removed(self, key: str) -> None:
        """Count a removed object, and name it."""
        self.count("removed")
        if len(self.keys) < SHOWN:
            self.keys.append(key)

    def note_problem(self, problem: BodyProblem) -> None:
        """Name a problem."""
        if len(self.problems) < SHOWN:
            self.problems.append(problem)


@dataclass(frozen=True, slots=True)
class StorageOptions:
    """How to go through the storage; `stop` is set from outside, and ends it after the page in hand.

    With `force`, objects are swept out however few of all are named by this database.
    """

    dry_run: bool = False
    force: bool = False
    workers: int = DEFAULT_WORKERS
    stop: threading.Event | None = None
    progress: ProgressSink = field(default_factory=Silent)


class _Ask(Protocol):
    """Does something with every item at once; what the storage refused comes back as the error."""

    def __call__(
        self, do: Callable[[Item], Answer], items: Sequence[Item]
    ) -> list[tuple[Item, Answer | BodyUnavailable]]: ...


def purge_bodies(
    *, now: datetime, older_than_days: int = BODY_LIFE_DAYS, options: StorageOptions | None = None
) -> StorageReport:
    """Remove the bodies read more than so many days ago, and note in their rows that they have expired.

    Everything made from them stays. A body that is gone already (the bucket's own rule removed it) is noted alike.

    Raises:
        StorageDown: the storage can't be used.
    """
    options = options or StorageOptions()
    report = StorageReport(options.dry_run)
    old = StoryBody.objects.filter(expired_at=None, created_at__lt=now - timedelta(days=older_than_days))
    reason = f"body_expired: removed after {older_than_days} days"
    with _many_at_once(options) as ask:
        for page in _pages("purge_bodies", _by_id(old), report, options, total=old.count()):
            removed = page if options.dry_run else _purge(page, ask, report)
            if not options.dry_run:
                _note_expired(removed, now, reason)
            for body in removed:
                report.note_removed(body.uri)
    return report


def sweep_bodies(*, now: datetime, options: StorageOptions | None = None) -> StorageReport:
    """Remove stored objects over a day old that no row names, or whose row says that they have expired.

    Killed runs leave the first, restored backups the second. What is written again meanwhile stays.

    Raises:
        NotOurStorage: no row of this database names any body; or (but with `force`) most of a page are orphans.
        StorageDown: the storage can't be used.
    """
    options = options or StorageOptions()
    report = StorageReport(options.dry_run)
    before = now - ORPHAN_AGE
    has_bodies = StoryBody.objects.exists()
    with _many_at_once(options) as ask:
        try:
            for page in _pages("sweep_bodies", stored_bodies(), report, options, total=None):
                orphans = _orphans(page, before, report)
                if orphans and not has_bodies:
                    raise NotOurStorage("Bodies are stored, but this database names none: is it the right one?")
                if not options.force and len(orphans) >= max(STRANGERS_THAT_TELL, len(page) / 2 + 1):
                    found = f"Of {len(page)} bodies stored side by side this database names {len(page) - len(orphans)}"
                    raise NotOurStorage(f"{found}: is it the right one? If it is: --force.")
                _sweep(orphans, before, ask, report)
        except BodyUnavailable as problem:
            raise StorageDown(str(problem)) from problem
    return report


def check_bodies(*, now: datetime, limit: int | None = None, options: StorageOptions | None = None) -> StorageReport:
    """Read the bodies that should be there, newest first, and compare each with the hash in its row.

    Raises:
        StorageDown: the storage can't be used.
    """
    options = options or StorageOptions()
    report = StorageReport()
    kept = StoryBody.objects.filter(expired_at=None)
    total = kept.count()
    bodies = islice(_by_id(kept, newest_first=True), limit)
    with _many_at_once(options) as ask:
        for page in _pages("check_bodies", bodies, report, options, total=min(total, limit or total)):
            for body, found in ask(_problem_of, page):
                problem = _problem(body, BodyState.UNAVAILABLE, found) if isinstance(found, BodyUnavailable) else found
                state = BodyState.INTACT if problem is None else _state_now(body, problem.state, now)
                report.count(state)
                if problem is not None and state != BodyState.EXPIRED:
                    report.note_problem(problem)
    return report


# --- removing ----------------------------------------------------------------------------------------------------


def _purge(page: list[StoryBody], ask: _Ask, report: StorageReport) -> list[StoryBody]:
    """Remove a page's objects; returns the rows whose object is gone."""
    removed = []
    for body, failed in ask(lambda body: delete_body(body.uri), page):
        if failed is None:
            removed.append(body)
        else:
            report.count("failed")
            report.note_problem(_problem(body, BodyState.UNAVAILABLE, failed))
    return removed


@transaction.atomic
def _note_expired(bodies: list[StoryBody], now: datetime, reason: str) -> None:
    """Say in the rows that bodies have expired, after the objects: a kill in between is mended by the next purge.

    A story's own row changes only when the body is its current one.
    """
    StoryBody.objects.filter(pk__in=[body.pk for body in bodies]).update(expired_at=now)
    current = StoryRaw.objects.filter(
        id__in=[body.story_id for body in bodies], raw_content_uri__in=[body.uri for body in bodies]
    )
    current.update(raw_content_available=False, body_failure_reason=reason)


def _orphans(page: list[tuple[str, datetime]], before: datetime, report: StorageReport) -> list[str]:
    """Of a page of objects, name those to be removed."""
    stories = {key: story_of_key(key) for key, _ in page}
    ours = {story for story in stories.values() if story is not None}
    named = set(StoryBody.objects.filter(story_id__in=ours, expired_at=None).values_list("uri", flat=True))
    orphans = []
    for key, written in page:
        if stories[key] is None:
            report.count("foreign")
        elif key in named:
            report.count("named")
        elif written >= before:
            report.count("recent")
        else:
            orphans.append(key)
    return orphans


def _sweep(orphans: list[str], before: datetime, ask: _Ask, report: StorageReport) -> None:
    if report.is_dry_run:
        for key in orphans:
            report.note_removed(key)
        return
    for key, outcome in ask(lambda key: delete_body_older_than(key, before), orphans):
        if isinstance(outcome, BodyUnavailable):
            report.count("failed")
            report.note_problem(BodyProblem("", key, BodyState.UNAVAILABLE, str(outcome)))
        elif outcome:
            report.note_removed(key)


# --- checking ----------------------------------------------------------------------------------------------------


def _problem_of(body: StoryBody) -> BodyProblem | None:
    try:
        get_body(body.uri, body.content_hash)
    except BodyMissing as error:
        return _problem(body, BodyState.MISSING, error)
    except BodyCorrupt as error:
        return _problem(body, BodyState.CORRUPT, error)
    return None


def _problem(body: StoryBody, state: BodyState, error: Exception) -> BodyProblem:
    return BodyProblem(str(body.story_id), body.uri, state, str(error))


def _state_now(body: StoryBody, found: BodyState, now: datetime) -> BodyState:
    """What was found, unless the body has expired: its life is over, or somebody has just removed it or its story."""
    if found == BodyState.MISSING:
        is_kept = StoryBody.objects.filter(pk=body.pk, expired_at=None).exists()
        if not is_kept or body.created_at < now - timedelta(days=BODY_LIFE_DAYS):
            return BodyState.EXPIRED
    return found


# --- going through pages -----------------------------------------------------------------------------------------


def _by_id(rows: QuerySet[StoryBody], *, newest_first: bool = False) -> Iterator[StoryBody]:
    """Yield rows by their number, one query a page; rows that leave the queryset meanwhile shift nothing."""
    ordered = rows.order_by("-pk" if newest_first else "pk")
    page = list(ordered[:PAGE])
    while page:
        behind = {"pk__lt" if newest_first else "pk__gt": page[-1].pk}
        yield from page
        page = list(ordered.filter(**behind)[:PAGE])


def _pages(
    name: str, items: Iterable[Item], report: StorageReport, options: StorageOptions, *, total: int | None
) -> Iterator[list[Item]]:
    """Yield items a page at a time until they or the patience of whoever asked end, and show how far it is."""
    items = iter(items)
    options.progress.start(name, total)
    try:
        while page := list(islice(items, PAGE)):
            if options.stop is not None and options.stop.is_set():
                report.is_stopped = True
                return
            yield page
            for _ in page:
                options.progress.advance("")
    finally:
        options.progress.finish()


@contextmanager
def _many_at_once(options: StorageOptions) -> Iterator[_Ask]:
    with ThreadPoolExecutor(options.workers, thread_name_prefix="bodies") as pool:

        def ask(do: Callable[[Item], Answer], items: Sequence[Item]) -> list[tuple[Item, Answer | BodyUnavailable]]:
            answers = list(pool.map(lambda item: _or_refusal(do, item), items))
            if len(answers) >= REFUSALS_THAT_TELL and all(isinstance(answer, BodyUnavailable) for answer in answers):
                raise StorageDown(str(answers[0]))
            return list(zip(items, answers, strict=True))

        yield ask


def _or_refusal(do: Callable[[Item], Answer], item: Item) -> Answer | BodyUnavailable:
    try:
        return do(item)
    except BodyUnavailable as problem:
        return problem
