"""Tell whether a phrase is itself what its sentence says, so that another word would say nothing, or lie."""

from collections.abc import Set

from neutralization.grammar import INTENSIFIERS, is_function_word, is_plural
from neutralization.lexicon import Form
from neutralization.matching import Match, Token
from neutralization.taxonomy import Action

# Whoever is called one of these is called nothing: "he is a person".
_BARE_NOUNS = frozenset({"person", "people", "man", "men", "woman", "women"})
_BE = frozenset(
    {"am", "are", "be", "became", "become", "becomes", "been", "being", "is", "remain", "remains", "was", "were"}
)
# What is left of "it's", "I'm" and "we're" after the apostrophe.
_CONTRACTED_BE = frozenset({"m", "re", "s"})
_LIKENING = frozenset({"as", "like", "than"})
_ARTICLES = frozenset({"a", "an", "some", "any", "another"})
_DETERMINERS = _ARTICLES | frozenset(
    {"the", "this", "that", "these", "those", "such", "my", "your", "his", "her", "its", "our", "their"}
)
_BEFORE_ARTICLE = frozenset({"also", "but", "just", "merely", "no", "not", "only", "quite", "simply", "such"})
_JOINS = frozenset({"and", "but", "or", "yet"})
# What stands beside one thing, never beside several.
_ONE = frozenset({"a", "an", "another", "each", "every", "this", "that"})
_ONE_VERBS = frozenset({"does", "has", "is", "isn", "seems", "was", "wasn"})
_PLURALS = frozenset({"people", "men", "women", "children", "brass", "trash"})
_NO_PLURALS = ("ous", "us", "politics", "news", "series", "crisis", "yes", "always")
# Whoever wants a thing wants it for its adjective: "people who want an eye-catching mouse".
_WANTING = frozenset(
    {"capable", "deserve", "deserves", "expect", "expects", "need", "needs", "prefer", "prefers", "seek", "seeking"}
    | {"seeks", "want", "wanted", "wants"}
)
# Verbs that give a thing a name, and those that do so with "as".
_NAMING = frozenset(
    {"branded", "branding", "call", "called", "calling", "calls", "deem", "deemed", "deems", "dub"}
    | {
        "dubbed",
        "dubbing",
        "labeled",
        "labelled",
        "labeling",
        "labelling",
        "termed",
        "nicknamed",
        "consider",
        "considered",
        "considers",
    }
)
_NAMING_WITH_AS = frozenset(
    {
        "attacked",
        "attacking",
        "blasted",
        "criticised",
        "criticized",
        "derided",
        "hailed",
        "mocked",
        "reject",
        "rejected",
        "rejecting",
        "ridiculed",
        "slammed",
        "touted",
        "cast",
        "characterised",
        "characterized",
        "condemn",
        "condemned",
        "condemning",
        "condemns",
        "decried",
        "denounced",
        "denouncing",
        "described",
    }
    | {"describes", "describing", "dismissed", "dismisses", "dismissing", "portrayed", "portraying", "regard"}
    | {"regarded", "regards", "see", "sees", "saw", "seen", "viewed", "views"}
)
# "Called for", "called on" and "called off" name nothing.
_PARTICLES = frozenset({"back", "for", "in", "into", "off", "on", "out", "to", "up", "upon"})
# Words that say that the next one is meant as a word: "the term fake news".
_WORDS_FOR_WORDS = frozenset(
    {"expression", "hashtag", "headline", "nickname", "phrase", "phrases", "slogan", "term", "terms", "titled"}
    | {"word", "words"}
)
_NEW_CLAUSE = frozenset(
    {"after", "and", "because", "before", "but", "if", "that", "when", "where", "which", "while", "who", "whose"}
)
# How far a name stands from the verb that gives it: "called the bill, which the Senate passed, draconian" is rare.
_NAMING_WORDS = 12
_ADJECTIVES = 5


def own_statement(tokens: list[Token], match: Match[Form], taken_out: Set[int]) -> str:
    """Say why a phrase is what its sentence says; empty when it isn't.

    Args:
        tokens: The text's tokens.
        match: The phrase.
        taken_out: Places among the tokens of words that forms of removing entries hold.
    """
    entry = match.value.entry
    if _is_named(tokens, match.first):
        return "somebody's own word for it"
    if entry.action is not Action.REMOVED:
        if _misfits(tokens, match):
            return "in a number that its replacement has not"
        is_bare = match.value.replacement in _BARE_NOUNS
        return "what its sentence says of somebody" if is_bare and _is_predicate(tokens, match.first) else ""
    if tokens[match.last].text.endswith("ly"):
        return "joined with another adverb" if _is_joined(tokens, match, taken_out) else ""
    carries = entry.attributive_only and _carries_statement(tokens, match)
    return "what its sentence says" if carries else ""


