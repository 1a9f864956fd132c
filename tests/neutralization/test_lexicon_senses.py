"""The shipped lexicon on whole sentences: literal senses stay, and what is changed stays grammatical and true."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

from neutralization.audit import audit
from neutralization.edits import apply_edits, make_edits
from neutralization.lexicon import compile_false_positives, compile_lexicon
from neutralization.spans import detect
from neutralization.types import Output, Outputs

ROOT = Path(__file__).parents[2]


def shipped(name: str) -> dict[str, Mapping[str, object]]:
    document = tomllib.loads((ROOT / "neutralization" / "rules" / f"{name}.toml").read_text(encoding="utf-8"))
    return {f"{group}/{key}": entry for group, entries in document.items() for key, entry in entries.items()}


LEXICON = compile_lexicon(shipped("lexicon"))
FALSE_POSITIVES = compile_false_positives(shipped("false_positives"))


def neutral(body: str) -> str:
    return apply_edits(body, make_edits(body, detect(body, LEXICON, FALSE_POSITIVES).spans))


# Each holds a word or phrase of the lexicon in a sense that manipulates nobody.
LITERAL = [
    "A clinic in Wausau will offer blood tests.",
    "The electric car stopped on Main Street near the electric fence.",
    "Police charged a man with menacing.",
    "He was charged with felony mayhem in California.",
    "The brakes did not work as they should.",
    "The treaty protects the rights of all people.",
    "God is the creator of all things, the priest said.",
    "They obeyed without question.",
    "Water is not heated needlessly.",
    "The caves to the north are closed.",
    "Hospitals were slammed with patients.",
    "She slammed a homer in the ninth inning.",
    "The band recorded an album called Mayhem.",
    "He saw the film Nightmare on Elm Street.",
    "She woke from a nightmare and could not sleep.",
    "Trickle down, water fed the roots.",
    "Benefits trickle down to workers.",
    "The oven grilled the sausages on skewers.",
    "Lefties need a different mouse.",
    "Unit tests use mocks and stubs.",
    "The dishwasher has a radiant heat element.",
    "A stellar cluster was found by the telescope.",
    "Stellar winds shape the nebula.",
    "Blue-chip stocks fell.",
    "The breakthrough infections were mild.",
    "Troops made a breakthrough on the eastern front.",
    "He found the wallet in the pocket of his coat.",
    "She was in bed with a fever.",
    "Armenia was at war with Azerbaijan.",
    "The earthquake lasted a minute, and the building was gutted by fire.",
    "A wolf savaged two lambs.",
    "Gunmen opened fire and police fired back.",
    "The boxer had a bloody nose.",
    "The driver was asleep at the wheel when the truck crashed.",
    "Children chased the tinderbox-dry leaves, and the forest is a tinderbox.",
    "He threw in the towel with the laundry.",
    "The dog was on the warpath.",
    "The queen's diva cup is made of silicone.",
    "The firm sells monster trucks and Monster Energy drinks.",
    "The explosive device was found near the plant.",
    "The biblical story of Noah tells of a flood.",
    "Three pulsating dots appeared.",
    "The museum shows monumental sculpture and an epic poem.",
    "The moon's surface is cratered.",
    "He poured cold water on the burn.",
    "The ship fired a shot across the bow of the trawler, the coast guard said.",
    "He opened a can of worms for fishing.",
    "Slash commands use a forward slash in the path.",
    "Soldiers came under fire near the village, and the convoy was under fire from rebels.",
    "The so-called type 2 response is slow.",
    "The regulatory regime began in 1988.",
    "The tax regime and the training regime changed.",
    "The Revolutionary Guard and the revolutionary movement in Cuba met.",
    "He admitted that he killed the man, police said.",
    "He claimed asylum in Sweden, and she claimed gold in Paris.",
    "The storm claimed hundreds of lives, and it claimed 40 lives.",
    "Insurance claims rose, and lawyers rejected claims that the road was unsafe.",
    "The train hit the bus, and the mayor hit the ball.",
    "A child groomer was jailed.",
    "The dog groomer opened a shop.",
    "The cat caught a mouse, and fat cats need less food, the vet said.",
    "Farmers blasted rock with explosives.",
    "The pupils were blasted with X-rays.",
    "The two parties ended the talks.",
    "The new low-cost plan began.",
    "Temperatures hit a new low on Tuesday.",
    "The climbers scrambled to safety.",
    "The soaring cathedral has a soaring roof.",
    "The prickly pear is a cactus.",
    "He sells bubbly water.",
    "After stunning Duke in the final, the team flew home.",
    "Chelsea were stunned in a 3-1 defeat.",
    "The jury found him guilty of sedition, treason and mayhem.",
    "Inhumane treatment of prisoners is banned.",
    "The tigers tore into the meat.",
    "The train of thought, the storm of 1987 and the rush of water.",
    "He is a strong man.",
    "A mouthpiece was found, and students cleaned the mouthpieces of their instruments.",
    "The water poured into the streets.",
    "Police shot down a drone.",
    "Rioters stormed the Bastille.",
    "The guest was a male nurse.",
    "The party split, and the church split.",
    "Just in time for Christmas, the shop opened.",
    "Breaking the law is wrong. Developing countries agreed.",
    "The alert driver stopped. An alert was sent.",
    "The urgent care clinic closed.",
    "The hot water boiler broke, and they were in hot water up to the knee, and tea was made in hot water.",
    "The home team won, and the away team lost.",
    "The farm bred killer bees and Angus.",
    "The stage play, a farce by Feydeau, opened.",
    "Health officials warned of a romance scam that cost victims $2 million.",
    "Scam calls rose, police said.",
    "The bishop preached to students.",
    "Fleet Street's Fanatics store sells jerseys.",
    "She woke residents, and they woke at six.",
    "The vicious dog was caught.",
    "Plumbing engineering is taught, and the founders met.",
    "Add nuts and fruits to the salad, and bring a lightweight coat.",
    "The snowflakes on the window had six arms.",
    "He saw tidal barrages and a data center's backup.",
    "Petty theft rose, and petty officers met.",
    "The court heard a malicious prosecution claim.",
    "Police said animal cruelty was charged.",
    "The terrible twos are hard for parents.",
    "Posture improves with practice.",
    "The lame duck session ended.",
]


def test_literal_senses_are_left_alone() -> None:
    changed = {body: neutral(body) for body in LITERAL if detect(body, LEXICON, FALSE_POSITIVES).spans}
    assert changed == {}


# Noun and verb, singular and plural, active and passive, before a noun and without one.
REWRITTEN = {
    "The plan was slammed by critics.": "The plan was criticized by critics.",
    "An illegal alien group met an illegal alien.": "An illegal alien group met an immigrant without legal status.",
    "MILLBROOK, Ohio — BREAKING: Crews put out a fire.": "MILLBROOK, Ohio — Crews put out a fire.",
    "Just in: The two men were released.": "The two men were released.",
    "The revolutionary wells were drilled in May.": "The wells were drilled in May.",
    "He made fearmongering claims, and the fearmongering went on.": "He made claims, and the warnings went on.",
    "The firm paid a whopping $5 million fine.": "The firm paid a $5 million fine.",
    "The fine was a whopping $5 million.": "The fine was $5 million.",
    "A whopping 40 percent of voters and a staggering 40 percent rise.": "40 percent of voters and a 40 percent rise.",
    "The radical left seeks power, and radical left groups agree.": "The left seeks power, and left-wing groups agree.",
    "The wildfires were horrific after horrific winds.": "The wildfires were very bad after winds.",
    "He had to hit back at it, and he hit back at it.": "He had to respond to it, and he responded to it.",
    "She poked fun at his mocking tone.": "She joked about his mocking tone.",
    "The vote helped Big Oil, and Big Oil money won.": "The vote helped the oil industry, and oil-industry money won.",
    "The court agreed, as it should.": "The court agreed.",
    "“It is late,” she fumed.": "“It is late,” she said.",
    "The union president fired back.": "The union president responded.",
    "Jaws hit the floor, and one guest left.": "People were surprised, and one guest left.",
    "The law opened a Pandora’s box of claims.": "The law led to a lot of claims.",
    "The skyrocketing cost is skyrocketing.": "The rising cost is rising sharply.",
    "Ray plays Nan, and we’re glad that she stayed.": "Ray plays Nan, and she stayed.",
    "He admitted that it was late.": "He acknowledged that it was late.",
    "The deal is astronomical.": "The deal is very high.",
    "Smog rose to alarming levels.": "Smog rose to high levels.",
    "Rents soared, and rents have soared.": "Rents increased, and rents have increased.",
    "Costs skyrocketed, and wages have also skyrocketed.": "Costs rose sharply, and wages have also risen sharply.",
    "The meeting was hijacked; a group hijacked the vote.": "The meeting was taken over; a group took over the vote.",
    "The team trounced its rivals and was thrashed.": "The team beat its rivals and was beaten.",
    "He wears a silly hat, and the plan is silly.": "He wears a hat, and the plan is silly.",
    "The deeply flawed plan and a deeply racist law.": "The flawed plan and a racist law.",
    "The desperately poor town desperately sought help.": "The desperately poor town sought help.",
    "Officials are desperate to end it, and he is desperate for help.": (
        "Officials are trying to end it, and he is in need of help."
    ),
    "Aides twisted the facts and stoked tensions.": "Aides misrepresented the facts and increased tensions.",
    "The addicts met a bigwig.": "The addicts met a leading figure.",
    "A staunch conservative left, and its staunch allies stayed.": "A conservative left, and its allies stayed.",
}


def test_what_is_changed_stays_grammatical() -> None:
    assert {body: neutral(body) for body in REWRITTEN} == REWRITTEN


def test_real_bodies_pass_the_audit_after_their_edits(shared_data: Path) -> None:
    failed = []
    real = shared_data / "extraction" / "fundus" / "ground-truth.json"
    for article in json.loads(real.read_text(encoding="utf-8")).values():
        body = article["articleBody"]
        spans = detect(body, LEXICON, FALSE_POSITIVES).spans
        assert all(body[span.start : span.end] == span.original_text for span in spans)
        edits = make_edits(body, spans)
        outputs = Outputs("", "", "", "", apply_edits(body, edits))
        verdicts = audit(body, outputs, spans=spans, edits=edits)
        failed += [verdict for verdict in verdicts if verdict.output is Output.DETAIL_FULL and not verdict.passed]
    assert failed == []
