"""Whether a fingerprint may stand: the checks of an extraction against the article's body. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from narratives.entities import Aliases, fold_name, fold_text, has_words
from narratives.focus import fold_words
from narratives.identity import Fingerprint
from ntrl.text import common_words

FOCUS_MIN_WORDS, FOCUS_MAX_WORDS = 2, 5
# "u.s.-china trade talks resume again" has seven, taken apart; an index of more would grow without end.
MOST_FOLDED_WORDS = 8
# Names and phrases of people; what is longer is damage.
MAX_CHARS = 100
MAX_ACTORS = 5
MAX_ACTIONS = 3
UNKNOWN = "unknown"
# Words of a reply that speaks to whoever asked, and the ways in which one begins: they are of no event.
_OF_A_REPLY = frozenset({"focus", "sorry", "cannot", "you", "your", "my"})
_BEGIN_A_REPLY = frozenset({"i", "we"})
# What a phrase is written with: letters, digits, and the marks of "u.s.-china", "q&a", "$100k", "5%", "king's".
_PHRASE = re.compile(r"[\w .,'’&%$€£/+-]*")
_CAPITALS = re.compile(r"(?<!\w)(?:[A-Z]\.?){2,}(?!\w)")


class BadFingerprint(Exception):
    """A fingerprint that can't stand; `reason` is a short code that can be counted."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody in a story, with a salience from 1 to 5."""

    name: str
    salience: int


def clean_focus(reply: str) -> str:
    """A focus in its one form: small letters, no quotation marks or full stop around it, single spaces."""
    return " ".join(reply.split()).strip(" \"'“”‘’«».,;:!?*_`").lower()


def check_focus(focus: str, nucleus: str, aliases: Aliases) -> None:
    """Refuse a focus that says nothing.

    Raises:
        BadFingerprint: `focus_length`, `focus_unknown`, `focus_not_a_phrase` or `focus_is_nucleus`.
    """
    words = fold_words(focus)
    if UNKNOWN in words:
        raise BadFingerprint("focus_unknown", f"{focus!r} says that it is not known")
    is_long = len(focus.split()) > FOCUS_MAX_WORDS or len(words) > MOST_FOLDED_WORDS or len(focus) > MAX_CHARS
    if is_long or len(focus.split()) < FOCUS_MIN_WORDS:
        raise BadFingerprint("focus_length", f"{focus[:80]!r} is not of {FOCUS_MIN_WORDS} to {FOCUS_MAX_WORDS} words")
    if not words or aliases.key(focus) == aliases.key(nucleus):
        raise BadFingerprint("focus_is_nucleus", f"{focus!r} names who, not what is happening")
    if not _PHRASE.fullmatch(focus) or _OF_A_REPLY & set(words) or _BEGIN_A_REPLY & set(words[:1]):
        raise BadFingerprint("focus_not_a_phrase", f"{focus!r} is no plain phrase for an event")


def check_nucleus(nucleus: str, body: str, aliases: Aliases) -> None:
    """Refuse a nucleus that the body does not hold on whole words, itself or by an alias.

    Raises:
        BadFingerprint: `nucleus_missing` or `nucleus_not_in_body`.
    """
    key = aliases.key(nucleus)
    if not key or len(nucleus) > MAX_CHARS:
        raise BadFingerprint("nucleus_missing", "no entity is named")
    if not Named(body).holds(nucleus, aliases):
        raise BadFingerprint("nucleus_not_in_body", f"{nucleus[:80]!r} does not stand in the article")


class Named:
    """Who is named in a text, which is folded once."""

    def __init__(self, text: str) -> None:
        self._folded = fold_text(text)
        self._capitals = {found.replace(".", "").lower() for found in _CAPITALS.findall(text)}

    def holds(self, name: str, aliases: Aliases) -> bool:
        """Whether a name or an alias of it stands there; one that is a common word too ("US") only in capitals."""
        names = {fold_name(name), *aliases.names(aliases.key(name))}
        common = {each for each in names if each in common_words.OPENERS}
        return bool(names & self._capitals) or any(has_words(each, self._folded) for each in names - common)


def from_extraction(reply: Mapping[str, Any], *, body: str, aliases: Aliases) -> Fingerprint:
    """Make the fingerprint of an extraction: nucleus, focus, the most salient other actors, the first actions.

    Readers see who is in a story: an actor whom the body does not name is left out.

    Args:
        reply: `actors`, `actor_salience`, `nucleus_entity`, `narrative_focus`, `actions`; other fields are left alone.
        body: the article's text.
        aliases: names of entities.

    Raises:
        BadFingerprint: a field is missing or of the wrong kind, or says what the body does not.
    """
    nucleus, focus = reply.get("nucleus_entity"), reply.get("narrative_focus")
    if not isinstance(nucleus, str) or not isinstance(focus, str):
        raise BadFingerprint("not_a_fingerprint", "nucleus_entity and narrative_focus must be strings")
    nucleus, focus = " ".join(nucleus.split()), clean_focus(focus)
    check_nucleus(nucleus, body, aliases)
    check_focus(focus, nucleus, aliases)
    named = Named(body)
    actors = [actor for actor in _actors(reply) if named.holds(actor.name, aliases)]
    return Fingerprint(
        nucleus, focus, top_actors(actors, nucleus, aliases), _strings(reply.get("actions"))[:MAX_ACTIONS]
    )


def top_actors(actors: Sequence[Actor], nucleus: str, aliases: Aliases) -> tuple[str, ...]:
    """The most salient actors, each entity once, the nucleus not among them; of equals the first named."""
    seen, names = {aliases.key(nucleus), ""}, []
    for actor in sorted(actors, key=lambda actor: -actor.salience):
        key = aliases.key(actor.name)
        if key not in seen:
            seen.add(key)
            names.append(actor.name)
    return tuple(names[:MAX_ACTORS])


def _actors(reply: Mapping[str, Any]) -> list[Actor]:
    salience = reply.get("actor_salience")
    weights = salience if isinstance(salience, Mapping) else {}
    return [Actor(name, _weight(weights.get(name))) for name in _strings(reply.get("actors"))]


def _weight(value: Any) -> int:
    return min(max(value, 1), 5) if isinstance(value, int) else 1


def _strings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    strings = [" ".join(each.replace("\0", "").split()) for each in value if isinstance(each, str)]
    return tuple(each for each in strings if 0 < len(each) <= MAX_CHARS)
