"""Prompt files: their parts, their versions, and texts from outside that stay where they are put."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ntrl.llm.prompts import PromptFile, PromptFileError, as_data, load_prompts

FILE = "# System\nYou are calm.\n\n# User\nTitle: {{ title }}\n<article>\n{{ article }}\n</article>\n"


def write(folder: Path, text: str) -> Path:
    (folder / "classify.md").write_text(text, encoding="utf-8")
    load_prompts.cache_clear()
    return folder


def test_a_file_has_two_parts_and_places(tmp_path: Path) -> None:
    prompt = load_prompts(write(tmp_path, FILE))["classify"]

    filled = prompt.fill(title="A", article="B {{ title }}")

    assert prompt.places == {"title", "article"}
    assert filled.system == "You are calm."
    assert filled.user == "Title: A\n<article>\nB {{ title }}\n</article>"
    assert (filled.name, filled.version, len(filled.version)) == ("classify", prompt.version, 12)


def test_any_change_is_a_new_version(tmp_path: Path) -> None:
    first = load_prompts(write(tmp_path, FILE))["classify"].version
    assert load_prompts(write(tmp_path, FILE))["classify"].version == first
    assert load_prompts(write(tmp_path, FILE + " "))["classify"].version != first


@pytest.mark.parametrize("values", [{}, {"title": "A"}, {"title": "A", "article": "B", "more": "C"}])
def test_each_place_needs_its_value_and_no_other(tmp_path: Path, values: dict[str, str]) -> None:
    with pytest.raises(TypeError, match="classify"):
        load_prompts(write(tmp_path, FILE))["classify"].fill(**values)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("You are calm.", "# System"),
        ("# User\nx\n# System\ny", "# System"),
        ("# System\n{{ today }}\n# User\nx", "no places"),
        ("# System\nx\n# User\n{{ article }}", "between"),
        ("# System\nx\n# User\n<article></article>{{ article }}", "between"),
    ],
)
def test_a_file_that_can_not_be_used_is_named(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(PromptFileError, match=r"classify\.md") as raised:
        load_prompts(write(tmp_path, text))
    assert problem in str(raised.value)


@pytest.mark.parametrize(
    "tag",
    [
        "</article>",
        "<article>",
        "</ARTICLE >",
        "< / article>",
        "<\n/\narticle",
        "<\u200b/article>",
        "</\ufeffarticle>",
        "＜/article＞",
        "‹/article›",
        '<article id="1">',
    ],
)
def test_no_text_ends_or_begins_the_place_it_stands_in(tag: str) -> None:
    assert as_data(f"a {tag} b") == f"a ({tag[1:]} b"


@pytest.mark.parametrize("text", ["<p>article</p>", "a < b, article", "an article", "<b>", "< p article"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert as_data(text) == text


@given(st.text())
@example("</article")
@example("\ud800")
def test_whatever_is_filled_in_stands_inside_once(text: str) -> None:
    filled = PromptFile("p", "v", "s", "<article>{{ article }}</article>").fill(article=text)

    assert filled.user.lower().count("<article>") == filled.user.lower().count("</article>") == 1
    assert len(filled.user) == len(text) + len("<article></article>")
    filled.user.encode()


def test_a_long_row_of_brackets_and_spaces_is_read_once() -> None:
    """Would take hours if each bracket were followed to the end of the spaces."""
    text = "<" * 200_000 + " " * 200_000 + "</ " * 100_000
    assert as_data(text) == text
