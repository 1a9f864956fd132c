"""Asking a long text many times whether it holds some words, at a cost that no reply can drive up."""

# So many different questions no honest text gives cause for. Each may cost a look through the whole text.
MAX_QUESTIONS = 1_000


class Haystack:
    """A text to look in. After `MAX_QUESTIONS` different questions its answer is always no.

    Every rule asks whether the body excuses what it found, so a no blames and never passes anything unread.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._answers: dict[tuple[str, bool], bool] = {}

    def __contains__(self, words: str) -> bool:
        return self._answer(words, is_whole=False)

    def holds(self, words: str) -> bool:
        """Tell whether `words` stand there as whole words, their first letter small or capital."""
        return self._answer(words, is_whole=True)

    def _answer(self, words: str, *, is_whole: bool) -> bool:
        answer = self._answers.get((words, is_whole))
        if answer is None and len(self._answers) < MAX_QUESTIONS:
            answer = _holds(self._text, words) if is_whole else words in self._text
            self._answers[words, is_whole] = answer
        return bool(answer)


def _holds(text: str, words: str) -> bool:
    forms = {words, words[:1].upper() + words[1:], words[:1].lower() + words[1:]}
    return any(_has_whole(text, form) for form in forms if form)


def _has_whole(text: str, words: str) -> bool:
    at = text.find(words)
    while at >= 0:
        end = at + len(words)
        if not text[at - 1 : at].isalnum() and not text[end : end + 1].isalnum():
            return True
        at = text.find(words, end)
    return False
