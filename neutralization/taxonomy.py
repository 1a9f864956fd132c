"""The 14 categories of manipulation, the reason each has on the wire, and the three actions.

Source: the pipeline specification's taxonomy; reasons as the mobile client reads them.
"""

from enum import StrEnum


class Category(StrEnum):
    """A category's slug; the order is the specification's and settles ties."""

    URGENCY_INFLATION = "urgency_inflation"
    EMOTIONAL_TRIGGERS = "emotional_triggers"
    CLICKBAIT = "clickbait"
    SELLING_HYPE = "selling_hype"
    AGENDA_SIGNALING = "agenda_signaling"
    LOADED_VERBS = "loaded_verbs"
    URGENCY_INFLATION_SUBTLE = "urgency_inflation_subtle"
    AGENDA_FRAMING = "agenda_framing"
    SPORTS_EVENT_HYPE = "sports_event_hype"
    LOADED_PERSONAL_DESCRIPTORS = "loaded_personal_descriptors"
    HYPERBOLIC_ADJECTIVES = "hyperbolic_adjectives"
    LOADED_IDIOMS = "loaded_idioms"
    ENTERTAINMENT_CELEBRITY_HYPE = "entertainment_celebrity_hype"
    EDITORIAL_VOICE = "editorial_voice"


class Action(StrEnum):
    """What was done to a span."""

    REMOVED = "removed"
    REPLACED = "replaced"
    SOFTENED = "softened"


class Reason(StrEnum):
    """Why a span was changed, in the seven words of the wire."""

    CLICKBAIT = "clickbait"
    URGENCY_INFLATION = "urgency_inflation"
    EMOTIONAL_TRIGGER = "emotional_trigger"
    SELLING = "selling"
    AGENDA_SIGNALING = "agenda_signaling"
    RHETORICAL_FRAMING = "rhetorical_framing"
    EDITORIAL_VOICE = "editorial_voice"


REASONS: dict[Category, Reason] = {
    Category.URGENCY_INFLATION: Reason.URGENCY_INFLATION,
    Category.EMOTIONAL_TRIGGERS: Reason.EMOTIONAL_TRIGGER,
    Category.CLICKBAIT: Reason.CLICKBAIT,
    Category.SELLING_HYPE: Reason.SELLING,
    Category.AGENDA_SIGNALING: Reason.AGENDA_SIGNALING,
    Category.LOADED_VERBS: Reason.RHETORICAL_FRAMING,
    Category.URGENCY_INFLATION_SUBTLE: Reason.URGENCY_INFLATION,
    Category.AGENDA_FRAMING: Reason.AGENDA_SIGNALING,
    Category.SPORTS_EVENT_HYPE: Reason.SELLING,
    Category.LOADED_PERSONAL_DESCRIPTORS: Reason.EMOTIONAL_TRIGGER,
    Category.HYPERBOLIC_ADJECTIVES: Reason.EMOTIONAL_TRIGGER,
    Category.LOADED_IDIOMS: Reason.RHETORICAL_FRAMING,
    Category.ENTERTAINMENT_CELEBRITY_HYPE: Reason.SELLING,
    Category.EDITORIAL_VOICE: Reason.EDITORIAL_VOICE,
}

NAMES: dict[Category, str] = {
    Category.URGENCY_INFLATION: "Urgency inflation",
    Category.EMOTIONAL_TRIGGERS: "Emotional triggers",
    Category.CLICKBAIT: "Clickbait",
    Category.SELLING_HYPE: "Selling and hype",
    Category.AGENDA_SIGNALING: "Agenda signaling",
    Category.LOADED_VERBS: "Loaded verbs",
    Category.URGENCY_INFLATION_SUBTLE: "Urgency inflation, subtle",
    Category.AGENDA_FRAMING: "Agenda framing",
    Category.SPORTS_EVENT_HYPE: "Sports and event hype",
    Category.LOADED_PERSONAL_DESCRIPTORS: "Loaded personal descriptors",
    Category.HYPERBOLIC_ADJECTIVES: "Hyperbolic adjectives",
    Category.LOADED_IDIOMS: "Loaded idioms",
    Category.ENTERTAINMENT_CELEBRITY_HYPE: "Entertainment and celebrity hype",
    Category.EDITORIAL_VOICE: "Editorial voice",
}

