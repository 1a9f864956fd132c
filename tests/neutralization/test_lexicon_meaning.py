"""What the shipped lexicon must never do to a sentence: take a fact, a doubt or a restriction, or turn it round."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from neutralization.edits import apply_edits, make_edits
from neutralization.lexicon import compile_false_positives, compile_lexicon
from neutralization.spans import detect

RULES = Path(__file__).parents[2] / "neutralization" / "rules"


def shipped(name: str) -> dict[str, Mapping[str, object]]:
    document = tomllib.loads((RULES / f"{name}.toml").read_text(encoding="utf-8"))
    return {f"{group}/{key}": entry for group, entries in document.items() for key, entry in entries.items()}


LEXICON = compile_lexicon(shipped("lexicon"))
FALSE_POSITIVES = compile_false_positives(shipped("false_positives"))


def neutral(body: str) -> str:
    return apply_edits(body, make_edits(body, detect(body, LEXICON, FALSE_POSITIVES).spans))


# Each would lose or change what it says, were its strong word taken out or replaced.
KEPT = {
    "a restriction": [
        "Hate preachers will be blocked from the country.",
        "The paper listed Islamic extremists and far-left groups.",
        "The far-right AfD won.",
        "The alt-right group met in May.",
        "Water helps against mindless eating.",
        "Two communist politicians met.",
        "The site needs more coverage of innovative women leaders.",
        "Families borrow for outstanding student debt.",
        "It is needless use of alarming language.",
        "He sang a bittersweet song.",
    ],
    "a doubt": [
        "She is arguably the most popular singer.",
        "The supposed experts agreed.",
        "His supposedly reckless policy failed.",
    ],
    "a fact": [
        "The site printed debunked claims.",
        "A wild attack on the village left two dead.",
        "A gunman's attacks on the media left three dead.",
        "It showed Stalin's purge and the Jedi purge.",
        "The army made a surgical strike.",
        "One outstanding challenge is cost.",
        "They killed hired Russian thugs.",
        "The convict fled, and a felon was found.",
        "They lived in inhumane conditions, and the conditions were inhumane.",
        "The struggling hosts drew.",
        "The talks ended in an embarrassing trip for the envoy.",
        "It was an execution-style killing.",
        "Its total volume is 8 ml.",
        "The malware is used in malicious attacks.",
        "The phoney campaign began.",
    ],
    "another sense": [
        "Sputtering with frustration, he left.",
        "The artist subverts the form.",
        "Orrin G. Hatch said so.",
        "Hicks was the first to testify.",
        "They covered everyone from GloRilla to Talking Heads.",
        "A school for the Deaf and the Blind opened.",
        "The code uses mocking in unit tests.",
        "I am a politics junkie.",
        "The team completed a 2-0 whitewash.",
        "The brothers' spat made headlines.",
        "A winter storm was blasting the states.",
        "Particles sneak through, and a skater slipped in.",
        "The fan base grew.",
        "The film is a historical epic starring Ann Reed.",
    ],
    "what the sentence says": [
        "He is an idiot, and they are not lunatics.",
        "It is one of the outstanding films of the year.",
        "People who want a stunning mouse pay more.",
        "The movers are top-of-the-line professionals.",
        "It was a horrific attack.",
        "The camera is capable of incredible images.",
        "It is such a dramatic change.",
        "The team played gloriously and calmly.",
    ],
    "a reported word": [
        "He called the hearing a sham and the bill draconian.",
        "The programs were condemned as government overreach.",
        "He coined the term cultural Marxism.",
        "The idea of “cancel culture” dates back to 2015.",
        "Critics described the plan as a power grab.",
    ],
    "a side": [
        "The law protects the unborn child.",
        "A QAnon conspiracy theory spread.",
        "The bill is seen as voter suppression.",
    ],
}


@pytest.mark.parametrize("kind", KEPT)
def test_what_would_be_lost_is_kept(kind: str) -> None:
    changed = {body: neutral(body) for body in KEPT[kind]}
    assert changed == {body: body for body in KEPT[kind]}


# The form that broke a sentence once, and what it gives now.
CHANGED = {
    "Donors called the shots.": "Donors made the decisions.",
    "Shares hit rock bottom.": "Shares fell very low.",
    "Pleas fell on deaf ears.": "Pleas went unheard.",
    "The results defied logic.": "The results seemed surprising.",
    "Two political pawns left.": "Two bargaining tools left.",
    "The law opened a Pandora's box of litigation.": "The law led to a lot of litigation.",
    "It is an alarmingly regular event.": "It is a regular event.",
    "It was appeasement of Putin.": "It was conciliation of Putin.",
    "The waiting list is ridiculous.": "The waiting list is unreasonable.",
    "The newspaper is the mouthpiece of the party.": "The newspaper is the voice of the party.",
    "He admitted that it was late.": "He acknowledged that it was late.",
    "She confessed that she was tired.": "She acknowledged that she was tired.",
    "The kitchen was a mess.": "The kitchen was in disorder.",
    "He mocked the boy's stutter.": "He made fun of the boy's stutter.",
    "The strike led to airport chaos.": "The strike led to airport disruption.",
    "A vote hijacked by aides ended.": "A vote taken over by aides ended.",
    "They did not need to break the bank.": "They did not need to spend too much.",
    "The plan won’t break the bank.": "The plan won’t cost too much.",
    "The tier stands head and shoulders above others.": "The tier stands far above others.",
    "Rescuers arrived in the nick of time.": "Rescuers arrived just in time.",
    "The site fits seamlessly into the plan.": "The site fits smoothly into the plan.",
    "A bustling cafe opened.": "A busy cafe opened.",
    "The decision outraged fans, and an outraged fan left.": "The decision angered fans, and an angry fan left.",
}


@pytest.mark.parametrize("body", CHANGED)
def test_what_is_changed_says_the_same(body: str) -> None:
    assert neutral(body) == CHANGED[body]


@pytest.mark.parametrize(
    "body",
    ["Big Labor is against it.", "Dark money is a problem.", "Fearmongering is common.", "Virtue-signaling is easy."],
)
def test_a_singular_verb_keeps_its_singular_noun(body: str) -> None:
    assert neutral(body) == body
