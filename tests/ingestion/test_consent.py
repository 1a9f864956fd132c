"""A cookie wall in place of an article, and articles that speak of cookies."""

import pytest

from ingestion.consent import is_consent_page
from ingestion.errors import ExtractionError
from ingestion.extraction import extract
from tests.support.fetching import PARAGRAPHS

WALL = (
    "We value your privacy",
    "When you use our sites and apps, we use cookies to provide them to you, authenticate users and prevent spam.",
    "If you click ‘Accept all’, we and our partners, including 237 who are part of the Transparency and Consent "
    "Framework, will also store and/or access information on a device and use precise location data.",
    "If you do not want us and our partners to use cookies for these purposes, click ‘Reject all’.",
    "You can change your choices at any time.",
)
ARTICLE = (
    "Regulators fined the search company 90 million euros on Thursday for making cookies easy to accept and hard to "
    "refuse, the largest penalty yet for a banner.",
    "The watchdog said that users of the site had needed several clicks to say no, and one to say yes. It gave the "
    "company three months to change its pages.",
    "“We use cookies like everybody else,” a spokesman said. “We will study the decision, then decide on an appeal.”",
    "Consent must be given freely, the authority’s chairwoman said, and a page that nags does not ask freely.",
)


def as_page(paragraphs: tuple[str, ...]) -> str:
    return f"<html><body><div>{''.join(f'<p>{text}</p>' for text in paragraphs)}</div></body></html>"


@pytest.mark.parametrize(
    ("paragraphs", "is_wall"),
    [
        pytest.param(WALL, True, id="a wall"),
        pytest.param(
            ("We use cookies to give you the best experience.", "Accept all cookies", "Cookie settings"),
            True,
            id="a short one",
        ),
        pytest.param(
            (
                "Before you continue",
                "If you choose to accept all, we will also use cookies and data to develop new services.",
                "Select more options to see details about managing your privacy settings.",
            ),
            True,
            id="another's words",
        ),
        pytest.param(ARTICLE, False, id="an article about cookies"),
        pytest.param(PARAGRAPHS, False, id="an article about something else"),
        pytest.param(
            ("The app changed its privacy policy.", "The new privacy policy lists nine partners.", "Users complained."),
            False,
            id="an article about a policy",
        ),
        pytest.param((*WALL, *ARTICLE, *PARAGRAPHS), False, id="an article under a banner"),
        pytest.param(WALL * 20, False, id="longer than walls are"),
        pytest.param(("By clicking her fingers she called the dog.",), False, id="nothing of cookies"),
        pytest.param((), False, id="nothing"),
        pytest.param(("",), False, id="an empty line"),
    ],
)
def test_what_is_a_wall(paragraphs: tuple[str, ...], is_wall: bool) -> None:
    assert is_consent_page(paragraphs) is is_wall


def test_a_page_that_is_a_wall_is_no_article() -> None:
    with pytest.raises(ExtractionError) as raised:
        extract(as_page(WALL), url="https://herald.example/a")

    assert raised.value.code == "consent_page"


def test_an_article_under_a_banner_is_read() -> None:
    assert ARTICLE[0] in extract(as_page((*ARTICLE, *PARAGRAPHS, *WALL[1:2])), url="https://herald.example/a").text
