"""The shipped lexicon holds what it promises; bad payloads are refused by key and field; conditions do their work."""

import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from neutralization.audit import audit
from neutralization.edits import apply_edits, make_edits
from neutralization.lexicon import compile_false_positives, compile_lexicon
from neutralization.spans import detect, find_lexicon_positions
from neutralization.taxonomy import Category
from neutralization.types import Output, Outputs
from ntrl.text.tokens import words

RULES = Path(__file__).parents[2] / "neutralization" / "rules"


def shipped(name: str) -> dict[str, Mapping[str, object]]:
    document = tomllib.loads((RULES / f"{name}.toml").read_text(encoding="utf-8"))
    return {f"{group}/{key}": entry for group, entries in document.items() for key, entry in entries.items()}


ENTRIES = shipped("lexicon")
TERMS = shipped("false_positives")
LEXICON = compile_lexicon(ENTRIES)
FALSE_POSITIVES = compile_false_positives(TERMS)


def keys_in(body: str) -> set[str]:
    return {span.rule_key for span in detect(body, LEXICON, FALSE_POSITIVES).spans}


def neutral(body: str) -> str:
    return apply_edits(body, make_edits(body, detect(body, LEXICON, FALSE_POSITIVES).spans))


def test_every_entry_finds_its_own_example() -> None:
    examples = {key: str(entry["example"]) for key, entry in ENTRIES.items()}
    blind = [key for key, example in examples.items() if key not in keys_in(example)]
    unhealed = {key: keys_in(neutral(example)) for key, example in examples.items()}
    assert (blind, {key: left for key, left in unhealed.items() if left}) == ([], {})


def test_every_example_passes_the_audit_after_its_edit() -> None:
    failed = {}
    for key, entry in ENTRIES.items():
        body = f"The council met in May. {entry['example']}"
        spans = detect(body, LEXICON, FALSE_POSITIVES).spans
        edits = make_edits(body, spans)
        outputs = Outputs("", "", "", "", apply_edits(body, edits))
        verdicts = audit(body, outputs, spans=spans, edits=edits)
        broken = [v.rule_id for v in verdicts if v.output is Output.DETAIL_FULL and not v.passed]
        failed |= {key: (outputs.detail_full, broken)} if broken else {}
    assert failed == {}


def test_no_replacement_is_manipulative_itself() -> None:
    pairs = {(entry.key, replacement) for entry in LEXICON.entries for replacement in entry.replacements}
    assert [pair for pair in sorted(pairs) if keys_in(f"It {pair[1]} it.")] == []


def test_no_rule_brings_a_name_or_takes_a_number() -> None:
    """The audit would refuse the text: every name of an output stands in the body, and no number is lost."""
    for entry in LEXICON.entries:
        for form, replacement in zip(entry.forms, entry.replacements, strict=True):
            known = {word.text.casefold() for word in words(form)}
            names = {word.text for word in words(replacement) if word.text[0].isupper()}
            assert {name.casefold() for name in names} <= known, form
            assert not any(char.isdigit() for char in form), form


def test_every_category_is_covered() -> None:
    counts = Counter(entry.category for entry in LEXICON.entries)
    assert set(counts) == set(Category)
    assert min(counts.values()) >= 40
    assert len(LEXICON.entries) >= 1200
    assert len(TERMS) >= 80


def test_groups_are_categories() -> None:
    assert {key.split("/")[0] for key in ENTRIES} == set(Category)
    assert all(entry["category"] == key.split("/")[0] for key, entry in ENTRIES.items())


