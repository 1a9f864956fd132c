"""Compression: which shorter forms a sentence has, and which it must never have."""

import pytest

from neutralization.compose.clauses import main_verb
from neutralization.compose.compression import forms
from neutralization.compose.tokens import Tokens, render, tokenize
from ntrl.text.quotes import quotations


def parse(sentence: str) -> Tokens:
    return tokenize(sentence, [(quote.start, quote.end) for quote in quotations(sentence)])


def titles(sentence: str) -> list[str]:
    return [form.title for form in forms(parse(sentence))]


@pytest.mark.parametrize(
    ("sentence", "shorter"),
    [
        (
            "The agency has dropped its inquiry into a 2010 claim against the editor after a review of the evidence.",
            "The agency has dropped its inquiry into a 2010 claim against the editor",
        ),
        (
            "A cat who had been missing for five years in Portland, Oregon, was found in Santa Fe, New Mexico.",
            "A cat was found in Santa Fe, New Mexico",
        ),
        (
            "Two sailors — a Dane and a Swede — who had been lost since June were found Monday on a beach.",
            "Two sailors were found on a beach",
        ),
        (
            "The house on Friday narrowly approved a bill that would raise taxes, with 28 votes for and 2 against.",
            "The house narrowly approved a bill",
        ),
        (
            "The fair—a meeting of breeders held in Ohio since 1902—began on a quiet note (as usual (so far)).",
            "The fair began on a quiet note",
        ),
        (
            "Acme, a maker of pumps in Ohio, agreed on Friday to buy Bolt Mills for $6.4 billion in cash.",
            "Acme agreed to buy Bolt Mills for $6.4 billion in cash",
        ),
        (
            "Jo Lee, 55, could face up to 10 years in prison and have to pay $250,000.",
            "Jo Lee could face up to 10 years in prison",
        ),
        (
            "In a letter to the board, the nurses demanded a meeting, though officials said the date was open.",
            "The nurses demanded a meeting",
        ),
        (
            "But the port stayed closed because divers were searching for the wreck.",
            "The port stayed closed",
        ),
        (
            "Workers rejected a proposed four-year contract by 54% to 46%, their union said, clearing the way.",
            "Workers rejected a proposed contract, their union said",
        ),
        (
            "Welsh nurses in Bangor and Cardiff walked from the port of Barry to the coast on a Sunday in June.",
            "Welsh nurses in Bangor and Cardiff walked from Barry to the coast",
        ),
        (
            "Painters in Oslo, Bergen and Tromsø have opened a school that a bank paid for.",
            "Painters have opened a school",
        ),
        (
            "A judge ruled on Friday that Utah may refuse permits for new wells near farms.",
            "A judge ruled Utah may refuse permits for wells near farms",
        ),
        (
            "The senate voted by 43 to 36 to ban nets and traps within 100 metres of the reef.",
            "The senate voted to ban nets within 100 metres of the reef",
        ),
        (
            "The firm plans to plant 9,000 trees on purpose each year, twice as many as now, it said in a plan.",
            "The firm plans to plant 9,000 trees each year",
        ),
        (
            "Dana Gov. Ann Lee is defending the tax, the state health office in Dana said.",
            "Ann Lee is defending the tax, the health office said",
        ),
        (
            "Hours before the game, coach Bo Nilsen praised the team.",
            "Coach Bo Nilsen praised the team",
        ),
        (
            "iPhone sales rose 3% last week (the most since May), the maker said in a statement.",
            "iPhone sales rose 3%, the maker said",
        ),
    ],
)
def test_a_sentence_has_this_form(sentence: str, shorter: str) -> None:
    assert shorter in titles(sentence)


