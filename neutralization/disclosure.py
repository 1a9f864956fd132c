"""The one sentence that says what was changed and by which method; empty when nothing was."""

from collections import Counter
from collections.abc import Iterable

from neutralization.taxonomy import Action
from neutralization.types import Mode, Span

_METHODS = {
    "lexicon": " by rules, without a language model",
    "llm": " by a language model",
    "editor": ", checked by an editor",
}


# An editorial may have no phrase to name, and is another text all the same.
_ANEW = "NTRL had this article written anew as a whole by a language model."


def disclose(spans: Iterable[Span], *, method: str, mode: str = Mode.SPAN_GUIDED) -> str:
    """Write the disclosure: "NTRL removed 2 phrases and replaced 1 phrase of this article by rules, …"."""
    if mode == Mode.SYNTHESIS:
        return _ANEW
    counts = Counter(span.action for span in spans)
    parts = [
        f"{action.value} {counts[action]} {'phrase' if counts[action] == 1 else 'phrases'}"
        for action in Action
        if counts[action]
    ]
    if not parts:
        return ""
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"NTRL {listed} of this article{_METHODS[method]}."
