"""Settings that can't be used are refused with their name, without a traceback; checks say what is unsafe."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from pytest_django.fixtures import Settings

from tests.conftest import ROOT


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://someone:s3cret@host/name"),
        ("FACTS_DATABASE_URL", "mysql://someone:s3cret@host/name"),
        ("NTRL_FETCH_ALLOW_NETWORKS", "10.0.0.0/8,abc"),
        ("NTRL_DATA_DIR", "/proc/nowhere"),
        ("NTRL_DEBUG", "maybe"),
        ("NTRL_LOG_FORMAT", "xml"),
        ("NTRL_LOG_LEVEL", "LOUD"),
        ("NTRL_FETCH_PER_HOST", "0"),
    ],
)
def test_a_bad_setting_is_named(name: str, value: str) -> None:
    refused = start(**{name: value})
    assert refused.returncode != 0
    assert name in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "s3cret" not in refused.stderr


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("short")
    warned = start(ADMIN_API_KEY_FILE=str(tmp_path / "key"))
    assert warned.returncode == 0
    assert "ntrl.W001" in warned.stderr


@pytest.mark.parametrize(
    ("name", "value", "check_id"),
    [
        ("NTRL_DATA_DIR", Path("/nowhere"), "ntrl.E001"),
        ("STORAGES", {"bodies": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}, "ntrl.E002"),
        ("ADMIN_API_KEY", "short", "ntrl.W001"),
        ("NTRL_FETCH_ALLOW_NETWORKS", ["127.0.0.0/8"], "ntrl.W002"),
        ("NTRL_FETCH_CONTACT_URL", "https://ntrl.example/bot", "ntrl.W003"),
        ("REST_FRAMEWORK", {"NUM_PROXIES": 0}, "ntrl.W009"),
        ("NTRL_ALERT_EMAILS", ["desk@paper.example"], "ntrl.W010"),
    ],
)
def test_each_check_fires(settings: Settings, name: str, value: object, check_id: str) -> None:
    settings.NTRL_HTTPS = True
    setattr(settings, name, value)
    found = {message.id for message in run_checks(include_deployment_checks=True)}
    assert check_id in found
