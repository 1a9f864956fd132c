"""What all stages over stories share: which stories, one by one and newest first, and their bodies."""

import hashlib
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

import ntrl
from ingestion.models import StoryRaw
from ntrl.bodies import BodyError, BodyUnavailable, get_body
from ntrl.rules.loader import RuleSet, load_rules
from ntrl.stages import claims
from ntrl.stages.errors import Quarantined, RetryLater
from ntrl.stages.paging import newest_first
from ntrl.stages.stage import Result, Stage

# Up to here the stories to be done are counted before a run, for its progress; it takes a moment.
MAX_STORIES_COUNTED = 1000


class StoryStage(Stage[StoryRaw, Result]):
    """A stage whose item is a story. Its rules are read once, when the stage is made.

    A subclass says which stories may be open (`open_stories`) and which of those have new input (`has_new_input`).
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
    def has_new_input(self, story: StoryRaw) -> bool:
        """Tell an open story to be done from one that failed and whose input has not changed since."""

    def pending(self) -> Iterator[StoryRaw]:
        """Yield the open stories, newest first."""
        yield from newest_first(self._chosen())

    def is_wanted(self, item: StoryRaw) -> bool:
        """Whether it has new input, or everything is to be done again."""
        return self.force or self.has_new_input(item)

    def is_pending(self, item: StoryRaw) -> bool:
        """Whether it is still wanted."""
        story = self._chosen().filter(id=item.id).first()
        return story is not None and self.is_wanted(story)

    def total(self) -> int | None:
        """How many stories this run could take, unless it would have to look at many to know."""
        if self._chosen()[: MAX_STORIES_COUNTED + 1].count() > MAX_STORIES_COUNTED:
            return None
        wanted = {self.key(story): self.input_hash(story) for story in self.pending() if self.is_wanted(story)}
        refused = claims.refused_keys(
            self.name, wanted, now=timezone.now(), code_version=ntrl.__version__, force=self.force
        )
        return len(wanted) - len(refused)

    def key(self, item: StoryRaw) -> str:
        """The story's id."""
        return str(item.id)

    def label(self, item: StoryRaw) -> str:
        """The publisher's title, and the id to ask for it by."""
        return f"{item.original_title} ({item.id})" if item.original_title else str(item.id)

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
