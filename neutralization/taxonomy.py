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
