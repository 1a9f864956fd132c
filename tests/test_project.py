"""What must be true of the project as a whole: settings explained, commands documented, dependencies locked."""

import re
import tomllib
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

import ntrl
from tests.conftest import ROOT

OUR_APPS = {"ingestion", "classification", "neutralization", "briefs", "narratives", "ntrl.llm", "ntrl.pipeline"}
OUR_COMMANDS = sorted(name for name, app in get_commands().items() if app in OUR_APPS)


def test_every_setting_stands_in_the_example() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', (ROOT / "ntrl/settings.py").read_text()))
    explained = set(re.findall(r"^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert read == explained
    assert len(read) > 10


@pytest.mark.parametrize("name", OUR_COMMANDS)
def test_every_command_is_explained(name: str) -> None:
    command = load_command_class(get_commands()[name], name)
    assert len(command.help) > 40
    parser = command.create_parser("manage.py", name)
    assert all(action.help for action in parser._actions)
    assert f"`{name}" in (ROOT / "README.md").read_text()


def test_the_lock_has_hashes_and_no_addresses() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "--index" not in lock
    assert "--find-links" not in lock
    packages = re.findall(r"^[a-z0-9].*==.*$", lock, re.MULTILINE)
    assert len(packages) > 40
    assert lock.count("--hash=sha256:") >= len(packages)


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = [re.split(r"[\[<>=]", requirement)[0] for requirement in wanted]
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert set(names) <= locked


def test_the_version_stands_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["version"] == ntrl.__version__


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:3]) for path in Path(ROOT / "docs/decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
# Files that a reader is sent to; what a run makes, or an example names, has no folder of ours in front.
_PATH = re.compile(r"`(?:python (?:-m )?)?((?:[a-z0-9_]+/)+[a-zA-Z0-9_-]+\.(?:py|md|toml|json|html|css|yml))`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    assert [path for path in _PATH.findall(document.read_text()) if not (ROOT / path).exists()] == []


def test_documents_name_files() -> None:
    assert sum(len(_PATH.findall(document.read_text())) for document in DOCUMENTS) > 20
