"""Tell from a phrase's neighbours what part of speech it is: adjective, noun or verb. No parser, word lists only."""

from neutralization.lexicon import Form
from neutralization.matching import Match, Token

# What can't follow an adjective that stands before its noun.
_NO_NOUN_FORMS = """
    a about above across added after again against ago all along also although am amid an and any anyway are around as
    asked at away back be because been before being behind below between beyond both but by can could did do does down
    during each either else enough even ever every everyone everything for from had has have he her here him his how
    however i if in inside instead into is it its itself just later me might mine must my near nobody none nor not
    nothing now of off on once only onto or our out outside over own past per quite rather said says she should since
    so still than that the their them then there these they this those though through throughout to today together
    told tomorrow tonight too toward towards under unless until up upon us versus very via was we were what whatever
    when where whether which while who whom whose why will with within without would wrote yesterday yet you your
"""
_NO_NOUN = frozenset(_NO_NOUN_FORMS.split())
# What can't stand before an adjective that is taken out: it would be left without the word it belongs to.
_HOLDS_ADJECTIVE_FORMS = """
    and as appear appeared appears be been being become becomes became but equally even feel feels felt how however
    less look looked looks more most nor not or proved proves remain remained remains seem seemed seems smell
    smells so sound sounded sounds stay stayed stays taste tasted tastes than too turned
"""
_HOLDS_ADJECTIVE = frozenset(_HOLDS_ADJECTIVE_FORMS.split())
# An adjective of degree before one of these is the whole statement: "grew to numbers" says nothing.
_MEASURE_FORMS = """
    amount amounts degree degrees extent height heights length lengths level levels number numbers pace percentage
    percentages proportion proportions quantities quantity rate rates scale share size speed speeds sum sums
"""
_MEASURES = frozenset(_MEASURE_FORMS.split())
# After these, and adverbs between, a past form is a participle.
_AUXILIARIES = frozenset(
    {"have", "has", "had", "having", "ve", "is", "are", "was", "were", "be", "been", "being", "gets", "got", "getting"}
)
_BETWEEN_ADVERBS = frozenset({"also", "already", "always", "ever", "just", "never", "not", "often", "once", "since"})
# Past forms of our replacements whose participle is another word.
_PARTICIPLES = {
    "became": "become",
    "beat": "beaten",
    "began": "begun",
    "broke": "broken",
    "came": "come",
    "chose": "chosen",
    "drew": "drawn",
    "fell": "fallen",
    "gave": "given",
    "grew": "grown",
    "hid": "hidden",
    "rose": "risen",
    "saw": "seen",
    "spoke": "spoken",
    "took": "taken",
    "went": "gone",
    "wore": "worn",
}
# These make a doubt of the adjective after them, and say nothing good before another one.
_HEDGES = frozenset(
    {"allegedly", "apparently", "ostensibly", "potentially", "purportedly", "reportedly", "seemingly", "supposedly"}
)
_COMPARING = frozenset({"as", "how", "less", "more", "most", "so", "too"})
# After these a word in -ing is a verb ("without alarming residents").
_BEFORE_PARTICIPLE = frozenset({"while", "when", "without"})
_DETERMINERS = frozenset(
    {"a", "an", "the", "my", "your", "his", "her", "its", "our", "their", "these", "those", "some", "any", "every"}
    | {"each", "no", "many", "several", "few", "such", "more", "most", "own"}
)
# Verbs that follow a noun, and that no ending shows to be verbs.
_VERB_FORMS = """
    based became began brought came directed featuring fell gave gets goes got happened happens held kept knew
    lost made met paid ran rose sat saw says sent spoke starring stood thought took wants went won
"""
_VERBS = frozenset(_VERB_FORMS.split())
_NOT_NOMINAL = _NO_NOUN | _VERBS
# Between these and a word that isn't in -ing there is a noun.
_BEFORE_NOUN = _DETERMINERS | frozenset(
    {"of", "with", "for", "from", "in", "into", "at", "by", "between", "two", "three", "four", "five", "six"}
    | {"seven", "eight", "nine", "ten", "dozen", "dozens", "hundreds", "multiple"}
)
# Adverbs of degree go together with their adjective. Other words in -ly may be anything.
INTENSIFIERS = frozenset(
    {"absolutely", "completely", "deeply", "extremely", "incredibly", "particularly", "really", "truly"}
    | {"highly", "quite", "totally", "utterly", "very"}
)


