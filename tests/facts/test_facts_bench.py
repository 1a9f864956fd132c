"""The bench of facts touches nothing but what it has made itself."""

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from bench import facts as bench
from narratives.facts.tables import facts_alias


@pytest.mark.parametrize("name", ["FACTS_DATABASE_URL", "QDRANT_URL", "QDRANT_API_KEY", "OPENAI_API_KEY"])
def test_nothing_of_the_operators_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "postgres://operator.example/facts")
    made = bench.own_environment("/a/folder")
    assert made[name] == made[f"{name}_FILE"] == made["DATABASE_URL_FILE"] == ""
    assert made["DATABASE_URL"].startswith("sqlite:////a/folder")


def test_it_stops_before_facts_that_are_not_its_own(settings: Settings) -> None:
    bench.require_own_facts()
    with pytest.warns(UserWarning, match="DATABASES"):
        settings.DATABASES = {**settings.DATABASES, "facts": {"ENGINE": "django.db.backends.sqlite3", "NAME": "theirs"}}
    assert facts_alias() == "facts"
    with pytest.raises(SystemExit, match="touches no others"):
        bench.require_own_facts()


def test_it_deletes_no_facts_but_those_of_its_own_database() -> None:
    lines = Path(bench.__file__).read_text().splitlines()
    assert all("using(OWN)" in line for line in lines if "UserFactRelationship.objects" in line)
