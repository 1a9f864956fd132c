"""The stage `enrichment`: streams with new messages are read on from their marks, chunk by chunk."""

import hashlib
import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import islice

from narratives.facts import marks
from narratives.facts.errors import StoreError
from narratives.facts.messages import Message
from narratives.facts.ports import Extraction, Extractor, Stream
from narratives.facts.sources import Source
from narratives.facts.watermarks import CHUNK_MESSAGES, Progress, advanced, chunks, is_enough, safe_time, start
from ntrl.stages.errors import ItemError
from ntrl.stages.ledger import OutOfMoney
from ntrl.stages.stage import Outcome, Saved, Stage

log = logging.getLogger(__name__)

ENRICHMENT_STAGE = "enrichment"
# Chunks of one stream done before they are saved: a kill loses no more calls than these.
CHUNKS_AT_ONCE = 10
MOST_MESSAGES = CHUNKS_AT_ONCE * CHUNK_MESSAGES
# Of a claim's key, which holds 200.
KEY_CHARS = 200
SECONDS_BESIDE_MODELS = 30
# Of a user's id, as the guide's tables have it; and as much of a longer one as is shown.
USER_CHARS, SHOWN_CHARS = 255, 40
NO_USER = f"a user's id holds {USER_CHARS} characters at most, and no null character"


@dataclass(frozen=True, slots=True)
class News:
    """What a stream holds behind its mark.

    Attributes:
        held: its row's mark, as it was read.
        progress: where to go on from: that, or what a fact's mark says is further.
        following: the first message that is left for the next turn.
    """

    source: Source
    bot: str
    stream: Stream
    held: Progress
    progress: Progress
    messages: tuple[Message, ...] = ()
    following: Message | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What came of a stream's messages: `done` of them, in order, and what they say."""

    done: int
    extractions: tuple[Extraction, ...]


@dataclass(slots=True)
class Seen:
    """What a run met on its way. `troubles` are stores and bots that could not be read, with the reason."""

    idle: int = 0
    waiting: int = 0
    troubles: dict[str, str] = field(default_factory=dict)
    bots: set[str] = field(default_factory=set)


