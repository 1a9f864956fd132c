"""The demo: the whole pipeline on the sample newsroom, in a folder of its own that is made anew each time."""

import os
import secrets
import shutil
import sys
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command

from ingestion.sources import load_sources
from narratives.facts.services import enrich_once
from ntrl.newsroom import Newsroom
from ntrl.pipeline.demo_narratives import ToldNarratives, tell_narratives
from ntrl.pipeline.models import Trigger
from ntrl.pipeline.services import PipelineOptions, PipelineResult, run_pipeline
from ntrl.stages.progress import ProgressSink
from ntrl.stages.records import new_trace_id
from ntrl.stages.runner import RunOptions

DEMO_DIR = (settings.BASE_DIR / "var" / "demo").resolve()
# The newsroom's addresses; the fetcher refuses loopback unless it is told otherwise.
DEMO_NETWORK = "127.0.0.0/8"
# The whole newsroom in one run, where a scheduled run takes 25.
DEMO_NEUTRALIZE_LIMIT = 100
EDITOR_NAME = "editor"
# Settings of a real installation that would cost money or write to people.
NOT_IN_THE_DEMO = (
    *("NTRL_BODIES_BUCKET", "NTRL_S3_ENDPOINT_URL", "MONGODB_URI"),
    *("OPENAI_API_KEY", "GEMINI_API_KEY", "ANTHROPIC_API_KEY", "LOCAL_LLM_BASE_URL"),
    *("NTRL_ALERT_EMAILS", "NTRL_ALERT_WEBHOOK_URL"),
    *("FACTS_DATABASE_URL", "QDRANT_URL", "QDRANT_PATH"),
)
# Says that the program was started again with the demo's settings, so that it is not started for ever.
_ENTERED = "NTRL_DEMO_ENTERED"
_NETWORK = ip_network(DEMO_NETWORK)


class DemoRefused(Exception):
    """The demo may not run here; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the demo shows beside the brief: narratives, and how many facts stand in them."""

    narratives: ToldNarratives
    facts: int


@dataclass(frozen=True, slots=True)
class DemoEditor:
    """How to sign in to the demo's admin."""

    username: str
    password: str


def demo_environment() -> dict[str, str]:
    """The settings that a process needs to work on the demo's data, on nobody's bucket, bill or patience."""
    return {
        "NTRL_DATA_DIR": str(DEMO_DIR),
        "NTRL_FETCH_ALLOW_NETWORKS": DEMO_NETWORK,
        **dict.fromkeys(NOT_IN_THE_DEMO, ""),
    }


def enter_demo() -> None:
    """Go on in a process that has the demo's settings: this one, or this very program started again with them.

    Raises:
        DemoRefused: DATABASE_URL is set, or the demo's settings do not take effect.
    """
    refuse_foreign_database()
    if _has_demo_settings():
        return
    if os.environ.get(_ENTERED):
        raise DemoRefused("The demo's settings do not take effect here; is one of them set in another way?")
    os.environ.update(demo_environment(), **{_ENTERED: "1"})
    os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 - this very program


def _has_demo_settings() -> bool:
    foreign = (
        *(settings.NTRL_BODIES_BUCKET, settings.NTRL_ALERT_EMAILS, settings.NTRL_ALERT_WEBHOOK_URL),
        *(settings.FACTS_DATABASE_URL, settings.QDRANT_URL),
    )
    asks_models = any(provider.is_set_up for provider in settings.LLM_PROVIDERS.values())
    return (
        not any(foreign)
        and not asks_models
        and settings.NTRL_DATA_DIR == DEMO_DIR
        and _NETWORK in settings.NTRL_FETCH_ALLOW_NETWORKS
    )


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


def run_demo(*, now: datetime, run_options: RunOptions, progress: ProgressSink | None) -> tuple[PipelineResult, Told]:
    """Clear the demo's folder, open the newsroom, run the whole pipeline on it, and show what narratives can be.

    Facts are taken out of the stories at the end, as the schedule would do it.

    Raises:
        NewsroomError: one of the newsroom's addresses is in use.
    """
    with Newsroom(now) as newsroom:
        _clear()
        call_command("migrate", verbosity=0)
        load_sources(newsroom.sources())
        result = run_pipeline(
            trigger=Trigger.MANUAL,
            options=PipelineOptions(neutralize_limit=DEMO_NEUTRALIZE_LIMIT),
            run_options=run_options,
            progress=progress,
        )
    narratives = tell_narratives(now)
    facts = enrich_once(trace_id=new_trace_id(), options=run_options)
    return result, Told(narratives, facts.counts["facts"])


def make_demo_editor() -> DemoEditor:
    """Make the demo's editor (and tables, before the first demo), or give the one that is there a new password."""
    call_command("migrate", verbosity=0)
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
