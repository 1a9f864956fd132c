"""What a model's reply must be to count, and that nothing else ever comes out of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from classification.replies import LIST_MAX_PHRASES, PHRASE_MAX_CHARS, ClassificationReply
from classification.taxonomy import Domain, Geography
from ntrl.llm.schemas import strict_schema

SEEDS_REPLY = {
    "domain": "governance_politics",
    "confidence": 0.95,
    "tags": {
        "geography": "us",
        "geography_detail": "US Congress, Washington D.C.",
        "actors": ["Congress", "Senate", "House"],
        "action_type": "legislation",
        "topic_keywords": ["climate", "legislation", "vote", "bill"],
    },
}


def read(reply: Any) -> ClassificationReply:
    return ClassificationReply.model_validate_json(json.dumps(reply))


def changed(**fields: Any) -> dict[str, Any]:
    return {**SEEDS_REPLY, **fields}


def tagged(**tags: Any) -> dict[str, Any]:
    return changed(tags={**SEEDS_REPLY["tags"], **tags})  # type: ignore[dict-item]


def test_the_specifications_reply_is_read_whole() -> None:
    reply = read(SEEDS_REPLY)

    assert (reply.domain, reply.confidence) == (Domain.GOVERNANCE_POLITICS, 0.95)
    assert reply.tags.model_dump(mode="json") == SEEDS_REPLY["tags"]


@pytest.mark.parametrize(
    "reply",
    [
        {},
        [],
        "governance_politics",
        None,
        {"unexpected": [1, 2, 3]},
        {"domain": "governance_politics"},
        changed(domain="politics"),
        changed(domain="other"),
        changed(domain="world"),
        changed(domain=""),
        changed(domain=None),
        changed(domain=2),
        changed(domain=["technology"]),
        changed(domain="technology, science_research"),
        changed(confidence=1.01),
        changed(confidence=-0.1),
        changed(confidence=95),
        changed(confidence="high"),
        changed(confidence=None),
        changed(tags=[]),
        changed(tags="us"),
        tagged(actors="Congress"),
        tagged(actors=[1, 2]),
        tagged(actors=["Congress"] * (LIST_MAX_PHRASES + 1)),
        tagged(topic_keywords=["x" * (PHRASE_MAX_CHARS + 1)]),
        tagged(geography_detail="x" * (PHRASE_MAX_CHARS + 1)),
        tagged(action_type={"is": "legislation"}),
    ],
)
def test_what_does_not_fit_is_refused(reply: Any) -> None:
    with pytest.raises(ValidationError):
        read(reply)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_confidence_is_a_number(number: str) -> None:
    with pytest.raises(ValidationError):
        ClassificationReply.model_validate_json(f'{{"domain": "technology", "confidence": {number}}}')


@pytest.mark.parametrize("written", ["Technology", " technology\n", "TECHNOLOGY"])
def test_capitals_and_spaces_around_a_domain_are_forgiven(written: str) -> None:
    assert read(changed(domain=written)).domain == Domain.TECHNOLOGY


@pytest.mark.parametrize(
    ("tags", "geography"),
    [
        ({"geography": "international"}, Geography.INTERNATIONAL),
        ({"geography": " Local "}, Geography.LOCAL),
        ({"geography": "europe"}, Geography.US),
        ({"geography": ""}, Geography.US),
        ({"geography": None}, Geography.US),
        ({"geography": 7}, Geography.US),
        ({"geography": ["us", "local"]}, Geography.US),
        ({}, Geography.US),
        (None, Geography.US),
    ],
)
def test_an_unknown_or_missing_geography_is_read_as_us(tags: Any, geography: Geography) -> None:
    assert read(changed(tags=tags)).tags.geography == geography


def test_lists_that_are_null_or_missing_are_empty() -> None:
    tags = read(changed(tags={"actors": None, "topic_keywords": None})).tags

    assert (tags.actors, tags.topic_keywords, tags.geography_detail, tags.action_type) == ([], [], "", "")


def test_what_databases_refuse_and_pages_hide_is_left_out() -> None:
    reply = read(tagged(actors=["A\0B", " two\n lines ", "\u202eevil", "Ğ 🙂 ß"], geography_detail="\0"))

    assert reply.tags.actors == ["A B", "two lines", "evil", "Ğ 🙂 ß"]
    assert reply.tags.geography_detail == ""


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.sampled_from([*Domain, *Geography]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
_TAGS = st.fixed_dictionaries(
    {}, optional={"geography": _JSON, "geography_detail": _JSON, "actors": _JSON, "topic_keywords": _JSON}
)


@given(st.fixed_dictionaries({}, optional={"domain": _JSON, "confidence": _JSON, "tags": _TAGS | _JSON}))
def test_whatever_comes_a_reply_that_counts_is_within_bounds(reply: Any) -> None:
    try:
        read = ClassificationReply.model_validate(reply)
    except ValidationError:
        return
    assert read.domain in tuple(Domain)
    assert 0.0 <= read.confidence <= 1.0
    assert read.tags.geography in tuple(Geography)
    for phrase in [*read.tags.actors, *read.tags.topic_keywords, read.tags.geography_detail]:
        assert len(phrase) <= PHRASE_MAX_CHARS
        assert phrase.isprintable()


def test_the_schema_that_is_sent_names_each_domain_and_geography() -> None:
    schema = json.dumps(strict_schema(ClassificationReply))

    assert all(f'"{word}"' in schema for word in [*Domain, *Geography])
    assert '"additionalProperties": false' in schema
    assert '"default"' not in schema
