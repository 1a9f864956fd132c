"""The stage `classify`: file each story that has a body under a domain and a feed category, by keywords."""

from collections import Counter
from collections.abc import Mapping, Sequence
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
from ingestion.story_stage import StoryStage
from ntrl.stages.stage import Failure, Outcome, Saved

NO_EVIDENCE = "no_evidence"
# What the log's lines on classification begin with, so that they are found together.
LOG_PREFIX = "[CLASSIFY]"


class ClassifyStage(StoryStage[KeywordResult | None]):
    """Files stories that have a body and no class yet, or that failed and whose title, body or rules have changed."""

    name = "classify"
    deadline_seconds = 60
    rule_sets = ("keywords", "gazetteer")

    def __init__(self, *, story_ids: Sequence[UUID] = (), force: bool = False) -> None:
        super().__init__(story_ids=story_ids, force=force)
        self._keywords = compile_keywords(self.rules["keywords"].entries)
        self._gazetteer = compile_gazetteer(self.rules["gazetteer"].entries)

    def open_stories(self) -> QuerySet[StoryRaw]:
        """Stories with a body that are not filed, or not yet with success; never those an editor has locked."""
        stories = StoryRaw.objects.filter(is_duplicate=False, raw_content_available=True)
        stories = stories.exclude(classification__is_locked=True).select_related("source", "classification")
        failed = Q(classification__status=ClassificationStatus.FAILED)
        return stories if self.force else stories.filter(Q(classification=None) | failed)

    def has_new_input(self, story: StoryRaw) -> bool:
        """One not filed yet, or one that failed on other input."""
        filed: StoryClassification | None = getattr(story, "classification", None)
        return filed is None or filed.input_hash != self.input_hash(story)

    def input_hash(self, item: StoryRaw) -> str:
        """The title, the body and the rules."""
        return self.hash_of(item.title_hash, item.raw_content_hash)

    def plan(self, item: StoryRaw) -> str:
        """Name the story that would be filed."""
        return f"would classify {item.id} ({item.original_title[:60]!r})"

    def compute(self, item: StoryRaw) -> KeywordResult | None:
        """Read the body and weigh its words; None when there is no evidence at all."""
        return classify(
            item.original_title,
            self.body_of(item)[:BODY_PREFIX_CHARS],
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

    def start_line(self, total: int | None) -> str:
        """The specification's line."""
        return f"{LOG_PREFIX} Classifying {'' if total is None else f'{total} '}pending stories"

    def end_line(self, counts: Counter[str]) -> str:
        """The specification's line."""
        figures = {name: counts[name] for name in ("total", "success", "llm", "keyword_fallback")}
        figures["failed"] = counts["total"] - counts["success"]
        return f"{LOG_PREFIX} Complete: {', '.join(f'{name}={number}' for name, number in figures.items())}"

    def _write(self, item: StoryRaw, **fields: object) -> None:
        blank = {"failure_reason": "", "domain": "", "feed_category": "", "confidence": 0.0, "tags": {}}
        values = {
            **blank,
            "method": Method.KEYWORD,
            "model": "keyword",
            "body_version": item.body_version,
            "input_hash": self.input_hash(item),
            "rule_hashes": self.rule_hashes,
            "classified_at": timezone.now(),
            **fields,
        }
        updated = StoryClassification.objects.filter(story=item, is_locked=False).update(**values)
        if not updated:  # none yet; or an editor's, also one of this very moment, which stays
            StoryClassification.objects.get_or_create(story=item, defaults=values)


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
