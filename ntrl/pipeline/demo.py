"""The demo: the whole pipeline on the sample newsroom, in a folder of its own that is made anew each time."""

import secrets
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command

from ingestion.sources import load_sources
from ntrl.newsroom import Newsroom
from ntrl.pipeline.models import Trigger
from ntrl.pipeline.services import PipelineOptions, PipelineResult, run_pipeline
from ntrl.stages.progress import ProgressSink
from ntrl.stages.runner import RunOptions

DEMO_DIR = settings.BASE_DIR / "var" / "demo"
# The newsroom's addresses; the fetcher refuses loopback unless it is told otherwise.
DEMO_NETWORK = "127.0.0.0/8"
# The whole newsroom in one run, where a scheduled run takes 25.
DEMO_NEUTRALIZE_LIMIT = 100
EDITOR_NAME = "editor"


class DemoRefused(Exception):
    """The demo may not run here; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class DemoEditor:
    """How to sign in to the demo's admin."""

    username: str
    password: str


def demo_environment() -> dict[str, str]:
    """The settings that a process needs to work on the demo's data, and on nobody's bucket."""
    return {
        "NTRL_DATA_DIR": str(DEMO_DIR),
        "NTRL_FETCH_ALLOW_NETWORKS": DEMO_NETWORK,
        "NTRL_BODIES_BUCKET": "",
        "NTRL_S3_ENDPOINT_URL": "",
    }


def is_demo_process() -> bool:
    """True when this process works on the demo's data."""
    return Path(settings.NTRL_DATA_DIR) == DEMO_DIR


def refuse_foreign_database() -> None:
    """Keep the demo away from anybody's real database.

    Raises:
        DemoRefused: DATABASE_URL is set.
    """
    if settings.DATABASE_URL:
        raise DemoRefused(
            "DATABASE_URL is set, and the demo would write invented news into that database. "
            "Unset it (the demo keeps its own in var/demo), then try again."
        )


def run_demo(*, now: datetime, run_options: RunOptions, progress: ProgressSink | None) -> PipelineResult:
    """Clear the demo's folder, open the newsroom, and run the whole pipeline on it.

    Raises:
        DemoRefused: DATABASE_URL is set.
        NewsroomError: one of the newsroom's addresses is in use.
    """
    refuse_foreign_database()
    with Newsroom(now) as newsroom:
        _clear()
        call_command("migrate", verbosity=0)
        load_sources(newsroom.sources())
        return run_pipeline(
            trigger=Trigger.MANUAL,
            options=PipelineOptions(neutralize_limit=DEMO_NEUTRALIZE_LIMIT),
            run_options=run_options,
            progress=progress,
        )


def make_demo_editor() -> DemoEditor:
    """Make the demo's editor, or give the one that is there a new password.

    Raises:
        DemoRefused: DATABASE_URL is set.
    """
    refuse_foreign_database()
    password = secrets.token_urlsafe(9)
    editor, _ = get_user_model().objects.get_or_create(
        username=EDITOR_NAME, defaults={"is_staff": True, "is_superuser": True}
    )
    editor.set_password(password)
    editor.save()
    return DemoEditor(EDITOR_NAME, password)


def _clear() -> None:
    """Remove what an earlier demo made: nothing but its own database and bodies."""
    for database in DEMO_DIR.glob("ntrl.sqlite3*"):
        database.unlink()
    shutil.rmtree(DEMO_DIR / "bodies", ignore_errors=True)
