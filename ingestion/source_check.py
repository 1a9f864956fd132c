"""Ask sources' feeds once and say what they answer, with the very code that ingestion uses; nothing is stored."""

import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from ingestion import services
from ingestion.feed_reading import FeedReply, read_feed
from ingestion.fetching import Fetcher
from ingestion.health import explain
from ingestion.models import Source
from ntrl.stages.pool import DaemonPool
from ntrl.stages.runner import DEFAULT_WORKERS


class UnknownSource(LookupError):
    """A slug that no source has; the message names it."""


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """What one source's feed answers now.

    Attributes:
        source_slug: whose feed.
        url: the address that was asked.
        problem: why it cannot be read, "" when it can; then nothing below is set.
        entries: how many of its entries can become stories.
        newest_entry_at: the latest time among them, None when none names any.
        format: `rss`, `atom`, `rdf`, `json` or `unknown`.
        warnings: what was odd, and what would be left out.
        moved_to: where the address has moved for good, "" for nowhere.
    """

    source_slug: str
    url: str
    problem: str = ""
    entries: int = 0
    newest_entry_at: datetime | None = None
    format: str = ""
    warnings: tuple[str, ...] = ()
    moved_to: str = ""


def check_sources(
    *,
    source_slugs: Sequence[str] = (),
    workers: int = DEFAULT_WORKERS,
    stop: threading.Event | None = None,
    fetcher: Fetcher | None = None,
) -> Generator[SourceCheck, None, None]:
    """Yield what each source's feed answers, the best ranked first; a stop leaves out those not yet asked.

    Without slugs all active sources are asked; by name also one that is switched off.

    Raises:
        UnknownSource: no source has one of the slugs; no feed is asked.
    """
    unknown = set(source_slugs) - set(Source.objects.filter(slug__in=source_slugs).values_list("slug", flat=True))
    if unknown:
        raise UnknownSource(f"no source is called {', '.join(sorted(unknown))}")
    wanted = Source.objects.filter(slug__in=source_slugs) if source_slugs else Source.objects.filter(is_active=True)
    stopping = stop or threading.Event()

    with services.opened(fetcher) as open_fetcher:

        def ask(source: Source) -> SourceCheck | None:
            return None if stopping.is_set() else _check(open_fetcher, source)

        pool = DaemonPool(workers, name="check_sources")
        futures = [pool.submit(ask, source) for source in wanted.order_by("priority", "slug")]
        try:
            for future in futures:
                check = future.result()
                if check is not None:
                    yield check
        finally:
            for future in futures:
                future.cancel()
            pool.close()


def _check(fetcher: Fetcher, source: Source) -> SourceCheck:
    networks = settings.NTRL_FETCH_ALLOW_NETWORKS
    try:
        reply = read_feed(fetcher, source.rss_url, publisher=source.name, allow_networks=networks)
    except Exception as error:  # noqa: BLE001 - a bug on one feed is said of that feed; the others are asked
        return SourceCheck(source.slug, source.rss_url, explain("bug", f"{type(error).__name__}: {error}"))
    if reply.problem is not None:
        problem = explain(reply.problem.code, reply.problem.detail)
        return SourceCheck(source.slug, source.rss_url, problem)
    return SourceCheck(
        source.slug,
        source.rss_url,
        entries=len(reply.entries),
        newest_entry_at=_newest(reply),
        format=reply.format,
        warnings=tuple(reply.warnings),
        moved_to=reply.moved_to,
    )


def _newest(reply: FeedReply) -> datetime | None:
    return max((entry.published_at for entry in reply.entries if entry.published_at), default=None)
