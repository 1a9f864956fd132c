"""What stands around a word decides: names, quotations, literal and figurative senses, figures, terms of a field."""

import tomllib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neutralization.lexicon import compile_false_positives, compile_lexicon
from neutralization.spans import detect
from tests.support.scaling import assert_linear

RULES = Path(__file__).parents[2] / "neutralization" / "rules"
# Long enough for work that starts over at each word to show.
HOSTILE_CHARS = 40_000


def shipped(name: str) -> dict[str, Mapping[str, object]]:
    document = tomllib.loads((RULES / f"{name}.toml").read_text(encoding="utf-8"))
    return {f"{group}/{key}": entry for group, entries in document.items() for key, entry in entries.items()}


LEXICON = compile_lexicon(shipped("lexicon"))
TERMS = shipped("false_positives")
FALSE_POSITIVES = compile_false_positives(TERMS)
FORMS = sorted({form for entry in LEXICON.entries for form in entry.forms})


def phrases(body: str) -> list[str]:
    return [span.original_text for span in detect(body, LEXICON, FALSE_POSITIVES).spans]


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("The actor starred in Dirty Dancing.", "He told a dirty secret."),
        ("Ann Brilliant spoke on Monday.", "The brilliant lawyer spoke on Monday."),
        ("Voters in Hope heard Senator Savage.", "The board sent a savage letter."),
        ("They saw Mean Girls and Despicable Me.", "They saw the despicable vote."),
        ("The Daily Outrage printed it.", "The vote led to outrage."),
        ("The Angry Brigade met in May.", "The wait left infuriated users."),
    ],
)
def test_a_word_in_a_name_is_a_name(name: str, word: str) -> None:
    assert (phrases(name), len(phrases(word))) == ([], 1)


@pytest.mark.parametrize(
    "speech",
    [
        "“{}”, the mayor said.",
        '"{}," the mayor said.',
        "The mayor said: «{}»",
        "‘{}’, the mayor said.",
        "„{}“, sagte er.",
    ],
)
@pytest.mark.parametrize(
    "words",
    [
        "This vile and shameful plan will wreck our economy",
        "The radical left peddles baseless claims",
        "It is a disgusting power grab by unelected bureaucrats",
    ],
)
def test_what_is_quoted_is_the_speakers(speech: str, words: str) -> None:
    assert phrases(speech.format(words)) == []
    assert len(phrases(f"{words}.")) >= 2


@pytest.mark.parametrize(
    ("literal", "figurative"),
    [
        ("Rats carry bubonic plague, and fleas dogged the town.", "Doubts bedeviled the project."),
        ("A gunman hijacked a plane.", "The group hijacked the debate."),
        ("Cattle were slaughtered at the farm.", "Gunmen slaughtered the guests."),
        ("Rats infested the kitchen.", "Scooters infested the city."),
        ("The volcano erupted at dawn with ash.", "The host erupted at the aides."),
        ("Soldiers crossed a minefield of landmines.", "The plan is a minefield."),
        ("The fire gutted the building.", "The tax gutted Medicare."),
        ("The dog was on a leash, dogged by fleas.", "Scandal dogged the mayor."),
        ("The chef cooked up the eggs.", "The aides cooked up the plan."),
        ("A train derailed near the town.", "The vote torpedoed the bill."),
        ("He twisted the wheel.", "He twisted the facts."),
        ("The wheels came off the truck.", "The wheels came off in May."),
        ("The boat sank on the rocks.", "The tax will sink the economy."),
        ("She threw in the towel with the laundry.", "She threw in the towel."),
        ("The tightrope was a high-wire act.", "The high-wire talks ended."),
        ("The child slept through the tantrum of a toddler.", "The senator threw a tantrum."),
        ("Water flooded into the basement.", "The plan opened the floodgates to claims."),
        ("Bees swarmed the hive.", "Reporters swarmed our city."),
    ],
)
def test_a_literal_sense_stays(literal: str, figurative: str) -> None:
    assert phrases(figurative) != []
    assert not set(phrases(literal)) & set(phrases(figurative))


@pytest.mark.parametrize(
    ("vague", "with_figure"),
    [
        ("Rents soared.", "Rents soared 40 percent."),
        ("Sales plummeted after the vote.", "Sales plummeted by a third to $2 million after the vote."),
        ("Shares plunged on Monday.", "Shares plunged 12% on Monday."),
        ("Homelessness surged.", "Homelessness surged by nine thousand."),
    ],
)
def test_a_figure_beside_it_makes_a_strong_word_a_measure(vague: str, with_figure: str) -> None:
    assert (len(phrases(vague)), phrases(with_figure)) == (1, [])


