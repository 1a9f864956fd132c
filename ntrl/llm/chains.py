"""Which model is asked first, and which one when that fails: one table for all operations. Pure."""

from collections.abc import Mapping

from ntrl.llm.types import Attempt, Chain, Operation, ProviderConfig, ProviderName, ResponseFormat

_SCHEMA, _OBJECT, _TEXT = ResponseFormat.JSON_SCHEMA, ResponseFormat.JSON_OBJECT, ResponseFormat.TEXT
_OPENAI, _GEMINI, _ANTHROPIC, _LOCAL = (
    ProviderName.OPENAI,
    ProviderName.GEMINI,
    ProviderName.ANTHROPIC,
    ProviderName.LOCAL,
)
_STORIES = (_OPENAI, _GEMINI, _LOCAL)
_NARRATIVES = (_ANTHROPIC, _OPENAI, _GEMINI, _LOCAL)


def default_chains(providers: Mapping[ProviderName, ProviderConfig]) -> dict[Operation, Chain]:
    """Build the table of chains over the providers' models; entries of providers that are not set up are in it."""

    def chain(operation: Operation, names: tuple[ProviderName, ...], form: ResponseFormat) -> Chain:
        return tuple(Attempt(name, providers[name].model, operation, form) for name in names)

    first, *others = chain(Operation.CLASSIFY, _STORIES, _SCHEMA)
    # The same model again, with less to get wrong.
    simplified = Attempt(_OPENAI, first.model, Operation.CLASSIFY_SIMPLE, _OBJECT)
    return {
        Operation.CLASSIFY: (first, simplified, *others),
        Operation.DETECT_SPANS: chain(Operation.DETECT_SPANS, _STORIES, _SCHEMA),
        Operation.NEUTRALIZE_FULL: chain(Operation.NEUTRALIZE_FULL, _STORIES, _TEXT),
        Operation.SYNTHESIZE_BRIEF: chain(Operation.SYNTHESIZE_BRIEF, _STORIES, _TEXT),
        Operation.COMPRESS_FEED: chain(Operation.COMPRESS_FEED, _STORIES, _SCHEMA),
        Operation.EXTRACT_NARRATIVE: chain(Operation.EXTRACT_NARRATIVE, _NARRATIVES, _SCHEMA),
        Operation.NARRATIVE_FOCUS_BACKFILL: chain(Operation.NARRATIVE_FOCUS_BACKFILL, _NARRATIVES, _TEXT),
        Operation.EXTRACT_FACTS: chain(Operation.EXTRACT_FACTS, _NARRATIVES, _SCHEMA),
    }


def usable(chain: Chain, providers: Mapping[ProviderName, ProviderConfig]) -> Chain:
    """Return the entries of a chain whose providers are set up."""
    return tuple(attempt for attempt in chain if providers[attempt.provider].is_set_up)
