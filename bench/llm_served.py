"""The articles and the server of bench/llm.py, in a process of its own."""

import multiprocessing
import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from itertools import islice
from multiprocessing.connection import Connection

KEY = "sk-of-no-value"
# What an average article has.
BODY_CHARS = 4_800
# Of that length, give or take: a paragraph is not cut.
SLACK_CHARS = 200
WORDS = ["council", "bridge", "river", "report", "market", "storm", "vaccine", "court", "voted", "opened", "the", "in"]


class News(Enum):
    """Texts of the average length: of random words, or articles of which a model can make texts that pass the audit."""

    RANDOM = "random"
    GOOD = "good"


@contextmanager
def models(call_seconds: float, news: News, number: int) -> Iterator[tuple[str, list[str]]]:
    """A server that knows so many texts; gives OpenAI's address, and the texts. The environment gets all addresses."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=serve, args=(theirs, call_seconds, news, number), daemon=True)
    process.start()
    theirs.close()
    openai_url, gemini_url, bodies = ours.recv()
    os.environ.update(OPENAI_BASE_URL=openai_url, OPENAI_API_KEY=KEY, GEMINI_BASE_URL=gemini_url, GEMINI_API_KEY=KEY)
    try:
        yield openai_url, bodies
    finally:
        ours.send("end")
        process.join(10)


def serve(pipe: Connection, call_seconds: float, news: News, number: int) -> None:
    """Be the server, until the pipe closes. What it will say about the articles is made before."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(DJANGO_SETTINGS_MODULE="ntrl.settings", NTRL_DATA_DIR=folder)
        import django

        django.setup()
        from tests.support.llm_run import do_well
        from tests.support.llm_server import LLMServer

        bodies = articles(number) if news is News.GOOD else random_texts(number)
        with LLMServer() as server:
            do_well(server).latency_seconds = call_seconds
            pipe.send((server.openai_url, server.gemini_url, bodies))
            pipe.recv()


def random_texts(number: int) -> list[str]:
    """Texts of the average length, each with words of its own; nothing that an audit would like."""
    chance = random.Random(7)
    texts = []
    for _ in range(number):
        sentences: list[str] = []
        while sum(map(len, sentences)) < BODY_CHARS:
            sentences.append(" ".join(chance.choices(WORDS, k=14)).capitalize() + ". ")
        texts.append("".join(sentences))
    return texts


def articles(number: int) -> list[str]:
    """Put so many articles together from the newsroom's paragraphs; each has phrases to be edited at their places."""
    found = list(islice((body for body in _candidates() if _is_well_made(body)), number))
    if len(found) < number:
        raise RuntimeError(f"the newsroom's paragraphs make {len(found)} articles, not {number}")
    return found


def _candidates() -> Iterator[str]:
    """Yield texts of about the length, each beginning at another paragraph."""
    from ntrl.newsroom.articles import load_articles

    plain = [paragraph for article in load_articles() for paragraph in article.paragraphs if "<" not in paragraph]
    for start in range(len(plain)):
        body = ""
        for paragraph in plain[start:]:
            if len(body) + len(paragraph) > BODY_CHARS + SLACK_CHARS:
                break
            body = f"{body}\n\n{paragraph}".strip()
        if len(body) >= BODY_CHARS - SLACK_CHARS:
            yield body


def _is_well_made(body: str) -> bool:
    from neutralization.by_model.modes import choose_mode
    from neutralization.types import Mode
    from tests.support.llm_neutral import well_made

    made = well_made(body)
    is_guided = choose_mode(body, made.spans, made.spans) is Mode.SPAN_GUIDED
    return bool(made.spans) and is_guided and not made.problem and not made.failed_rules
