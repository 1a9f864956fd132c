"""The stage `classify`: file each story that has a body under a domain and a feed category, by keywords."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from classification.keywords import (
    BODY_PREFIX_CHARS,
    KeywordResult,
    classify,
    compile_gazetteer,
    compile_keywords,
)
from classification.mapping import feed_category
from classification.models import ClassificationStatus, Method, StoryClassification
from ingestion.models import StoryRaw
from ntrl.bodies import BodyError, get_body
from ntrl.rules.loader import load_rules
from ntrl.stages.errors import Quarantined
from ntrl.stages.paging import newest_first
from ntrl.stages.stage import Failure, Outcome, Saved, Stage

NO_EVIDENCE = "no_evidence"


class ClassifyStage(Stage[StoryRaw, KeywordResult | None]):
    """One item is a story. The rules are read once, when the stage is made."""

    name = "classify"
    deadline_seconds = 60

    def __init__(self, *, story_ids: Sequence[UUID] = (), force: bool = False) -> None:
        self._story_ids = story_ids
        self._force = force
        keywords, gazetteer = load_rules("keywords"), load_rules("gazetteer")
        self._keywords = compile_keywords(keywords.entries)
        self._gazetteer = compile_gazetteer(gazetteer.entries)
        self._rule_hashes = {"keywords": keywords.hash, "gazetteer": gazetteer.hash}

    def pending(self) -> Iterator[StoryRaw]:
        """Yield stories not filed yet, and those that failed and whose body or rules have changed; newest first."""
        for story in newest_first(self._open().select_related("source", "classification")):
            if self._is_wanted(story):
                yield story

    def is_pending(self, item: StoryRaw) -> bool:
        """Whether it is still to be filed."""
        story = self._open().select_related("classification").filter(id=item.id).first()
        return story is not None and self._is_wanted(story)

    def total(self) -> int:
        """How many stories may be open (failed ones with unchanged input among them)."""
        return self._open().count()

    def key(self, item: StoryRaw) -> str:
        """The story's id."""
        return str(item.id)

    def story_id(self, item: StoryRaw) -> UUID:
        """The story's id."""
        return item.id

    def input_hash(self, item: StoryRaw) -> str:
        """The title, the body and the rules."""
        parts = [item.title_hash, item.raw_content_hash, *self._rule_hashes.values()]
        return hashlib.sha256("|".join(parts).encode()).hexdigest()

    def plan(self, item: StoryRaw) -> str:
        """Name the story that would be filed."""
        return f"would classify {item.id} ({item.original_title[:60]!r})"

    def compute(self, item: StoryRaw) -> KeywordResult | None:
        """Read the body and weigh its words; None when there is no evidence at all."""
        try:
            body = get_body(item.raw_content_uri, item.raw_content_hash)
        except BodyError as problem:
            raise Quarantined("body_unreadable", str(problem)) from problem
        return classify(
            item.original_title,
            body[:BODY_PREFIX_CHARS],
            source_country=item.source.home_country,
            keywords=self._keywords,
            gazetteer=self._gazetteer,
        )

    def save(self, item: StoryRaw, result: KeywordResult | None) -> Saved:
        """Write the story's classification, unless an editor has locked it meanwhile."""
        if result is None:
            self._write(item, status=ClassificationStatus.FAILED, failure_reason=NO_EVIDENCE)
            return Saved(Outcome.FAILED, NO_EVIDENCE, "no keyword of any domain stands in title or lead")
        self._write(
            item,
            status=ClassificationStatus.CLASSIFIED,
            domain=result.domain,
            feed_category=feed_category(result.domain, result.geography),
            confidence=result.confidence,
            tags=_tags(result),
        )
        return Saved(counts={"keyword": 1})

    def save_failure(self, item: StoryRaw, failure: Failure) -> Mapping[str, int]:
        """Say why the story is not filed; when to try again is the claim's to say."""
        self._write(item, status=ClassificationStatus.FAILED, failure_reason=failure.reason[:80], input_hash="")
        return {"failed": 1}

    def _is_wanted(self, story: StoryRaw) -> bool:
        filed = _classification_of(story)
        return filed is None or self._force or filed.input_hash != self.input_hash(story)

    def _open(self) -> QuerySet[StoryRaw]:
        stories = StoryRaw.objects.filter(is_duplicate=False, raw_content_available=True)
        stories = stories.exclude(classification__is_locked=True)
        if self._story_ids:
            stories = stories.filter(id__in=self._story_ids)
        if self._force:
            return stories
        return stories.filter(
            Q(classification=None) | Q(classification__status=ClassificationStatus.FAILED),
        )

    def _write(self, item: StoryRaw, **fields: object) -> None:
        blank = {"failure_reason": "", "domain": "", "feed_category": "", "confidence": 0.0, "tags": {}}
        values = {
            **blank,
            "method": Method.KEYWORD,
            "model": "keyword",
            "body_version": item.body_version,
            "input_hash": self.input_hash(item),
            "rule_hashes": self._rule_hashes,
            "classified_at": timezone.now(),
            **fields,
        }
        updated = StoryClassification.objects.filter(story=item, is_locked=False).update(**values)
        if not updated and not StoryClassification.objects.filter(story=item).exists():
            StoryClassification.objects.create(story=item, **values)


def _classification_of(story: StoryRaw) -> StoryClassification | None:
    return getattr(story, "classification", None)


def _tags(result: KeywordResult) -> dict[str, object]:
    """The specification's tags; `scores` says to editors why this domain won."""
    return {
        "geography": result.geography,
        "geography_detail": result.geography_detail,
        "actors": list(result.actors),
        "action_type": "",
        "topic_keywords": list(result.topic_keywords),
        "scores": {domain: round(score, 3) for domain, score in result.scores.items()},
    }