DESCRIPTIONS: dict[Category, str] = {
    Category.URGENCY_INFLATION: "Labels and phrases that make ordinary news sound like an emergency.",
    Category.EMOTIONAL_TRIGGERS: "Words that tell readers what to feel instead of what happened.",
    Category.CLICKBAIT: "Sentences that hold back the news to make readers go on.",
    Category.SELLING_HYPE: "The language of advertising in place of description.",
    Category.AGENDA_SIGNALING: "Names for people and groups that only one political side uses.",
    Category.LOADED_VERBS: "Verbs that judge or heat up a plain act, above all of speaking.",
    Category.URGENCY_INFLATION_SUBTLE: "Quiet pressure: little time, last chances, high stakes.",
    Category.AGENDA_FRAMING: "Terms for events and policies that carry one side's conclusion.",
    Category.SPORTS_EVENT_HYPE: "Superlatives for games and shows in place of what was seen.",
    Category.LOADED_PERSONAL_DESCRIPTORS: "Adjectives and nouns that judge a person's looks or character.",
    Category.HYPERBOLIC_ADJECTIVES: "Adjectives and adverbs stronger than the facts beside them.",
    Category.LOADED_IDIOMS: "Idioms of fight, fire and disaster for ordinary disagreement.",
    Category.ENTERTAINMENT_CELEBRITY_HYPE: "Glamour and gossip in place of what people did.",
    Category.EDITORIAL_VOICE: "The writer's own opinion, or a nudge to the reader, in a news text.",
}

EXAMPLES: dict[Category, tuple[str, ...]] = {
    Category.URGENCY_INFLATION: ("BREAKING", "JUST IN", "scrambling"),
    Category.EMOTIONAL_TRIGGERS: ("shocking", "devastating", "heartbreaking"),
    Category.CLICKBAIT: ("You won't believe", "Here's what happened"),
    Category.SELLING_HYPE: ("revolutionary", "game-changer"),
    Category.AGENDA_SIGNALING: ("radical left", "extremist"),
    Category.LOADED_VERBS: ("slammed", "blasted", "admits", "claims"),
    Category.URGENCY_INFLATION_SUBTLE: ("Act now", "Before it's too late"),
    Category.AGENDA_FRAMING: ("the crisis at the border",),
    Category.SPORTS_EVENT_HYPE: ("brilliant", "blockbuster", "massive"),
    Category.LOADED_PERSONAL_DESCRIPTORS: ("handsome", "menacing", "unfriendly"),
    Category.HYPERBOLIC_ADJECTIVES: ("punishing", "whopping", "staggering"),
    Category.LOADED_IDIOMS: ("came under fire", "in the crosshairs"),
    Category.ENTERTAINMENT_CELEBRITY_HYPE: ("romantic escape", "A-list pair"),
    Category.EDITORIAL_VOICE: ("we're glad", "as it should", "Border Czar"),
}

# What others call our categories; a name that is neither here nor a slug is no category of ours.
ALIASES: dict[str, Category] = {
    "urgency": Category.URGENCY_INFLATION,
    "false_urgency": Category.URGENCY_INFLATION,
    "emotional": Category.EMOTIONAL_TRIGGERS,
    "emotional_trigger": Category.EMOTIONAL_TRIGGERS,
    "emotional_language": Category.EMOTIONAL_TRIGGERS,
    "fear_mongering": Category.EMOTIONAL_TRIGGERS,
    "sensationalism": Category.EMOTIONAL_TRIGGERS,
    "click_bait": Category.CLICKBAIT,
    "curiosity_gap": Category.CLICKBAIT,
    "hype": Category.SELLING_HYPE,
    "selling": Category.SELLING_HYPE,
    "promotional": Category.SELLING_HYPE,
    "promotional_language": Category.SELLING_HYPE,
    "political_label": Category.AGENDA_SIGNALING,
    "loaded_verb": Category.LOADED_VERBS,
    "rhetorical_framing": Category.LOADED_VERBS,
    "subtle_urgency": Category.URGENCY_INFLATION_SUBTLE,
    "framing": Category.AGENDA_FRAMING,
    "biased_framing": Category.AGENDA_FRAMING,
    "sports_hype": Category.SPORTS_EVENT_HYPE,
    "event_hype": Category.SPORTS_EVENT_HYPE,
    "loaded_personal_descriptor": Category.LOADED_PERSONAL_DESCRIPTORS,
    "personal_descriptor": Category.LOADED_PERSONAL_DESCRIPTORS,
    "name_calling": Category.LOADED_PERSONAL_DESCRIPTORS,
    "hyperbole": Category.HYPERBOLIC_ADJECTIVES,
    "exaggeration": Category.HYPERBOLIC_ADJECTIVES,
    "hyperbolic_adjective": Category.HYPERBOLIC_ADJECTIVES,
    "idiom": Category.LOADED_IDIOMS,
    "loaded_idiom": Category.LOADED_IDIOMS,
    "entertainment_hype": Category.ENTERTAINMENT_CELEBRITY_HYPE,
    "celebrity_hype": Category.ENTERTAINMENT_CELEBRITY_HYPE,
    "opinion": Category.EDITORIAL_VOICE,
    "editorializing": Category.EDITORIAL_VOICE,
    "editorial": Category.EDITORIAL_VOICE,
}


def category_named(name: str) -> Category | None:
    """Map a name from outside ("Emotional Trigger", "loaded-verbs") to a category; None when it is none of ours."""
    slug = "_".join(name.casefold().replace("-", " ").replace("/", " ").replace("_", " ").split())
    return ALIASES.get(slug) or next((category for category in Category if category == slug), None)