ENTRY: dict[str, object] = {"category": "loaded_verbs", "action": "replaced", "forms": ["slam"], "replacement": "hit"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"category": "loaded"}, "category"),
        ({"action": "burned"}, "action"),
        ({"action": None}, "action"),
        ({"forms": []}, "forms"),
        ({"forms": [" "]}, "forms"),
        ({"forms": "slam"}, "forms"),
        ({"forms": [1]}, "forms"),
        ({"replacement": ""}, "replacement"),
        ({"replacements": ["hit"]}, "replacement"),
        ({"action": "removed"}, "replacement"),
        ({"not_before": "into"}, "not_before"),
        ({"case": "title"}, "case"),
        ({"sentence_start": "yes"}, "sentence_start"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_payload_is_named(change: dict[str, object], field: str) -> None:
    with pytest.raises(ValueError, match=rf"^my-key: {field}: "):
        compile_lexicon({"my-key": ENTRY | change})


def test_replacements_are_parallel_to_forms() -> None:
    entry = {**ENTRY, "forms": ["slam", "slams"], "replacements": ["hit"]}
    del entry["replacement"]
    with pytest.raises(ValueError, match=r"^my-key: replacements: 1 for 2 forms"):
        compile_lexicon({"my-key": entry})


@pytest.mark.parametrize(
    ("payload", "field"),
    [({"forms": ["a"]}, "reason"), ({"reason": "so"}, "forms"), ({"forms": ["a"], "reason": "b", "x": 1}, "x")],
)
def test_a_bad_term_is_named(payload: dict[str, object], field: str) -> None:
    with pytest.raises(ValueError, match=rf"^my-key: {field}: "):
        compile_false_positives({"my-key": payload})


def found(body: str, **conditions: object) -> list[str]:
    lexicon = compile_lexicon({"k": {"category": "loaded_verbs", "action": "removed", **conditions}})
    return [span.original_text for span in find_lexicon_positions(body, lexicon).kept]


@pytest.mark.parametrize(
    ("body", "conditions", "expected"),
    [
        ("It slams into us. It slams us.", {"forms": ["slams"], "not_before": ["into"]}, ["slams"]),
        ("A grand slam. A slam.", {"forms": ["slam"], "not_after": ["grand"]}, ["slam"]),
        ("vile acts and vile men", {"forms": ["vile"], "only_before": ["acts"]}, ["vile"]),
        ("so vile, very vile", {"forms": ["vile"], "only_after": ["so"]}, ["vile"]),
        ("a cool $5 and a cool man", {"forms": ["a cool"], "only_before": ["#"]}, ["a cool"]),
        ("a cool US$5m, a cool c", {"forms": ["a cool"], "only_before": ["#"]}, ["a cool"]),
        ("a cool 40 percent of it, a cool 40 percent rise", {"forms": ["a cool"], "only_before": ["##"]}, ["a cool"]),
        ("a cool 9 cars, a cool $9 fee, a cool 9-day trip", {"forms": ["a cool"], "only_before": ["##"]}, ["a cool"]),
        ("The storm hit us. He hit us.", {"forms": ["hit"], "not_with": ["storm"]}, ["hit"]),
        ("ALERT and alert", {"forms": ["alert"], "case": "upper"}, ["ALERT"]),
        ("a vile act is vile", {"forms": ["vile"], "attributive_only": True}, ["vile"]),
        ("a cruel, vile act", {"forms": ["vile"], "attributive_only": True}, []),
        ("a cruel and vile act", {"forms": ["vile"], "attributive_only": True}, []),
        ("a more vile act", {"forms": ["vile"], "attributive_only": True}, []),
        ("a deeply vile act", {"forms": ["vile"], "attributive_only": True}, ["vile"]),
        ("a possibly vile act", {"forms": ["vile"], "attributive_only": True}, []),
        ("Savage said so.", {"forms": ["savage"], "attributive_only": True}, []),
        ("It grew to vile numbers.", {"forms": ["vile"], "attributive_only": True}, []),
        ("after stunning Duke, a stunning Duke", {"forms": ["stunning"], "attributive_only": True}, ["stunning"]),
        (
            "a rat here, a rat won, a rat policy, rats policy",
            {"forms": ["rat", "rats"], "standalone": True},
            ["rat", "rat", "rats"],
        ),
        ("He mocks us. Two mocks. The mocks.", {"forms": ["mocks"], "verb_only": True}, ["mocks"]),
        ("by mocking us, in a mocking tone", {"forms": ["mocking"], "verb_only": True}, ["mocking"]),
        ("the book Mayhem, and mayhem", {"forms": ["mayhem"]}, ["mayhem"]),
        ("an Orwellian rule", {"forms": ["Orwellian"]}, ["Orwellian"]),
        ("Note: Mayhem ended. “Mayhem” ended.", {"forms": ["mayhem"]}, ["Mayhem", "Mayhem"]),
        ("MILLBROOK, Ohio — Hurry now.", {"forms": ["hurry"], "sentence_start": True}, ["Hurry"]),
        ("NATO said on Monday — hurry.", {"forms": ["hurry"], "sentence_start": True}, []),
        ("Rents soared. They soared 9 %.", {"forms": ["soared"], "without_figure": True}, ["soared"]),
        ("Rents soared by half. They soared.", {"forms": ["soared"], "without_figure": True}, ["soared"]),
        ("Hurry now. We hurry.", {"forms": ["hurry"], "sentence_start": True}, ["Hurry"]),
        ("Go on. Hurry up now! Stop.", {"forms": ["hurry"], "whole_sentence": True}, ["Hurry up now!"]),
        ("Hurry to see Ann Reed.", {"forms": ["hurry"], "whole_sentence": True}, []),
        ("Hurry, 5 are left.", {"forms": ["hurry"], "whole_sentence": True}, []),
        ("Hurry, three are left.", {"forms": ["hurry"], "whole_sentence": True}, []),
        ("Hurry to the “big day” now.", {"forms": ["hurry"], "whole_sentence": True}, []),
    ],
)
def test_conditions(body: str, conditions: dict[str, object], expected: list[str]) -> None:
    assert found(body, **conditions) == expected


@pytest.mark.parametrize(
    "body",
    [
        "The truck slammed into a wall, and the storm slammed the coast.",
        "She won a grand slam with a slam dunk.",
        "The Revolutionary Guard Corps fired missiles.",
        "He had a massive heart attack and life-changing injuries.",
        "The firm reported record profits, a record high.",
        "He was charged with attempted murder, according to police.",
        "The film Dirty Dancing was shown in Great Britain.",
        "Inspectors searched for weapons of mass destruction.",
        "The crisis management team met the public relations staff.",
        "The hotel grilled fish and steak on charcoal.",
        "Soldiers came under fire from rebels near the town.",
        "The ruling has a chilling effect on the press.",
        "Thomas Savage met Ann Brilliant on Monday.",
        "The so-called Islamic State claimed responsibility.",
        "A red alert system and severe weather are expected.",
        "Jets scrambled to intercept the plane.",
        "The council voted on Monday to approve the budget of $5 million.",
    ],
)
def test_plain_news_is_left_alone(body: str) -> None:
    assert detect(body, LEXICON, FALSE_POSITIVES).spans == ()