def _misfits(tokens: list[Token], match: Match[Form]) -> bool:
    """Tell whether a singular article or verb beside the phrase can't go with its replacement ("dark money is")."""
    last = tokens[match.last].text
    entry = match.value.entry
    if (
        entry.verb_only
        or entry.attributive_only
        or last.endswith("s")
        or last in _PLURALS
        or not _has_plural_head(match)
    ):
        return False
    before, after = _word_at(tokens, match.first - 1), _word_at(tokens, match.last + 1)
    return before in _ONE or after in _ONE_VERBS


def _has_plural_head(match: Match[Form]) -> bool:
    words = match.value.replacement.split()
    end = next((at for at, word in enumerate(words) if at and is_function_word(word)), len(words))
    return is_plural(words[end - 1]) and not words[end - 1].endswith(_NO_PLURALS)


def _word_at(tokens: list[Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""


def _is_named(tokens: list[Token], first: int) -> bool:
    near = first - 1
    while _word_at(tokens, near) in _ARTICLES or _word_at(tokens, near) == "the":
        near -= 1
    if _word_at(tokens, near) in _WORDS_FOR_WORDS:
        return True
    has_as = False
    for at in range(first - 1, max(-1, first - 1 - _NAMING_WORDS), -1):
        word = tokens[at].text
        if not (tokens[at].is_word or word in "-'") or tokens[at + 1].gap == "\n\n" or word in _NEW_CLAUSE:
            return False
        has_as = has_as or word == "as"
        if (has_as and word in _NAMING_WITH_AS) or (word in _NAMING and _is_naming_verb(tokens, at)):
            return True
    return False


def _is_naming_verb(tokens: list[Token], at: int) -> bool:
    """Tell "called the bill" from "called for" and from "their calls"."""
    return _word_at(tokens, at + 1) not in _PARTICLES and _word_at(tokens, at - 1) not in _DETERMINERS


def _is_predicate(tokens: list[Token], first: int) -> bool:
    """Tell whether a noun is said of somebody ("is a total buffoon", "like an idiot")."""
    at = _skip_adjectives(tokens, first - 1)
    if _word_at(tokens, at) not in _DETERMINERS:
        return _word_at(tokens, at) in _BE | _LIKENING
    at -= 2 if _word_at(tokens, at - 1) in _BEFORE_ARTICLE else 1
    return _word_at(tokens, at) in _BE | _LIKENING | _CONTRACTED_BE


def _skip_adjectives(tokens: list[Token], at: int) -> int:
    for _ in range(_ADJECTIVES):
        word = _word_at(tokens, at)
        if (
            not (word.isalpha() or word == "-")
            or is_function_word(word)
            or word in _DETERMINERS
            or word in _BE
            or word in _LIKENING
        ):
            break
        at -= 1
    return at


def _is_joined(tokens: list[Token], match: Match[Form], taken_out: Set[int]) -> bool:
    """Tell whether "and" joins an adverb with one that stays ("calmly and beautifully")."""
    before, after = _word_at(tokens, match.first - 1), _word_at(tokens, match.last + 1)
    if after in _JOINS:
        return match.last + 2 not in taken_out
    return before in _JOINS and _word_at(tokens, match.first - 2).endswith("ly") and match.first - 2 not in taken_out


def _carries_statement(tokens: list[Token], match: Match[Form]) -> bool:
    noun = match.last + 1
    if is_function_word(tokens[match.last].text):
        return False
    if noun >= len(tokens) or not tokens[noun].is_word or is_function_word(tokens[noun].text):
        return False
    at = _skip_intensifier(tokens, match.first - 1)
    before = _word_at(tokens, at)
    if _word_at(tokens, at - 1) == "of" and (_word_at(tokens, at - 2) in {"one", "some"}):
        return True
    if before in _ARTICLES:
        if _word_at(tokens, at - 1) == "such" or tokens[noun].text in _BARE_NOUNS:
            return True
        return _wants(tokens, at - 1) or (_is_be(tokens, at - 1) and _ends_clause(tokens, noun + 1))
    return (before in _BE and _word_at(tokens, at - 1) != "there") or _wants(tokens, at)


def _skip_intensifier(tokens: list[Token], at: int) -> int:
    return at - 1 if _word_at(tokens, at) in INTENSIFIERS else at


def _is_be(tokens: list[Token], at: int) -> bool:
    return _word_at(tokens, at) in _BE or (_word_at(tokens, at) in _CONTRACTED_BE and _word_at(tokens, at - 1) == "'")


def _wants(tokens: list[Token], at: int) -> bool:
    words = {_word_at(tokens, at), _word_at(tokens, at - 1)}
    if _word_at(tokens, at) == "of":
        return "capable" in words
    return _word_at(tokens, at) in _WANTING or (_word_at(tokens, at) == "for" and "looking" in words)


def _ends_clause(tokens: list[Token], at: int) -> bool:
    return at >= len(tokens) or not tokens[at].is_word or tokens[at].gap == "\n\n" or tokens[at].text in _JOINS
