"""Furniture: lines of the page that are not the article's, and lines that only look so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.furniture import PageLines, drop_furniture, trim_labels

NONE = PageLines()
PROSE = [
    "The council of the harbour town voted on Tuesday evening to repair the sea wall before the winter storms come.",
    "Engineers said that the work would take nine months, and that the promenade would stay open while they dig.",
    "“We have waited for ten years,” said Ann Lee, who keeps a shop at the quay. “One more winter is enough.”",
    "The money comes from the county, which had put it aside after the flood of 2014, and from a loan of the bank.",
    "Two of the eleven members voted against the plan, because they wanted a higher wall than the one proposed.",
    "Work begins in March, the town's clerk said, when the herring boats have left the inner harbour for the season.",
    "A first part of the wall, forty metres long, was repaired last year after a storm had torn stones out of it.",
    "The architects will show a model of the new promenade in the town hall, where it can be seen until the summer.",
    "The council meets again in two weeks, and will then decide on the fees for moorings in the outer harbour too.",
    "The last repair of the wall was in 1987.",
]
MIDDLE = 5

ANYWHERE = [
    "Advertisement",
    "ADVERTISEMENT",
    "Share",
    "Facebook Twitter WhatsApp Email",
    "Share | Tweet | Copy link",
    "Copy link",
    "23 comments",
    "Show all comments",
    "Story continues below advertisement",
    "Article continues below this advertisement",
    "Skip to main content",
    "Back to top",
    "Loading…",
    "3 of 12",
    "___",
    "Tap to unmute",
    "Read more: The harbour's long story",
    "READ MORE",
    "- Read more: The harbour's long story",
    "Related: Herring boats return",
    "Related stories",
    "See also: A map of the wall",
    "Watch: The storm of 2014",
    "Don’t miss: Ten piers to walk on",
    "You may also like:",
    "More from Harbour News",
    "More AP news: https://apnews.example/",
    "Sign up for our morning newsletter and never miss a story.",
    "Subscribe to the Harbour Letter, our weekly newsletter",
    "Get the day's top stories in your inbox every morning.",
    "To receive updates, sign up here for news alerts.",
    "Follow us on Twitter and Facebook.",
    "Follow Harbour News on Instagram",
    "Follow Ann Lee on Twitter: @annlee",
    "Join our commenting forum",
    "Download the Harbour News app for alerts wherever you are.",
    "Want to bookmark your favourite articles? Start your subscription today.",
    "Have a news tip? Write to us.",
    "Support independent journalism from one pound a week.",
    "We use cookies to improve your experience.",
    "This site uses cookies. By continuing you agree to our cookie policy.",
    "Accept all cookies",
    "© 2024 Harbour News Ltd.",
    "Copyright 2024 Harbour News. All rights reserved.",
    "Image credit: Harbour News",
    "(Image credit: NASA)",
    "Photo: Ann Lee",
    "PHOTOGRAPH: Ann Lee/Harbour News",
    "Picture: Reuters",
    "Fishermen mend nets at the quay on Monday. (AP Photo/Ann Lee)",
    "Fishermen mend nets at the quay on Monday. Ann Lee/Getty Images",
    "Tags: harbour, wall, council",
    "Filed under: Local",
    "« Back to front page",
    "Our Standards: The Trust Principles.",
]

KEPT_ANYWHERE = [
    "He said he would share the prize with his brother.",
    "More than 300 people came to the quay.",
    "- More expensive than the old wall",
    "- Watch for falling stones.",
    "Related costs of 4 million are not in the plan.",
    "Copyright law was changed in 1987, the court found.",
    "They also use cookies made of ginger at the feast.",
    "Photographs of the wall hang in the town hall.",
    "Follow the coast for two miles, the sign says.",
    "Subscribe or perish was the rule of the age.",
    "Popular as it was, the pier had to close.",
    "By the time the storm came, the boats were in.",
    "Yes.",
    "What now?",
    "A map of the harbour",
    "The picture is mixed: prices fell, and wages too.",
    "“Read more,” her teacher told her.",
    "The town updated its map in 2019.",
]


def around(line: str, at: int) -> list[str]:
    return [*PROSE[:at], line, *PROSE[at:]]


@pytest.mark.parametrize("line", ANYWHERE)
def test_furniture_goes_wherever_it_stands(line: str) -> None:
    for at in (0, MIDDLE, len(PROSE)):
        assert drop_furniture(around(line, at), NONE) == PROSE


@pytest.mark.parametrize("line", KEPT_ANYWHERE)
def test_prose_stays_wherever_it_stands(line: str) -> None:
    for at in (0, MIDDLE, len(PROSE)):
        assert drop_furniture(around(line, at), NONE) == around(line, at)


@pytest.mark.parametrize("line", ANYWHERE)
def test_long_paragraphs_are_prose(line: str) -> None:
    paragraph = f"{line} {' '.join(PROSE)}"
    assert drop_furniture([paragraph, *PROSE], NONE) == [paragraph, *PROSE]


@pytest.mark.parametrize(
    "line",
    [
        "By Ann Lee and Bo Ek",
        "Published 3 hours ago, updated 12:30",
        "Posted on 2 January 2024",
        "2 January 2024 at 12:30 GMT",
        "5:45 AM PST 11/19/2019 by Ann Lee",
        "4 min read",
        "2 hours ago",
        "Ann Lee is a senior reporter for Harbour News, covering the coast.",
    ],
)
def test_bylines_above_the_text_go(line: str) -> None:
    assert drop_furniture([line, *PROSE], NONE) == PROSE
    assert line in drop_furniture(around(line, MIDDLE + 1), NONE) or "reporter" in line


@pytest.mark.parametrize(
    "line",
    [
        "Ann Lee is a reporter at Harbour News. Follow her on Twitter @annlee.",
        "Email Ann Lee at ann@harbour.example or follow her @annlee.",
        "You can follow Ann Lee @annlee.",
        "Ann Lee can be reached at ann@harbour.example.",
        "Send tips to ann@harbour.example.",
        "Bo Ek contributed to this report.",
        "Bo Ek contributed reporting from Oslo.",
    ],
)
def test_lines_about_the_author_go_below_the_text(line: str) -> None:
    assert drop_furniture([*PROSE, line], NONE) == PROSE
    assert line in drop_furniture(around(line, 1), NONE)


TITLE = "Harbour town votes to repair its sea wall"


@pytest.mark.parametrize(
    ("headline", "line"),
    [
        (TITLE, TITLE),
        (TITLE, "HARBOUR TOWN VOTES TO REPAIR ITS SEA WALL"),
        (f"{TITLE} | Harbour News", TITLE),
        (f"Harbour News :: {TITLE}", TITLE),
        (TITLE.replace("its", "“its”"), TITLE),
    ],
)
def test_the_title_is_not_repeated(headline: str, line: str) -> None:
    page = PageLines(headlines=[headline])
    assert drop_furniture([line, *PROSE], page) == PROSE
    assert drop_furniture(["Local news", line, "A quay at dusk", *PROSE], page)[-len(PROSE) :] == PROSE


def test_a_caption_between_title_and_text_goes_and_no_heading_without_a_title() -> None:
    page = PageLines(headlines=[TITLE])
    assert drop_furniture([TITLE, "The sea wall in winter", *PROSE], page) == PROSE
    assert drop_furniture(["The sea wall in winter", *PROSE], page) == ["The sea wall in winter", *PROSE]


def test_captions_that_the_page_marks_go() -> None:
    caption = "The sea wall, seen from the lighthouse last winter."
    assert drop_furniture(around(caption.upper(), MIDDLE), PageLines(captions=[caption])) == PROSE


def test_lists_of_links_go_at_the_end_only() -> None:
    page = PageLines(links=["Ten piers to walk on"])
    assert drop_furniture([*PROSE, "- Ten piers to walk on"], page) == PROSE
    assert drop_furniture(around("- Ten piers to walk on", 1), page) == around("- Ten piers to walk on", 1)


def test_tags_under_their_heading_go() -> None:
    assert drop_furniture([*PROSE, "Tags", "harbour, wall, council"], NONE) == PROSE


def test_what_follows_a_last_heading_goes_unless_it_is_prose() -> None:
    teasers = [
        "More from Harbour News",
        "Ten piers to walk on",
        "A pier was saved by its town, and a town by its pier.",
    ]
    assert drop_furniture([*PROSE, *teasers], NONE) == PROSE
    prose = ["More from Harbour News", "x" * 500 + "."]
    assert drop_furniture([*PROSE, *prose], NONE) == [*PROSE, prose[1]]
    early = [*PROSE[:1], *teasers, *PROSE[1:]]
    assert drop_furniture(early, NONE) == [*PROSE[:1], *teasers[1:], *PROSE[1:]]
    box = [*PROSE[:6], *teasers[:2], *PROSE[6:]]
    assert drop_furniture(box, NONE) == [*PROSE[:6], teasers[1], *PROSE[6:]]


@pytest.mark.parametrize(
    ("paragraphs", "expected"),
    [
        (["Home", "News", "Sport", *PROSE], PROSE),
        ([*PROSE, "Poll of the week", "Do you walk?", "Often 22%", "Never 37%"], PROSE),
        (["Home", "News", *PROSE], ["Home", "News", *PROSE]),
        ([*PROSE, "What next?"], [*PROSE, "What next?"]),
        (["Home", "News", "Sport"], ["Home", "News", "Sport"]),
        ([], []),
    ],
)
def test_runs_of_labels_at_the_ends_go(paragraphs: list[str], expected: list[str]) -> None:
    assert trim_labels(paragraphs) == expected


_LINES = st.one_of(st.sampled_from([*ANYWHERE, *KEPT_ANYWHERE, *PROSE, TITLE]), st.text(max_size=500))


@given(st.lists(_LINES, max_size=20))
def test_what_stays_is_unchanged_and_in_order(paragraphs: list[str]) -> None:
    page = PageLines(headlines=[TITLE], captions=[PROSE[3]], links=[PROSE[4]])
    rest = iter(paragraphs)
    assert all(paragraph in rest for paragraph in drop_furniture(paragraphs, page))
    rest = iter(paragraphs)
    assert all(paragraph in rest for paragraph in trim_labels(paragraphs))


@pytest.mark.parametrize("part", ["share ", "x", "(", "photo ", "a ", "more ", "«", "2024 ", "1:1", "sign up ", "by "])
def test_hostile_lines_take_no_time(part: str) -> None:
    line = (part * 400)[:400]
    drop_furniture([line] * 2_000, PageLines(headlines=[line] * 3, captions=[line], links=[line]))