class EnrichmentStage(Stage[News, Read]):
    """Reads what is new in each stream, and stores the facts and the mark together.

    Messages are read in the main thread, those of streams with news alone; models are asked by the workers.
    A chunk that fails ends its stream's turn: the mark stays before it.

    Args:
        sources: where messages are.
        extractors: who reads them, for each source.
        now: aware.
        seen: added to.
        bot: only this one's streams; all when empty.
        only: only these streams, by bot; all when None. No other bot, user or mark is read.
        deadline_seconds: one chunk may take.
    """

    name = ENRICHMENT_STAGE
    deadline_seconds = CHUNKS_AT_ONCE * 90 + SECONDS_BESIDE_MODELS

    def __init__(
        self,
        *,
        sources: Collection[Source],
        extractors: dict[int, Extractor],
        now: datetime,
        seen: Seen,
        bot: str = "",
        only: Mapping[str, Collection[Stream]] | None = None,
        deadline_seconds: int = 90,
    ) -> None:
        self._sources = sources
        self._extractors = extractors
        self._now = now
        self._seen = seen
        self._bot = bot
        self._only = only
        self.unfinished: dict[str, set[Stream]] = {}
        seconds = CHUNKS_AT_ONCE * deadline_seconds + SECONDS_BESIDE_MODELS
        self.deadline_seconds = seconds  # type: ignore[misc]

    # --- what is new ---------------------------------------------------------------------------------------------

    def pending(self) -> Iterator[News]:
        """Read the streams of all bots from their marks on; also those that turn out to hold nothing new."""
        for source in self._sources:
            try:
                bots = source.messages.bots()
            except StoreError as error:
                self._seen.troubles[source.messages.name] = error.detail
                continue
            for bot in bots:
                if self._bot in ("", bot) and (self._only is None or bot in self._only):
                    yield from self._of_bot(source, bot)

    def _of_bot(self, source: Source, bot: str) -> Iterator[News]:
        self._seen.bots.add(bot)
        idle: dict[str, str] = {}
        try:
            streams = source.messages.streams(bot, self._now) if self._only is None else list(self._only[bot])
            streams = [each for each in streams if self._is_a_user(bot, each)]
            begun = list(self._begun(source, bot, streams))
            behind = {stream.user: (progress.since, progress.known) for stream, _, progress in begun}
            named = source.messages.with_news(bot, behind, self._now)
            for stream, held, progress in begun:
                unread = News(source, bot, stream, held, progress)
                news = self._read(unread) if stream.user in named else unread
                if news is None:
                    continue
                if self._only is None and is_enough(news.messages, self._now) and not self._can_store(news):
                    continue
                if not news.messages and stream.version:
                    idle[stream.user] = stream.version
                yield news
        except StoreError as error:
            self._seen.troubles[bot] = error.detail
        marks.note_versions(bot, idle)

    def _is_a_user(self, bot: str, stream: Stream) -> bool:
        """Whether the tables can hold the user's name; a stream of another is named, and hinders nobody else's."""
        is_one = len(stream.user) <= USER_CHARS and "\0" not in stream.user
        if not is_one:
            self._seen.troubles[f"{bot}/{stream.user[:SHOWN_CHARS]!a}…"] = NO_USER
        return is_one

    def _can_store(self, news: News) -> bool:
        """Whether its facts will have a place, before anybody is paid for finding them."""
        try:
            news.source.facts.require_user(news.stream.user)
        except StoreError as error:
            self._seen.troubles[self.label(news)] = error.detail
            return False
        return True

    def _begun(self, source: Source, bot: str, streams: list[Stream]) -> Iterator[tuple[Stream, Progress, Progress]]:
        """Streams with their row's mark and the place to go on from; those that have not changed are left out."""
        users = None if self._only is None else [each.user for each in streams]
        held, told = marks.marks_of(bot, users), source.facts.newest_marks(bot, self._now, users)
        own = {user: mark.progress for user, mark in held.items()}
        begun = {each.user: start(own.get(each.user), told.get(each.user), self._now) for each in streams}
        marks.pin(bot, {user: progress for user, progress in begun.items() if user not in own}, self._now)
        for stream in streams:
            if stream.version and stream.user in held and held[stream.user].stream_version == stream.version:
                self._seen.idle += 1
                continue
            yield stream, own.get(stream.user, begun[stream.user]), begun[stream.user]

    def _read(self, news: News) -> News | None:
        """Fetch what is new; None, and the stream named, when it alone can't be read. A store that is down raises."""
        progress, user = news.progress, news.stream.user
        read = news.source.messages.after(news.bot, user, progress.since, until=self._now, known=progress.known)
        try:
            messages = tuple(islice(read, MOST_MESSAGES + 1))
        except StoreError as error:
            # One look-up tells whether anything is answered still: else each stream would wait for its own time-out.
            news.source.messages.with_news(news.bot, {user: (progress.since, progress.known)}, self._now)
            self._seen.troubles[self.label(news)] = error.detail
            return None
        following = messages[MOST_MESSAGES] if len(messages) > MOST_MESSAGES else None
        return replace(news, messages=messages[:MOST_MESSAGES], following=following)

    def is_wanted(self, item: News) -> bool:
        """Whether there is enough to read now; what a turn has left over is, however little."""
        if not item.messages:
            self._seen.idle += 1
            log.info("No new messages for fact extraction (%s)", self.label(item))
        elif self._only is None and not is_enough(item.messages, self._now):
            self._seen.waiting += 1
            log.info("%d new messages wait for more (%s)", len(item.messages), self.label(item))
        else:
            return True
        return False

    # --- one stream ----------------------------------------------------------------------------------------------

    def key(self, item: News) -> str:
        """The stream."""
        key = self.label(item)
        return key if len(key) <= KEY_CHARS else hashlib.sha256(key.encode(errors="replace")).hexdigest()

    def label(self, item: News) -> str:
        """Bot and user."""
        return f"{item.bot}/{item.stream.user}"

    def input_hash(self, item: News) -> str:
        """Where the stream stands, what is new in it, and who reads: what was refused is tried again on other input."""
        parts = [item.progress.mark, *(message.mark for message in item.messages), *self._of(item).identity]
        return hashlib.sha256(repr(parts).encode(errors="replace")).hexdigest()

    def is_pending(self, item: News) -> bool:
        """Whether nobody else has read on meanwhile."""
        return marks.is_at(item.bot, item.stream.user, item.held)

    def plan(self, item: News) -> str:
        """Name the stream and how much is new."""
        return f"would extract facts from {len(item.messages)} new messages of {self.label(item)}"

    def worst_case_usd(self, item: News) -> Decimal:
        """What the first chunk may cost; the others ask for theirs."""
        return self._of(item).worst_case_usd(item.messages[:CHUNK_MESSAGES])

    def compute(self, item: News) -> Read:
        """Read chunk by chunk. The first failure ends it; what came before it is kept."""
        log.info("Extracting facts from %d new messages (%s)", len(item.messages), self.label(item))
        extractor, done = self._of(item), 0
        extractions: list[Extraction] = []
        for chunk in chunks(item.messages):
            try:
                extractions.append(extractor.extract(chunk))
            except (ItemError, OutOfMoney):
                if not extractions:
                    raise
                break
            done += len(chunk)
        return Read(done, tuple(extractions))

    def save(self, item: News, result: Read) -> Saved:
        """Store the facts, then the mark behind them: killed in between, messages are read once more, never missed."""
        done = item.messages[: result.done]
        following = item.messages[result.done] if result.done < len(item.messages) else item.following
        written = item.source.facts.add(
            bot=item.bot,
            user=item.stream.user,
            extractions=result.extractions,
            marked=safe_time(done, following),
            now=self._now,
        )
        for fact, why in written.refused.items():
            log.warning("%s: a fact could not be stored (%s): %s", self.label(item), fact, why)
        progress = advanced(item.progress, done)
        version = "" if following else item.stream.version
        marks.move(item.bot, item.stream.user, progress, stream_version=version, now=self._now)
        if following is not None:
            self.unfinished.setdefault(item.bot, set()).add(item.stream)
        counts = {"messages": len(done), "chunks": len(result.extractions), "facts": written.changed}
        return Saved(Outcome.SUCCESS, counts={**counts, "refused_facts": len(written.refused)})

    def _of(self, item: News) -> Extractor:
        return self._extractors[id(item.source)]
