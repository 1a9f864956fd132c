"""Lists of feeds as OPML 2.0, the format in which feed readers exchange them: read with care, and written.

A file comes from anywhere: it is read by an event parser that refuses entities, so that nothing in it grows. What OPML
has no word for (slug, rank, home country) stands in attributes of our own namespace, which other readers pass over.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from xml.etree import ElementTree
from xml.parsers import expat

# The largest lists that people share hold some thousand feeds in 1 MB.
OPML_MAX_BYTES = 5_000_000

# Each new feed is checked and written by itself, all in one transaction: 5,000 hold the database for half a minute.
OPML_MAX_FEEDS = 5_000

NAMESPACE = "https://ntrl.example/ns/opml"
_PREFIX = "ntrl"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

# What XML 1.0 has no way to write.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class OpmlError(ValueError):
    """A file that is no list of feeds; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed of a list, as it is written there.

    Attributes:
        text: its title, "" for none.
        xml_url: the feed's address, "" for none.
        html_url: the site's address, "" for none.
        category: its own category, else the name of the folder that holds it, else "".
        own: the values of our attributes, by their names: `slug`, `priority`, `home-country`, …, in lower case.
    """

    text: str
    xml_url: str
    html_url: str = ""
    category: str = ""
    own: Mapping[str, str] = field(default_factory=dict)


def parse_opml(document: bytes) -> list[Outline]:
    """Read the feeds of a list, in its order, from folders of any depth.

    Args:
        document: the file as it is; its character set is the one it declares, or UTF-8.

    Returns:
        Each outline that has a feed's address, or says that it is a feed. Nothing is checked but the XML.

    Raises:
        OpmlError: too large, too many feeds, not well-formed, not OPML, or with entities of its own.
    """
    if len(document) > OPML_MAX_BYTES:
        raise OpmlError(f"larger than {OPML_MAX_BYTES:,} bytes")
    if not document.strip():
        raise OpmlError("the file is empty")
    reader = _Reader()
    try:
        reader.parser.Parse(document, True)
    except expat.ExpatError as error:
        where = f"line {error.lineno}, column {error.offset + 1}"
        raise OpmlError(f"not well-formed XML ({expat.errors.messages[error.code]}, {where})") from error
    except OpmlError:
        raise
    except (LookupError, ValueError) as error:
        raise OpmlError(f"its character set cannot be read: {error}") from error
    if len(reader.found) > OPML_MAX_FEEDS:
        raise OpmlError(f"{len(reader.found):,} feeds are more than {OPML_MAX_FEEDS:,}; split the list")
    return reader.found


class _Reader:
    """Collects outlines as the parser meets them."""

    def __init__(self) -> None:
        self.found: list[Outline] = []
        # The named folder that each open outline stands in or is, the innermost last.
        self._folders = [""]
        self._has_root = False
        # Without namespaces: lists in the wild use prefixes that they do not declare.
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.EntityDeclHandler = self._refuse_entity

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._has_root and name.lower() != "opml":
            raise OpmlError(f"not OPML: the document is <{name[:40]}>")
        self._has_root = True
        if name.lower() != "outline":
            return
        said = {key.lower(): " ".join(value.split()) for key, value in attributes.items()}
        text = said.get("text") or said.get("title", "")
        if said.get("xmlurl") or said.get("type", "").lower() in ("rss", "atom"):
            own = {key.partition(":")[2]: value for key, value in said.items() if key.startswith(f"{_PREFIX}:")}
            category = _first_category(said.get("category", "")) or self._folders[-1]
            self.found.append(Outline(text, said.get("xmlurl", ""), said.get("htmlurl", ""), category, own))
        self._folders.append(text or self._folders[-1])

    def _end(self, name: str) -> None:
        if name.lower() == "outline":
            self._folders.pop()

    def _refuse_entity(self, name: str, *_: object) -> NoReturn:
        raise OpmlError(f"it declares an entity ({name[:40]}); such files are not read")


def _first_category(written: str) -> str:
    """Return the last word of the first path: OPML writes "/News/World,/Europe"."""
    return written.partition(",")[0].strip("/ ").rpartition("/")[2]


def write_opml(outlines: Iterable[Outline], *, title: str) -> str:
    """Return a document that `parse_opml` reads back as the same outlines."""
    root = ElementTree.Element("opml", {"version": "2.0", f"xmlns:{_PREFIX}": NAMESPACE})
    ElementTree.SubElement(ElementTree.SubElement(root, "head"), "title").text = title
    body = ElementTree.SubElement(root, "body")
    for outline in outlines:
        attributes = {
            "type": "rss",
            "text": outline.text,
            "xmlUrl": outline.xml_url,
            "htmlUrl": outline.html_url,
            "category": outline.category,
            **{f"{_PREFIX}:{name}": value for name, value in outline.own.items()},
        }
        ElementTree.SubElement(
            body, "outline", {name: _UNWRITABLE.sub("", value) for name, value in attributes.items() if value}
        )
    ElementTree.indent(root)
    return _DECLARATION + ElementTree.tostring(root, encoding="unicode") + "\n"
