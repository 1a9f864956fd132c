"""Rules: shipped files, editors' rows over them, one hash a set."""

from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from ntrl.rules import registry
from ntrl.rules.loader import RuleFileError, RuleSet, hash_of, load_rules, shipped_entries
from ntrl.rules.models import Rule

FILE = """
[plain]
weight = 1

[group.first]
weight = 2
forms = ["one", "two"]

[group.second]

[group.deeper.third]
weight = 3
"""
SHIPPED = {
    "group/deeper/third": {"weight": 3},
    "group/first": {"weight": 2, "forms": ["one", "two"]},
    "group/second": {},
    "plain": {"weight": 1},
}


def register(path: Path, text: str = FILE, name: str = "test") -> None:
    path.write_text(text, encoding="utf-8")
    registry.register_rules(name, path, dict)


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Rule sets of this test only; one is there."""
    monkeypatch.setattr(registry, "_sources", {})
    register(tmp_path / "test.toml")


def load() -> RuleSet:
    return load_rules("test")


def add_row(key: str, **fields: Any) -> None:
    Rule.objects.create(rule_set="test", key=key, **fields)


@pytest.mark.django_db
def test_groups_prefix_the_keys_of_their_entries() -> None:
    assert load().entries == SHIPPED
    assert list(load().entries) == sorted(SHIPPED)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "fields", "expected"),
    [
        pytest.param("plain", {"payload": {"weight": 9}}, {**SHIPPED, "plain": {"weight": 9}}, id="overridden"),
        pytest.param("plain", {"payload": {}}, SHIPPED, id="an empty row keeps the shipped fields"),
        pytest.param("new", {"payload": {"weight": 4}}, {**SHIPPED, "new": {"weight": 4}}, id="added"),
        pytest.param("new", {"payload": {}}, {**SHIPPED, "new": {}}, id="added without fields"),
        pytest.param("new", {"is_enabled": False}, SHIPPED, id="added and off"),
        pytest.param(
            "group/first",
            {"is_enabled": False, "payload": {"weight": 1}},
            {key: value for key, value in SHIPPED.items() if key != "group/first"},
            id="switched off",
        ),
    ],
)
def test_a_row_adds_overrides_or_switches_off(key: str, fields: dict[str, Any], expected: dict[str, Any]) -> None:
    before = load().hash

    add_row(key, **fields)

    assert load().entries == expected
    assert (load().hash == before) is (expected == SHIPPED)


@pytest.mark.django_db
def test_rows_of_other_sets_change_nothing() -> None:
    Rule.objects.create(rule_set="other", key="plain", is_enabled=False)

    assert load().entries == SHIPPED


@pytest.mark.django_db
def test_a_row_leaves_what_was_shipped_as_it_was() -> None:
    add_row("plain", payload={"weight": 9})
    load()
    Rule.objects.all().delete()

    assert load().entries == SHIPPED


@pytest.mark.django_db
def test_one_query_loads_a_set(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(30):
        add_row(f"new/{number}", payload={"weight": 1})

    with django_assert_num_queries(1):
        load()


@pytest.mark.django_db
def test_the_same_rules_have_the_same_hash_wherever_and_in_whatever_order_they_stand(tmp_path: Path) -> None:
    register(tmp_path / "turned.toml", "[b]\ny = 1\nx = 2\n[a]\n", "turned")
    register(tmp_path / "straight.toml", "[a]\n[b]\nx = 2\ny = 1\n", "straight")
    register(tmp_path / "less.toml", "[b]\nx = 2\n", "less")
    Rule.objects.create(rule_set="less", key="b", payload={"y": 1, "x": 2})
    Rule.objects.create(rule_set="less", key="a")

    hashes = {load_rules(name).hash for name in ("turned", "straight", "less")}

    assert hashes == {hash_of({"a": {}, "b": {"x": 2, "y": 1}})}
    assert len(hashes.pop()) == 64


@pytest.mark.parametrize(
    "other",
    [
        {"a": {"x": 2}},
        {"a": {"x": "1"}},
        {"a": {"x": True}},
        {"a": {"y": 1}},
        {"b": {"x": 1}},
        {"a": {"x": 1}, "b": {}},
        {"a": {"x": [1]}},
        {},
    ],
)
def test_any_change_changes_the_hash(other: dict[str, Any]) -> None:
    assert hash_of({"a": {"x": 1}}) != hash_of(other)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"[a\n", "bad.toml", id="no TOML"),
        pytest.param(b"[a]\nx = 1\nx = 2\n", "bad.toml", id="a field twice"),
        pytest.param(b"version = 3\n[a]\n", "'version' is not a table", id="a value outside any table"),
        pytest.param(b'a = ["x"]\n', "'a' is not a table", id="a list outside any table"),
        pytest.param(b'[a]\nx = "\xff"\n', "bad.toml", id="not UTF-8"),
        pytest.param(b"[a]\nday = 2026-03-01\n", "'a'", id="a date"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)

    with pytest.raises(RuleFileError, match=says) as caught:
        shipped_entries(path)

    assert "bad.toml" in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError, match="absent"):
        shipped_entries(tmp_path / "absent.toml")


@pytest.mark.django_db
@pytest.mark.parametrize("payload", [["a"], "text", 3, True])
def test_an_editors_row_that_holds_no_fields_is_named(payload: object) -> None:
    add_row("odd/one", payload=payload)

    with pytest.raises(RuleFileError, match="odd/one"):
        load()


@pytest.mark.django_db
@pytest.mark.parametrize("error", [ValueError("odd/one: weight must be a number"), OverflowError("odd/one")])
def test_a_row_that_the_sets_check_refuses_is_named(tmp_path: Path, error: Exception) -> None:
    def check(entries: registry.Entries) -> None:
        if "odd/one" in entries:
            raise error

    registry.register_rules("test", tmp_path / "test.toml", check)
    add_row("odd/one", payload={"weight": "x"})

    with pytest.raises(RuleFileError, match="test: odd/one"):
        load()

    Rule.objects.update(is_enabled=False)
    assert load().entries == SHIPPED


@pytest.mark.django_db
def test_a_set_that_nobody_registered_is_unknown() -> None:
    with pytest.raises(KeyError, match="nobody"):
        load_rules("nobody")
