"""Runs the backfill again and again, each time in a process of its own that may be killed; for the tests of kills.

Usage: python -m tests.support.backfill_child
Works in the database and the MongoDB that the environment names. For each line it hears ("run", or "fresh" to empty the
tables) it does so; a run's process is forked and says its pid, and then this one says how that ended, null for killed.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ntrl.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from ntrl.stages.models import Claim, PipelineLog, StageRun  # noqa: E402

ARGS = ["--store", "mongo", "--by", "rules", "--batch-size", "10", "--pause", "0", "--json"]


def main() -> None:
    """Do what each line says."""
    call_command("migrate", verbosity=0)
    connection.close()
    say(ready=True)
    for line in sys.stdin:
        if line.strip() == "run":
            say(**run())
        else:
            for model in (Claim, PipelineLog, StageRun):
                model.objects.all().delete()
            connection.close()
            say(fresh=True)


def run() -> dict[str, Any]:
    """Fork, run the command there, and wait for its end."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            say(pid=os.getpid())
            with Path(os.devnull).open("w") as nowhere:
                call_command("backfill_narrative_focus", *ARGS, stdout=nowhere)
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        except BaseException as error:  # noqa: BLE001 - the test must hear of it, whatever it is
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    return {"status": None if os.WIFSIGNALED(status) else os.WEXITSTATUS(status), "claims": claims()}


def claims() -> int:
    """How many batches the tables call held."""
    try:
        return Claim.objects.count()
    finally:
        connection.close()


def say(**document: Any) -> None:
    """Write a line."""
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