@pytest.mark.parametrize(
    ("sentence", "never"),
    [
        ("Prices will rise in May, the bank said on Friday.", "Prices will rise in May"),
        ("The pump failed on Friday, according to a report by the agency.", "The pump failed on Friday"),
        ("The mayor will resign in May if the court agrees with the council.", "The mayor will resign in May"),
        ("Children who received a third dose had fewer cases than the others.", "Children had fewer cases"),
        ("Children who received a third dose had fewer cases in June.", "Children had fewer cases in June"),
        ("The system provides nurses in Oslo with a list of patients.", "The system provides nurses in Oslo"),
        ("The men were rife with anger at the ruling.", "The men were rife"),
        ("The victims were killed by soldiers in the night.", "The victims were killed"),
        ("The ship was not seen until Monday in the bay.", "The ship was not seen"),
        ("When the advisers suggested a tax on steel, the minister agreed.", "When the advisers suggested a tax"),
        ("The agency says putting crews into deep sleep could save fuel.", "The agency says putting crews"),
        ("The war has caused the worst crisis in relations since 1962.", "The war has caused the worst crisis"),
        (
            "The firm plans to plant 9,000 trees in May each year, it said.",
            "The firm plans to plant 9,000 trees, it said",
        ),
        ("The council will vote on a plan to close three baths.", "The council will vote to close three baths"),
        ("A man in Ohio and a woman in Utah were freed in May.", "A man were freed in May"),
        ("The senate voted by 43 to 36 on Friday to ban nets.", "The senate voted by 43 to 36"),
        ("Nurses in Oslo earned less than guards in Bergen.", "Nurses earned less than guards in Bergen"),
        ("A soap lowers the risk of burns, doctors at a clinic said.", "A soap lowers the risk of burns"),
        ("The board found that oil sold by traders in Rome was bad.", "The board found oil sold by traders in Rome"),
        ("The firm, the U.S. Attorney’s Office said on Friday, lied.", "The firm, the Office said, lied"),
        ("The cups are very hard to clean in winter.", "The cups are very hard"),
        (
            "He testified on Nov. 15, 2019, before the committee of inquiry.",
            "He testified on Nov. 15 before the committee",
        ),
        ("The bus left Cebu at 5:40 a.m. for the island of Bohol.", "The bus left Cebu at 5"),
        ("A quake struck the coast of Japan early Sunday, officials said.", "A quake struck the coast of Japan early"),
        ("The town, which ranks first in crime, according to the police, will host the games.", "The town will host"),
    ],
)
def test_a_sentence_never_has_this_form(sentence: str, never: str) -> None:
    assert never not in titles(sentence)


@pytest.mark.parametrize(
    ("sentence", "verb"),
    [
        ("The man arrested in Ohio was freed.", "was"),
        ("A team led by researchers in Utah has found ice.", "has"),
        ("The charges he faced were dropped.", "were"),
        ("Three miners died in a fire, police said.", "died"),
        ("After the vote ended, the chair resigned.", "resigned"),
        ("The agency plans to burn the hay.", "plans"),
        ("Officers who were called to the scene found two cars.", "found"),
        ("Wells that reach two miles into rock give the town heat.", "give"),
    ],
)
def test_the_main_verb_is_found(sentence: str, verb: str) -> None:
    tokens = parse(sentence)
    at = main_verb(tokens)
    assert at is not None
    assert tokens[at].text == verb


def test_a_quotation_is_kept_whole_or_goes() -> None:
    sentence = 'The minister called the plan "a gift to the rich, and an insult" in a speech on Monday.'
    assert all('"a gift to the rich, and an insult"' in title for title in titles(sentence) if '"' in title)


@pytest.mark.parametrize(
    ("sentence", "title", "whole"),
    [
        ("the U.S. left.", "The U.S. left", "The U.S. left."),
        ("He lives in the U.S.", "He lives in the U.S.", "He lives in the U.S."),
        ("She read “The End.”", "She read “The End”", "She read “The End.”"),
        ("iPhone sales  rose\n3.5%.", "iPhone sales rose 3.5%", "iPhone sales rose 3.5%."),
    ],
)
def test_rendering(sentence: str, title: str, whole: str) -> None:
    tokens = parse(sentence)
    assert render(tokens) == title
    assert render(tokens, final=".") == whole
