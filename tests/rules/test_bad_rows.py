"""A rule that got past the admin's check: commands name it, in words and without a traceback."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from ntrl.rules.models import Rule

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("payload", [[], {"no such field": 1}])
@pytest.mark.parametrize(
    ("command", "rule_set"), [("classify", "keywords"), ("classify", "gazetteer"), ("neutralize", "lexicon")]
)
def test_a_command_names_the_bad_row(command: str, rule_set: str, payload: object) -> None:
    Rule.objects.create(rule_set=rule_set, key="broken/rule", payload=payload)

    with pytest.raises(CommandError, match=f"the rule {rule_set}: broken/rule: .* under Rules in the admin") as caught:
        call_command(command)

    assert caught.value.returncode == 1
