"""What stands in deploy/, compose.yaml, Dockerfile and docs/operations.md fits the project as it is."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from django.core.management import get_commands

from ntrl.pipeline import pulse
from ntrl.pipeline.alerts import ALERTS
from tests.conftest import ROOT

OPERATIONS = (ROOT / "docs/operations.md").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if service.get("image") == "ntrl"}
UNITS = sorted((ROOT / "deploy").glob("*.service"))
# Read by boto3, gunicorn and its configuration.
OTHERS_SETTINGS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "BIND", "WEB_CONCURRENCY"}


def known_settings() -> set[str]:
    return set(re.findall(r"^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)) | OTHERS_SETTINGS


def production_settings() -> dict[str, str]:
    block = re.search(r"```env\n(.*?)```", OPERATIONS, re.DOTALL)
    assert block is not None
    return dict(line.split("=", 1) for line in block[1].splitlines())


def test_the_documented_production_settings_are_known_and_safe(tmp_path: Path) -> None:
    settings = production_settings()
    assert set(settings) <= known_settings()
    here = {"NTRL_DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO"],
        cwd=ROOT,
        env={**settings, **here},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues (2 silenced)" in done.stdout


@pytest.mark.parametrize("code", ALERTS)
def test_the_runbook_has_every_alert(code: str) -> None:
    runbook = OPERATIONS.partition("### Runbook")[2].partition("\n## ")[0]
    rows = [line for line in runbook.splitlines() if line.startswith(f"| `{code}` |")]
    assert len(rows) == 1
    assert all(len(cell) > 10 for cell in rows[0].strip("| ").split(" | ")[1:])


@pytest.mark.parametrize("name", OURS)
def test_our_containers_know_their_settings_and_have_no_rights(name: str) -> None:
    service = OURS[name]
    assert set(service["environment"]) <= known_settings()
    assert [file["path"] for file in service["env_file"]] == [".env"], "so that every other setting gets through"
    assert (service["cap_drop"], service["read_only"], service["init"]) == (["ALL"], True, True)
    assert "user" not in service, "the image's"
    assert "privileged" not in service


def test_what_the_containers_set_themselves_is_what_they_bring_along() -> None:
    set_here = {name for name, value in OURS["web"]["environment"].items() if f"${{{name}:" not in str(value)}
    theirs = {"DATABASE_URL", "NTRL_BODIES_BUCKET", "NTRL_S3_ENDPOINT_URL", "NTRL_S3_REGION"}
    assert set_here == {*theirs, "NTRL_DATA_DIR", "NTRL_HTTPS", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    assert OURS["web"]["environment"]["NTRL_PROXIES"] == "${NTRL_PROXIES:-1}"


def test_a_worker_is_asked_for_its_main_process_sign_of_life() -> None:
    assert OURS["worker"]["healthcheck"]["test"] == ["CMD", "python", "-m", pulse.__name__]


def test_no_request_is_cut_off_by_the_change_of_a_process_and_the_longest_search_fits() -> None:
    settings: dict[str, Any] = {}
    exec((ROOT / "deploy/gunicorn.conf.py").read_text(), settings)
    assert settings["max_requests"] == 0
    assert settings["limit_request_line"] > len("/v1/search?q=") + 500 * len(quote("🙂"))


@pytest.mark.parametrize("name", [name for name in COMPOSE["services"] if name != "setup"])
def test_every_service_says_whether_it_is_well(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"


def test_nothing_is_open_to_the_world_and_no_secret_is_written_down() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:8000:8000"]
    for service in COMPOSE["services"].values():
        for setting, value in service.get("environment", {}).items():
            if re.search(r"KEY|PASSWORD|SECRET|WEBHOOK", setting):
                assert str(value).startswith("${"), setting


def test_what_the_containers_depend_on_is_there() -> None:
    for service in COMPOSE["services"].values():
        assert set(service.get("depends_on", {})) <= set(COMPOSE["services"])
        for volume in service.get("volumes", []):
            assert volume.partition(":")[0] in COMPOSE["volumes"]
        for config in service.get("configs", []):
            assert config["source"] in COMPOSE["configs"]


def test_the_image_has_the_whole_project_and_runs_as_nobody() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = {part for line in lines if line.startswith("COPY ") for part in line.split()[1:-1]}
    assert all((ROOT / part).exists() for part in copied)
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert packages | {"manage.py", "templates", "static", "deploy", "requirements.lock"} == copied
    users = [line for line in lines if line.startswith("USER ")]
    assert users == ["USER ntrl"]
    assert lines.index("USER ntrl") < next(at for at, line in enumerate(lines) if line.startswith("CMD"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_units_run_what_is_there_and_stop_politely(unit: Path) -> None:
    values = dict(line.split("=", 1) for line in unit.read_text().splitlines() if "=" in line and line[0] != "#")
    assert values["KillMode"] == "mixed"
    assert (values["User"], values["NoNewPrivileges"]) == ("ntrl", "true")
    assert unit.name in OPERATIONS


def commands_in(text: str) -> set[str]:
    return set(re.findall(r"manage\.py[\", ]+([a-z_]+)", text))


def test_every_command_that_is_named_exists() -> None:
    named = [commands_in(path.read_text()) for path in (ROOT / "compose.yaml", ROOT / "Dockerfile", *UNITS)]
    named.append(commands_in(OPERATIONS))
    found = set().union(*named)
    assert {"qcluster", "migrate", "setup_storage", "setup_schedules"} <= found
    assert found <= {*get_commands()}


@pytest.mark.parametrize("as_json", ["json", "text"])
def test_gunicorn_takes_its_configuration(as_json: str, tmp_path: Path) -> None:
    environment = {**os.environ, "NTRL_LOG_FORMAT": as_json, "NTRL_DATA_DIR": str(tmp_path)}
    command = [Path(sys.executable).parent / "gunicorn", "--check-config", "--config", "deploy/gunicorn.conf.py"]
    done = subprocess.run([*command, "ntrl.wsgi"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_probe_says_by_its_exit_status_whether_it_got_an_answer() -> None:
    done = subprocess.run(
        [sys.executable, "deploy/probe.py", "http://127.0.0.1:1/livez"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "127.0.0.1:1" in done.stderr
