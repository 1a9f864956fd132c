"""The keyword classifier: what it finds, what it must not find, and what it says of nothing."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classification import keywords as kw
from classification.keywords import KeywordResult, classify, compile_gazetteer, compile_keywords
from classification.mapping import feed_category
from classification.taxonomy import Domain, Geography
from ntrl.rules.loader import shipped_entries
from tests.support.scaling import assert_linear

RULES = Path(kw.__file__).parent / "rules"
KEYWORDS = compile_keywords(shipped_entries(RULES / "keywords.toml"))
GAZETTEER = compile_gazetteer(shipped_entries(RULES / "gazetteer.toml"))


def classified(title: str, body: str = "", country: str = "us") -> KeywordResult | None:
    return classify(title, body, source_country=country, keywords=KEYWORDS, gazetteer=GAZETTEER)


def found(title: str, body: str = "", country: str = "us") -> KeywordResult:
    result = classified(title, body, country)
    assert result is not None
    return result


def test_every_domain_has_thirty_to_fifty_keywords() -> None:
    counts = Counter(keyword.domain for keyword in KEYWORDS.by_key.values())
    assert set(counts) == set(Domain)
    assert all(30 <= count <= 50 for count in counts.values()), counts


def test_no_form_counts_twice_for_a_domain() -> None:
    spelled = Counter(
        (KEYWORDS.by_key[phrase.key].domain, phrase.exact_words or phrase.words)
        for phrases in KEYWORDS.index.by_first_word.values()
        for phrase in phrases
    )
    assert not [form for form, count in spelled.items() if count > 1]


@pytest.mark.parametrize(
    ("domain", "title"),
    [
        ("global_affairs", "Foreign ministers sign a treaty at the summit in Geneva"),
        ("governance_politics", "Senate votes on the nominee before the election"),
        ("law_justice", "Appeals court overturns the verdict in a class action"),
        ("security_defense", "Army says two soldiers died in a missile attack"),
        ("crime_public_safety", "Police arrest a suspect after the robbery"),
        ("economy_macroeconomics", "Inflation slows and the central bank holds its interest rate"),
        ("finance_markets", "Shareholders cheer as the Nasdaq and bond yields rise"),
        ("business_industry", "Carmaker agrees to the merger with a rival manufacturer"),
        ("labor_demographics", "Minimum wage rises for warehouse workers, unions say"),
        ("infrastructure_systems", "New subway line and highway tunnel open to commuters"),
        ("energy", "Wind farms and solar panels outproduce coal"),
        ("environment_climate", "Deforestation threatens wildlife in the wetland"),
        ("science_research", "Astronomers point the telescope at a distant galaxy"),
        ("health_medicine", "Vaccine protects patients from measles, doctors find"),
        ("technology", "Chipmaker shows a smartphone processor and new software"),
        ("media_information", "Newspaper publisher fights misinformation on Facebook"),
        ("sports_competition", "Striker scores twice in the Champions League semi-final"),
        ("society_culture", "The film festival opens with an actor's first movie"),
        ("lifestyle_personal", "A chef's recipe for a calm garden dinner"),
        ("incidents_disasters", "Earthquake and landslides leave villages cut off, rescuers say"),
    ],
)
def test_a_plain_headline_finds_its_domain(domain: str, title: str) -> None:
    assert found(title).domain is Domain(domain)


@pytest.mark.parametrize(
    ("title", "domain"),
    [
        ("Apple unveils a cheaper iPhone", "technology"),
        ("WHO declares the outbreak over", "health_medicine"),
        ("Air strike hits a depot", "security_defense"),
        ("Heart attack deaths fall", "health_medicine"),
        ("Amazon deforestation slows", "environment_climate"),
        ("The novel coronavirus spreads", "health_medicine"),
    ],
)
def test_case_neighbours_and_longer_phrases_decide(title: str, domain: str) -> None:
    assert found(title).domain is Domain(domain)


@pytest.mark.parametrize(
    "title",
    ["An apple a day", "Apple pie on the sill", "Who goes there?", "They slammed Islam's critics", "A cable bustle"],
)
def test_what_only_looks_like_a_keyword_is_none(title: str) -> None:
    result = classified(title)
    assert result is None or not {"Apple", "WHO"} & set(result.topic_keywords)


@pytest.mark.parametrize(("title", "body"), [("", ""), ("Hm", "So it is."), ("1, 2, 3", "…"), ("Paris", "France")])
def test_without_evidence_there_is_no_answer(title: str, body: str) -> None:
    assert classified(title, body) is None


@pytest.mark.parametrize(
    ("title", "body", "country", "geography"),
    [
        ("Police arrest a suspect", "", "us", "us"),
        ("Police arrest a suspect", "", "gb", "international"),
        ("Police in Berlin arrest a suspect", "", "us", "international"),
        ("POLICE IN BERLIN ARREST A SUSPECT", "", "us", "international"),
        ("County sheriff arrests a suspect", "Police said the school district closed.", "us", "local"),
        ("County council sues police in Leeds", "Residents met at the town hall.", "gb", "international"),
        ("Senate votes on aid", "Ohio lawmakers spoke of France, Spain, Italy and Poland.", "us", "mixed"),
        ("Police seize turkey thieves", "", "us", "us"),
        ("Police in Georgia make an arrest", "The sheriff said so.", "us", "us"),
        ("Police in Georgia make an arrest", "Tbilisi was calm, and the Caucasus too.", "us", "international"),
        ("Police tell us more", "", "us", "us"),
        ("Police union tells the New York Times", "It met in Lyon.", "us", "international"),
    ],
)
def test_geography(title: str, body: str, country: str, geography: str) -> None:
    assert found(title, body, country).geography is Geography(geography)


def test_a_result_says_why() -> None:
    body = (
        "Police in Toledo, Ohio, arrested two men, said Maria Lopez Ortega. Maria Lopez Ortega leads the Harbor Unit. "
        "But Maria Lopez Ortega gave no details about the robbery in New York."
    )
    result = found("Robbery suspects arrested", body)
    assert result.domain is Domain.CRIME_PUBLIC_SAFETY
    assert result.confidence == 0.0
    assert result.topic_keywords[:1] == ("robbery",)
    assert result.geography_detail == "New York, Ohio"
    assert result.actors == ("Maria Lopez Ortega", "Harbor Unit")
    scores = list(result.scores.values())
    assert scores == sorted(scores, reverse=True)
    assert next(iter(result.scores)) is result.domain


def test_the_title_weighs_more_than_the_body() -> None:
    assert found("Hurricane", "The galaxy.").domain is Domain.INCIDENTS_DISASTERS
    assert found("Galaxy", "The hurricane.").domain is Domain.SCIENCE_RESEARCH


def test_repeated_words_saturate() -> None:
    once, often = found("", "Goal. "), found("", "Goal. " * 100)
    domain = Domain.SPORTS_COMPETITION
    assert once.scores[domain] < often.scores[domain] < 10 * once.scores[domain]


def test_only_the_beginning_of_the_body_counts() -> None:
    assert classified("", " " * kw.BODY_PREFIX_CHARS + "earthquake") is None


def test_ties_go_by_the_order_of_domains() -> None:
    entries: dict[str, Mapping[str, object]] = {"lifestyle_personal/tie": {}, "energy/tie": {}}
    result = classify(
        "Tie", "", source_country="us", keywords=compile_keywords(entries), gazetteer=compile_gazetteer({})
    )
    assert result is not None
    assert result.domain is Domain.ENERGY


@pytest.mark.parametrize(
    ("key", "fields", "said"),
    [
        ("energy/coal", {"weight": "3"}, "weight"),
        ("energy/coal", {"weight": True}, "weight"),
        ("energy/coal", {"weight": float("nan")}, "weight"),
        ("energy/coal", {"weight": 0}, "weight"),
        ("energy/coal", {"case": "upper"}, "case"),
        ("energy/coal", {"forms": "coals"}, "forms"),
        ("energy/coal", {"forms": ["!"]}, "forms"),
        ("energy/coal", {"not_near": [1]}, "not_near"),
        ("energy/coal", {"near": ["mine"]}, "near"),
        ("magic/coal", {}, "magic"),
        ("coal", {}, "group/phrase"),
    ],
)
def test_a_bad_keyword_names_key_and_field(key: str, fields: Mapping[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=f"{key}.*{said}"):
        compile_keywords({key: fields})


@pytest.mark.parametrize(
    ("key", "fields", "said"),
    [
        ("country/France", {}, "country"),
        ("country/France", {"country": 33}, "country"),
        ("continent/Europe", {}, "continent"),
        ("us_state/Ohio", {"weight": -1}, "weight"),
    ],
)
def test_a_bad_place_names_key_and_field(key: str, fields: Mapping[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=f"{key}.*{said}"):
        compile_gazetteer({key: fields})


_WORDS = st.sampled_from([key.partition("/")[2] for key in KEYWORDS.by_key] + list("İß\u2028\u202e\ud800’“\n\0"))
_TEXTS = st.one_of(st.text(), st.lists(_WORDS, max_size=40).map(" ".join))


@given(title=_TEXTS, body=_TEXTS, country=st.sampled_from(["us", "GB", "", "??"]))
@settings(deadline=None)
def test_any_text_is_read_without_error_and_filed_alike(title: str, body: str, country: str) -> None:
    result = classified(title, body, country)
    assert result == classified(title, body, country)
    if result is not None:
        assert feed_category(result.domain, result.geography)
        assert result.scores[result.domain] > 0
        assert result.topic_keywords


@pytest.mark.parametrize("unit", ["a", "A", "A-", "A ", "Police ", "’s", "(", "U.S.", "New ", "İ", "\n"])
@pytest.mark.parametrize("chars", [4_000, 400_000])
def test_time_is_linear(unit: str, chars: int) -> None:
    assert_linear(lambda text: classified(text, text), unit * (chars // len(unit)))