def test_a_number_keeps_its_value_and_loses_its_hype() -> None:
    assert phrases("The firm paid a whopping $5 million fine.") == ["whopping"]
    assert phrases("Inflation hit a record 9 percent, its highest level in 40 years.") == []


# A report of each field that says what happened in the words of that field.
PLAIN_REPORTS = {
    "sport": (
        "The striker attacked the far post and shot wide before the defender cleared. She hit a home run, stole second"
        " and scored on a sacrifice fly. The team won 3-1 after extra time, and the goalkeeper saved a penalty in"
        " sudden death. He was knocked out in the third round of the title fight. The quarterback was sacked twice in"
        " the red zone, and the power play failed."
    ),
    "weather": (
        "The service issued a tornado warning and an extreme heat advisory. Winds gusted to 80 mph, and a severe"
        " thunderstorm dropped hail. The tropical storm strengthened to a hurricane with life-threatening storm surge."
        " Catastrophic flooding is possible near the coast, forecasters said."
    ),
    "finance": (
        "The central bank raised rates by a quarter point. Junk bonds fell, and a hostile takeover of the firm failed."
        " Its shares outstanding rose to 2 million. The bull market ended, and toxic assets were sold. The company used"
        " a poison pill against the bid."
    ),
    "courts": (
        "He was convicted of reckless endangerment, aggravated assault and attempted murder. The jury heard that the"
        " defendant entered an insanity plea. Prosecutors dropped a charge of animal cruelty. The judge ruled that it"
        " was cruel and unusual punishment."
    ),
    "medicine": (
        "The patient had a massive heart attack and a traumatic brain injury. Doctors treated an aggressive tumor and"
        " toxic shock. The boy has panic attacks and an acute crisis of asthma. Life-threatening injuries were ruled"
        " out."
    ),
    "science": (
        "The team studied chaos theory, free radicals and a supermassive black hole. Natural killer cells attack the"
        " virus. Invasive species and toxic algae spread in the lake. Explosive volcanoes erupted in the north."
    ),
}


@pytest.mark.parametrize("field", PLAIN_REPORTS)
def test_a_report_in_the_words_of_its_field_is_left_alone(field: str) -> None:
    assert phrases(PLAIN_REPORTS[field]) == []


def test_an_established_term_is_left_alone_wherever_it_stands() -> None:
    listed = {str(form): key for key, term in TERMS.items() for form in term["forms"]}  # type: ignore[attr-defined]
    changed = {form: phrases(f"They spoke about {form} in May.") for form in listed}
    assert {form: found for form, found in changed.items() if any(phrase in form for phrase in found)} == {}


def test_every_term_has_its_reason() -> None:
    assert all(len(str(term["reason"]).split()) >= 2 for term in TERMS.values())


HOSTILE = {
    "one form": "slammed ",
    "beginnings of a long form": "the final nail in the coffin ",
    "adjectives": "vile and ",
    "adverbs before a past form": "has really ",
    "auxiliaries and adverbs": "really truly ",
    "intensifiers": "deeply very utterly ",
    "openings": "Of course, ",
    "amounts": "a whopping $5,5,5.5.5 ",
    "digits": "9" * 50,
    "commas": ",",
    "quotes": "“a ”b ‘c ",
    "apostrophes": "n't 's '",
    "hyphens": "far-left-far-right-",
    "capitals": "VILE ",
    "names": "Vile Savage ",
    "invisible": "vi\u00adle\u200b ",
    "wide": "ﷺİß€",
    "line breaks": "vile\n\nvile\n",
    "no break": "slammed",
    "terms": "crisis management team of ",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_costs_no_more_than_its_length(kind: str) -> None:
    piece = HOSTILE[kind]
    text = (piece * (HOSTILE_CHARS // len(piece) + 1))[:HOSTILE_CHARS]
    assert_linear(lambda part: detect(part, LEXICON, FALSE_POSITIVES), text)


@given(st.lists(st.sampled_from([*FORMS, "the", "“", "”", ",", ".", "40", "has", "$5", "\n\n"]), max_size=30))
def test_any_heap_of_forms_gives_exact_disjoint_spans(pieces: list[str]) -> None:
    body = " ".join(pieces)
    spans = detect(body, LEXICON, FALSE_POSITIVES).spans
    assert all(body[span.start : span.end] == span.original_text for span in spans)
    assert all(span.end <= following.start for span, following in pairwise(spans))
