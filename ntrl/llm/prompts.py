"""Prompts as files beside their stage, `prompts/<operation>.md`: the only source of truth, with a version each.

A file has a part `# System`, the same for every call, and a part `# User` with places such as `{{ article }}`. What
comes from outside stands between <article> and </article> there, and can't end that by itself. A family of prompts has
its one system part in `prompts/system.md`, and its files the user part alone.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ntrl.llm.types import Prompt

# Enough of the file's hash to tell all its versions apart.
VERSION_CHARS = 12
SHARED_SYSTEM = "system.md"
_PARTS = re.compile(r"\A# System\n(?P<system>.*?)^# User\n(?P<user>.*)\Z", re.DOTALL | re.MULTILINE)
_PLACE = re.compile(r"\{\{ (\w+) \}\}")
_DATA = re.compile(r"<article>.*?</article>", re.DOTALL)
# White space and characters without width: a model reads over them.
_UNSEEN = r"[\s\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*+"
_TAG = re.compile(rf"[<＜‹〈](?={_UNSEEN}/?+{_UNSEEN}article)", re.IGNORECASE)


class PromptFileError(Exception):
    """A prompt file can't be used; says which and why."""


@dataclass(frozen=True, slots=True)
class PromptFile:
    """A prompt with places to be filled."""

    name: str
    version: str
    system: str
    user: str

    @property
    def places(self) -> frozenset[str]:
        """The names to give to `fill`."""
        return frozenset(_PLACE.findall(self.user))

    def fill(self, **values: str) -> Prompt:
        """Put values into their places; one is needed for each, and no other."""
        if values.keys() != self.places:
            raise TypeError(f"the prompt {self.name} takes {sorted(self.places)}, not {sorted(values)}")
        user = _PLACE.sub(lambda place: as_data(values[place[1]]), self.user)
        return Prompt(self.name, self.version, self.system, user)


def as_data(text: str) -> str:
    """Return a text from outside so that it can be sent, and can't open or close the place that it stands in."""
    return _TAG.sub("(", text).encode(errors="replace").decode()


@lru_cache
def load_prompts(folder: Path) -> Mapping[str, PromptFile]:
    """Read a folder's prompts by name.

    Raises:
        PromptFileError: a file lacks a part, or has a place for an article outside the tags.
    """
    shared = folder / SHARED_SYSTEM
    head = f"# System\n{shared.read_text(encoding='utf-8')}\n" if shared.exists() else ""
    return {path.stem: _read(path, head) for path in sorted(folder.glob("*.md")) if path != shared}


def _read(path: Path, head: str) -> PromptFile:
    text = path.read_text(encoding="utf-8")
    if head and not text.startswith("# User\n"):
        raise PromptFileError(f"{path}: begins with a line '# User', since {SHARED_SYSTEM} has the system part")
    text = head + text
    parts = _PARTS.match(text)
    if parts is None:
        raise PromptFileError(f"{path}: needs a line '# System' at the top, and a line '# User'")
    system, user = parts["system"].strip(), parts["user"].strip()
    if _PLACE.search(system):
        raise PromptFileError(f"{path}: the system part is the same for every call and has no places")
    if "article" in _PLACE.findall(_DATA.sub("", user)):
        raise PromptFileError(f"{path}: {{{{ article }}}} must stand between <article> and </article>")
    version = hashlib.sha256(text.encode()).hexdigest()[:VERSION_CHARS]
    return PromptFile(path.stem, version, system, user)
