"""What readers are told of each category of manipulation: its name, and a sentence with examples."""

from dataclasses import dataclass

from neutralization.taxonomy import Category


@dataclass(frozen=True, slots=True)
class Told:
    """A category in readers' words; `slug` is its place on the page about NTRL."""

    slug: Category
    name: str
    description: str


_WORDS = {
    Category.URGENCY_INFLATION: (
        "Urgency inflation",
        "Makes an event sound more pressing than it is: “BREAKING”, “scrambling”, “in a race against time”.",
    ),
    Category.EMOTIONAL_TRIGGERS: (
        "Emotional triggers",
        "Tells you what to feel before you know what happened: “devastating”, “heartbreaking”, “a nightmare”.",
    ),
    Category.CLICKBAIT: (
        "Clickbait",
        "Holds something back so that you click: “you won’t believe”, “here’s what happened next”.",
    ),
    Category.SELLING_HYPE: (
        "Selling and hype",
        "Praises a thing as an advertisement would: “revolutionary”, “a game-changer”, “must-have”.",
    ),
    Category.AGENDA_SIGNALING: (
        "Agenda signaling",
        "Names a side with a word that only its opponents use: “radical”, “extremist”, “so-called”.",
    ),
    Category.LOADED_VERBS: (
        "Loaded verbs",
        "Carries a judgment where “said” or “criticized” would do: “slammed”, “blasted”, “lashed out”.",
    ),
    Category.URGENCY_INFLATION_SUBTLE: (
        "Urgency inflation, subtle",
        "Hurries you rather than the story: “act now”, “before it’s too late”, “time is running out”.",
    ),
    Category.AGENDA_FRAMING: (
        "Agenda framing",
        "States a disputed view as the setting of the story: “the crisis at the border”, “the war on cars”.",
    ),
    Category.SPORTS_EVENT_HYPE: (
        "Sports and event hype",
        "Turns a result into a legend: “blockbuster”, “brilliant”, “a clash of titans”.",
    ),
    Category.LOADED_PERSONAL_DESCRIPTORS: (
        "Loaded personal descriptors",
        "Judges a person’s looks or manner in passing: “handsome”, “menacing”, “unfriendly”.",
    ),
    Category.HYPERBOLIC_ADJECTIVES: (
        "Hyperbolic adjectives",
        "Makes a fact larger than its figures: “whopping”, “staggering”, “punishing”.",
    ),
    Category.LOADED_IDIOMS: (
        "Loaded idioms",
        "Paints a dispute as a fight: “came under fire”, “in the crosshairs”, “threw under the bus”.",
    ),
    Category.ENTERTAINMENT_CELEBRITY_HYPE: (
        "Entertainment and celebrity hype",
        "Sells glamour along with the news: “A-list pair”, “romantic escape”, “stuns fans”.",
    ),
    Category.EDITORIAL_VOICE: (
        "Editorial voice",
        "Speaks the writer’s opinion in a report: “as it should”, “we’re glad”, “sadly”.",
    ),
}

TOLD = {category: Told(category, *_WORDS[category]) for category in Category}
