"""Documents damaged in the ways that documents are: seeded, so that a failure can be had again."""

import random
import re
from collections.abc import Callable, Iterator, Sequence

Mutation = Callable[[bytes, random.Random], bytes]

# What one mutation may grow a document to.
MAX_BYTES = 100_000

CONTENT_TYPES = (
    "",
    "text/html",
    "text/xml; charset=utf-16",
    "application/rss+xml; charset=iso-8859-1",
    "text/html; charset=shift_jis",
    "application/atom+xml; charset=utf-32",
    "text/html; charset=rot13",
    "text/html; charset=utf-7",
    "image/png",
    "text/html; charset=" + "x" * 300,
)
_ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "utf-7", "cp1252", "latin-1", "cp437", "shift_jis", "utf-8-sig")
_TAG = re.compile(rb"<[^<>]{1,200}>")
_NUMBER = re.compile(rb"\d+")
_DECLARED = re.compile(rb"(encoding|charset)\s*=\s*[\"']?[\w-]+")
_ODD = (b"\x00", b"\xff\xfe", b"]]>", b"<![CDATA[", b"<!--", b"&#0;", b"&#x110000;", b"&bogus;", b"&", b"<", b">")
_ODD += (b"\xed\xa0\x80", b"\xf0\x9f", b"<!DOCTYPE x [<!ENTITY y 'z'>]>", b"<?xml version='1.0'?>", b"</channel>", b'"')
_ODD += (b"\xe2\x80\xae", b"javascript:alert(1)", b"http://[::1", b"http://a:99999999/", b"%00", b"\r\n\r\n")


def flip(document: bytes, chance: random.Random) -> bytes:
    """Change single bytes."""
    changed = bytearray(document)
    for _ in range(chance.randint(1, 40)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def cut(document: bytes, chance: random.Random) -> bytes:
    """Take a piece out, or end early."""
    start, end = sorted(chance.sample(range(len(document) + 1), 2))
    return document[:start] if chance.random() < 0.5 else document[:start] + document[end:]


def double(document: bytes, chance: random.Random) -> bytes:
    """Say a piece several times."""
    start, end = sorted(chance.sample(range(len(document) + 1), 2))
    times = min(chance.randint(2, 50), 1 + MAX_BYTES // (end - start))
    return document[:start] + document[start:end] * times + document[end:]


def swap(document: bytes, chance: random.Random) -> bytes:
    """Exchange tags."""
    tags = [found.span() for found in _TAG.finditer(document)]
    for _ in range(min(chance.randint(1, 10), len(tags) // 2)):
        (a, b), (c, d) = sorted(chance.sample(tags, 2))
        if d - c == b - a or chance.random() < 0.3:
            document = document[:a] + document[c:d] + document[b:c] + document[a:b] + document[d:]
            tags = [found.span() for found in _TAG.finditer(document)]
    return _drop_a_tag(document, chance)


def _drop_a_tag(document: bytes, chance: random.Random) -> bytes:
    tags = [found.span() for found in _TAG.finditer(document)]
    start, end = chance.choice(tags) if tags else (0, 0)
    return document[:start] + document[end:]


def lie(document: bytes, chance: random.Random) -> bytes:
    """Declare one encoding and use another."""
    if chance.random() < 0.5:
        name = chance.choice(_ENCODINGS).encode()
        return _DECLARED.sub(lambda found: found[1] + b'="' + name + b'"', document)
    return document.decode("utf-8", "replace").encode(chance.choice(_ENCODINGS), "replace")


def enlarge(document: bytes, chance: random.Random) -> bytes:
    """Make numbers huge: dates, lengths, entities."""
    digits = chance.choice((b"9" * 20, b"-1", b"0", b"9" * 5_000, b"1e999", b"00000099999", b"2147483648"))
    every = chance.randint(1, 12)
    count = iter(range(1, 1_000_000))
    return _NUMBER.sub(lambda found: digits if next(count) % every == 0 else found[0], document, count=200)


def insert(document: bytes, chance: random.Random) -> bytes:
    """Put in what parsers stumble over."""
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(document) + 1)
        document = document[:at] + chance.choice(_ODD) * chance.choice((1, 1, 1, 40)) + document[at:]
    return document


MUTATIONS: tuple[Mutation, ...] = (flip, cut, double, swap, lie, enlarge, insert)


def mutated(documents: Sequence[bytes], count: int, seed: int) -> Iterator[tuple[str, bytes, str]]:
    """Yield (what was done, the document, its content type), `count` times: one or two mutations of one document."""
    chance = random.Random(seed)
    for number in range(count):
        at = number % len(documents)
        document = documents[at]
        done = [str(at)]
        for mutate in chance.sample(MUTATIONS, chance.choice((1, 1, 2))):
            if len(document) > 1:
                document = mutate(document, chance)[:MAX_BYTES]
                done.append(mutate.__name__)
        yield " ".join(done), document, chance.choice(CONTENT_TYPES)
