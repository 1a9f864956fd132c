"""The stage `classify`: file each story that has a body, by a language model or by keywords."""

import logging
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from classification.by_model import DESCRIPTION_MAX_CHARS, Article, ModelClassifier
from classification.filing import KEYWORD_MODEL, Filing, filed_by_keywords, filed_by_model
from classification.keywords import (
    BODY_PREFIX_CHARS,
    TITLE_MAX_CHARS,
    KeywordResult,
    classify,
    compile_gazetteer,
    compile_keywords,
)
from classification.mapping import feed_category
from classification.models import ClassificationStatus, Method, StoryClassification
from ingestion.models import StoryRaw
from ingestion.story_stage import StoryStage
from ntrl.llm.errors import ChainFailed, NoReply, NoUsableReply
from ntrl.stages.stage import Failure, Outcome, Saved

log = logging.getLogger(__name__)

NO_EVIDENCE = "no_evidence"
NO_KEYWORD = "no keyword of any domain stands in title or lead"
# What the log's lines on classification begin with, so that they are found together.
LOG_PREFIX = "[CLASSIFY]"
# What reading the body and the keywords may take beside the models.
SECONDS_BESIDE_MODELS = 30


class ClassifyStage(StoryStage[Filing | None]):
    """Files stories that have a body and no class yet, or that failed and whose title, body, rules or models changed.

    Args:
        story_ids: only these; all when empty.
        force: also stories that are filed.
        model: files them; without one, keywords do. When its whole chain fails, keywords do as well, marked as such.
    """

    name = "classify"
    deadline_seconds = 60
    rule_sets = ("keywords", "gazetteer")

    def __init__(
        self, *, story_ids: Sequence[UUID] = (), force: bool = False, model: ModelClassifier | None = None
    ) -> None:
        super().__init__(story_ids=story_ids, force=force)
        self._model = model
        # Of the stories that a dry run has planned so far; None when a price is not known.
        self.planned_usd: Decimal | None = Decimal(0)
        self._keywords = compile_keywords(self.rules["keywords"].entries)
        self._gazetteer = compile_gazetteer(self.rules["gazetteer"].entries)
        if model is not None:  # a chain may take as long as the settings say, and its late answer would be lost
            seconds = math.ceil(settings.LLM_DEADLINE_SECONDS) + SECONDS_BESIDE_MODELS
            self.deadline_seconds = seconds  # type: ignore[misc]

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
        """The title, the body, the rules, and who is asked in which words."""
        return self.hash_of(item.title_hash, item.raw_content_hash, *(self._model.identity if self._model else ()))

    def plan(self, item: StoryRaw) -> str:
        """Name the story that would be filed, and what that would cost."""
        line = f"would classify {item.id} ({item.original_title[:60]!r})"
        if self._model is None:
            return line
        estimate = self._model.estimated_usd(_chars(item))
        total = self.planned_usd
        self.planned_usd = None if estimate is None or total is None else total + estimate
        return f"{line} for {'an unknown price' if estimate is None else f'about {estimate:.6f} USD'}"

    def worst_case_usd(self, item: StoryRaw) -> Decimal:
        """What the first attempt may cost."""
        return Decimal(0) if self._model is None else self._model.worst_case_usd(_chars(item))

    def compute(self, item: StoryRaw) -> Filing | None:
        """Read the body, ask the models, or weigh its words; None when these say nothing and no model was asked."""
        body = self.body_of(item)[:BODY_PREFIX_CHARS]
        if self._model is None:
            found = self._by_keywords(item, body)
            return filed_by_keywords(found, method=Method.KEYWORD) if found else None
        article = Article(item.original_title, item.original_description, item.source.name, body)
        try:
            return filed_by_model(self._model.classify(article, item.id))
        except ChainFailed as failed:
            return self._fallen_back(item, body, failed)

    def _fallen_back(self, item: StoryRaw, body: str, failed: ChainFailed) -> Filing:
        """File by keywords after all. Where these say nothing, a model may still know, once it answers again.

        What a model has filed before, keywords do not replace: the failure is the claim's and the log's.
        """
        if is_filed_by_model(item):
            raise failed
        found = self._by_keywords(item, body)
        if found:
            return filed_by_keywords(found, method=Method.KEYWORD_FALLBACK, failures=failed.failures)
        words = (f"{NO_KEYWORD}, and models failed: {failed.detail}",)
        if isinstance(failed, NoReply):
            raise NoReply(NO_EVIDENCE, words, not_before=failed.not_before, was_tried=failed.was_tried) from failed
        raise NoUsableReply(NO_EVIDENCE, words) from failed

    def _by_keywords(self, item: StoryRaw, body: str) -> KeywordResult | None:
        return classify(
            item.original_title,
            body,
            source_country=item.source.home_country,
            keywords=self._keywords,
            gazetteer=self._gazetteer,
        )

    def save(self, item: StoryRaw, result: Filing | None) -> Saved:
        """Write the story's classification, unless an editor has locked it meanwhile."""
        if result is None:
            self._write_failure(item, failure_reason=NO_EVIDENCE)
            return Saved(Outcome.FAILED, NO_EVIDENCE, NO_KEYWORD)
        self._write(
            item,
            status=ClassificationStatus.CLASSIFIED,
            domain=result.domain,
            feed_category=feed_category(result.domain, result.geography),
            confidence=result.confidence,
            tags=result.tags,
            method=result.method,
            model=result.model[:64],
            prompt_version=result.prompt_version,
            rule_hashes={} if result.method == Method.LLM else self.rule_hashes,
        )
        _log_filing(result)
        return Saved(detail="; ".join(result.failures), counts={str(result.method): 1})

    def save_failure(self, item: StoryRaw, failure: Failure) -> Mapping[str, int]:
        """Say why the story is not filed; when to try again is the claim's to say."""
        self._write_failure(item, failure_reason=failure.reason[:80], input_hash="")
        return {"failed": 1}

    def start_line(self, total: int | None) -> str:
        """The specification's line; without a model it says so."""
        line = f"{LOG_PREFIX} Classifying {'' if total is None else f'{total} '}pending stories"
        return line if self._model else f"{line} by keywords, the embedded default: no provider of its chain is set up"

    def end_line(self, counts: Counter[str]) -> str:
        """The specification's line."""
        figures = {name: counts[name] for name in ("total", "success", "llm", "keyword_fallback")}
        figures["failed"] = counts["total"] - counts["success"]
        return f"{LOG_PREFIX} Complete: {', '.join(f'{name}={number}' for name, number in figures.items())}"

    def _write_failure(self, item: StoryRaw, **fields: object) -> None:
        """A failure never takes the place of a filing."""
        if not StoryClassification.objects.filter(story=item, status=ClassificationStatus.CLASSIFIED).exists():
            self._write(item, status=ClassificationStatus.FAILED, **fields)

    def _write(self, item: StoryRaw, **fields: object) -> None:
        blank = {"failure_reason": "", "domain": "", "feed_category": "", "confidence": 0.0, "tags": {}}
        values = {
            **blank,
            "method": Method.KEYWORD_FALLBACK if self._model else Method.KEYWORD,
            "model": KEYWORD_MODEL,
            "prompt_version": "",
            "body_version": item.body_version,
            "input_hash": self.input_hash(item),
            "rule_hashes": self.rule_hashes,
            "classified_at": timezone.now(),
            **fields,
        }
        updated = StoryClassification.objects.filter(story=item, is_locked=False).update(**values)
        if not updated:  # none yet; or an editor's, also one of this very moment, which stays
            StoryClassification.objects.get_or_create(story=item, defaults=values)


def is_filed_by_model(story: StoryRaw) -> bool:
    """Whether a model has filed the story before; of one that `pending` read, without a query."""
    filed: StoryClassification | None = getattr(story, "classification", None)
    return filed is not None and filed.method == Method.LLM and filed.status == ClassificationStatus.CLASSIFIED


def _chars(item: StoryRaw) -> int:
    """How many characters of a story are sent at most."""
    title = min(len(item.original_title), TITLE_MAX_CHARS)
    description = min(len(item.original_description), DESCRIPTION_MAX_CHARS)
    return title + description + len(item.source.name) + min(item.body_length, BODY_PREFIX_CHARS)


def _log_filing(filing: Filing) -> None:
    if filing.method == Method.LLM:
        log.info("%s Success: %s attempt %d, domain=%s", LOG_PREFIX, filing.provider, filing.attempt, filing.domain)
    elif filing.failures:
        words = "; ".join(filing.failures)
        log.info("%s Fallback: keyword, domain=%s, after %s", LOG_PREFIX, filing.domain, words)