def is_attributive(text: str, tokens: list[Token], match: Match[Form], taken_out: bool) -> bool:
    """Tell whether the phrase is an adjective before its noun.

    Args:
        text: The text searched.
        tokens: Its tokens.
        match: The phrase.
        taken_out: Whether nothing will stand in its place, so that no word may depend on it.
    """
    following = _next_word(tokens, match)
    if following is None or following.text in _NOT_NOMINAL or (taken_out and following.text in _MEASURES):
        return False
    before = tokens[match.first - 1] if match.first else None
    if before is None:
        return True
    if not before.is_word:
        return before.text != "," or not taken_out
    if _is_participle(text, tokens, match, before, following):
        return False
    if not taken_out:
        return before.text not in _COMPARING and before.text not in _HEDGES
    is_adverb = before.text.endswith("ly") and before.text not in INTENSIFIERS
    return before.text not in _HOLDS_ADJECTIVE and not is_adverb


def is_standalone(tokens: list[Token], match: Match[Form]) -> bool:
    """Tell whether no noun follows that the phrase would describe ("an illegal alien Pablo", "alarmist claims")."""
    following = _next_word(tokens, match)
    if following is None or following.text in _NOT_NOMINAL or following.text.endswith(("ed", "ly")):
        return True
    return is_plural(tokens[match.last].text)


def is_verb(tokens: list[Token], match: Match[Form]) -> bool:
    """Tell whether nothing before the phrase makes a noun or adjective of it ("a mocking tone", "two slams")."""
    before = tokens[match.first - 1] if match.first else None
    if before is None or not before.is_word:
        return True
    return before.text not in (_DETERMINERS if tokens[match.first].text.endswith("ing") else _BEFORE_NOUN)


def agreeing_replacement(tokens: list[Token], match: Match[Form]) -> str:
    """Return the phrase's replacement, a past form as the participle where it stands for one.

    "Has soared", "a vote hijacked by aides".
    """
    first, space, rest = match.value.replacement.partition(" ")
    participle = _PARTICIPLES.get(first)
    at = match.first - 1
    while participle and at >= 0 and (tokens[at].text.endswith("ly") or tokens[at].text in _BETWEEN_ADVERBS):
        at -= 1
    is_passive = match.last + 1 < len(tokens) and tokens[match.last + 1].text == "by"
    if participle is None or not (is_passive or (at >= 0 and tokens[at].text in _AUXILIARIES)):
        return match.value.replacement
    return participle + space + rest


def is_function_word(word: str) -> bool:
    """Tell whether a folded word is no noun, and nothing that describes one."""
    return word in _NO_NOUN


def is_plural(word: str) -> bool:
    """Tell whether a folded noun is plural, as far as its ending tells."""
    return word in {"people", "men", "women", "children"} or (word.endswith("s") and not word.endswith("ss"))


def _next_word(tokens: list[Token], match: Match[Form]) -> Token | None:
    """Return the word directly after the phrase; None when a mark or a paragraph's end stands between."""
    following = tokens[match.last + 1] if match.last + 1 < len(tokens) else None
    return following if following is not None and following.gap == " " and following.is_word else None


def _is_participle(text: str, tokens: list[Token], match: Match[Form], before: Token, following: Token) -> bool:
    if not tokens[match.last].text.endswith("ing"):
        return False
    if before.text in _BEFORE_PARTICIPLE:
        return True
    is_name = text[following.start].isupper() and not text[match.start].isupper()
    return is_name and before.text not in _DETERMINERS
