"""Who has no key pays nothing for the models, in time or memory."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

CODE = """
import sys, django
django.setup()
from django.core.checks import run_checks
from ntrl.llm.gateway import open_gateway
run_checks()
open_gateway("t" * 32)
print(sorted({"openai", "anthropic", "genai_prices"} & set(sys.modules)))
"""


def loaded(**settings: str) -> str:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "ntrl.settings", **settings}
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_without_a_key_nothing_is_loaded() -> None:
    assert loaded(OPENAI_API_KEY="", GEMINI_API_KEY="", ANTHROPIC_API_KEY="") == "[]"


def test_with_a_key_an_sdk_waits_for_the_first_call() -> None:
    assert loaded(OPENAI_API_KEY="sk-x") == "['genai_prices']"


def test_a_key_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-x\n")
    environment = {name: value for name, value in os.environ.items() if name != "GEMINI_API_KEY"}
    code = (
        "import django; django.setup(); from django.conf import settings;"
        "print([c.api_key for c in settings.LLM_PROVIDERS.values() if c.is_set_up])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "ntrl.settings", "GEMINI_API_KEY_FILE": str(tmp_path / "key")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "['sk-x']"
