"""What all stages over stories share: which stories, one by one and newest first, and their bodies."""

import hashlib
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from django.db.models import QuerySet

from ingestion.models import StoryRaw
from ntrl.bodies import BodyError, BodyUnavailable, get_body
from ntrl.rules.loader import RuleSet, load_rules
from ntrl.stages.errors import Quarantined, RetryLater
from ntrl.stages.paging import newest_first
from ntrl.stages.stage import Result, Stage


class StoryStage(Stage[StoryRaw, Result]):
    """A stage whose item is a story. Its rules are read once, when the stage is made.

    A subclass says which stories may be open (`open_stories`) and which of those are wanted (`is_wanted`).
    """

    # The rule sets that the results depend on.
    rule_sets: tuple[str, ...] = ()

    def __init__(self, *, story_ids: Sequence[UUID] = (), force: bool = False) -> None:
        self._story_ids = story_ids
        self.force = force
        self.rules: Mapping[str, RuleSet] = {name: load_rules(name) for name in self.rule_sets}
        self.rule_hashes = {name: rules.hash for name, rules in self.rules.items()}

    @abstractmethod
    def open_stories(self) -> QuerySet[StoryRaw]:
        """Select what the database can tell is not done; with `force`, what is done too."""

    @abstractmethod
    def is_wanted(self, story: StoryRaw) -> bool:
        """Tell an open story to be done from one that failed and whose input has not changed since."""

    def pending(self) -> Iterator[StoryRaw]:
        """Yield the wanted stories, newest first."""
        yield from filter(self._is_wanted, newest_first(self._chosen()))

    def is_pending(self, item: StoryRaw) -> bool:
        """Whether it is still wanted."""
        story = self._chosen().filter(id=item.id).first()
        return story is not None and self._is_wanted(story)

    def total(self) -> int:
        """How many stories may be open (failed ones with unchanged input among them)."""
        return self._chosen().count()

    def key(self, item: StoryRaw) -> str:
        """The story's id."""
        return str(item.id)

    def story_id(self, item: StoryRaw) -> UUID:
        """The story's id."""
        return item.id

    def hash_of(self, *parts: str) -> str:
        """Hash what a result depends on: `parts`, and the rules."""
        return hashlib.sha256("|".join([*parts, *self.rule_hashes.values()]).encode()).hexdigest()

    def body_of(self, story: StoryRaw) -> str:
        """Read the story's body; a missing or damaged one puts the story into quarantine, an unreachable one waits."""
        try:
            return get_body(story.raw_content_uri, story.raw_content_hash)
        except BodyUnavailable as problem:
            raise RetryLater("body_unavailable", str(problem)) from problem
        except BodyError as problem:
            raise Quarantined("body_unreadable", str(problem)) from problem

    def _chosen(self) -> QuerySet[StoryRaw]:
        stories = self.open_stories()
        return stories.filter(id__in=self._story_ids) if self._story_ids else stories

    def _is_wanted(self, story: StoryRaw) -> bool:
        return self.force or self.is_wanted(story)
