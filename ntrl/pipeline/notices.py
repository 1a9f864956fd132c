"""What a run says of its language models in plain words, before it begins."""

from collections.abc import Sequence

from django.conf import settings

from neutralization.by_model.calls import has_models
from ntrl.llm.checks import FOR_STORIES
from ntrl.llm.gateway import Gateway
from ntrl.llm.types import Operation


def without_models(gateway: Gateway) -> str:
    """Say what the run does without a model for want of a provider; "" when nothing is."""
    done = []
    if not gateway.chain(Operation.CLASSIFY):
        done.append("keywords classify")
    if not has_models(gateway):
        done.append("the lexicon neutralizes")
    if not gateway.chain(Operation.EXTRACT_NARRATIVE):
        done.append("rules read for narratives")
    if not done:
        return ""
    idle = [str(config.name) for config in settings.LLM_PROVIDERS.values() if config.is_set_up]
    but = f" ({', '.join(idle)} is, but is asked about narratives alone)" if idle else ""
    how = f"to use models, set {FOR_STORIES}, and try them with manage.py llm_doctor"
    return f"none is set up{but}, so {listed(done)}; {how}"


def listed(parts: Sequence[str]) -> str:
    """Join parts of a sentence: "a, b and c"."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
