"""What processes do to each other: they share out items, and inherit at once from the dead."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import Family, a_family

pytestmark = pytest.mark.journey


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Family]:
    with a_family(tmp_path) as family:
        yield family


def test_of_many_who_want_an_item_exactly_one_gets_it(family: Family) -> None:
    children = [family.start("take_many", "60") for _ in range(3)]
    for child in children:
        child.hear()
    for child in children:
        child.tell()

    won = [key for child in children for key in child.hear()["won"]]

    assert sorted(won, key=int) == [str(number) for number in range(60)]


def test_two_that_run_one_stage_at_once_do_no_item_twice(family: Family) -> None:
    children = [family.start("run_together", "60") for _ in range(2)]
    for child in children:
        child.hear()
    for child in children:
        child.tell()

    counts = [child.hear()["counts"] for child in children]

    assert sum(each.get("success", 0) for each in counts) == 60
    assert all(set(each) <= {"success", "total"} for each in counts)
    assert family.ask("look")["claims"] == 0


def test_who_lives_keeps_what_he_has_and_who_is_killed_leaves_it_at_once(family: Family) -> None:
    holder = family.start("hold")
    assert holder.hear() == {"held": True}

    assert family.ask("heir") == {"refused_by": "held", "closed": 0, "attempts": None}
    holder.process.send_signal(signal.SIGKILL)
    holder.process.wait()

    assert family.ask("heir") == {"refused_by": "", "closed": 1, "attempts": 2}


def test_asked_to_stop_a_command_finishes_what_it_has_begun(family: Family) -> None:
    child = family.start("command", "--json", "--workers", "2", "--seconds", "0.5")
    _wait_until_it_works(family)

    child.process.send_signal(signal.SIGTERM)
    status, out, _ = child.end()

    document = json.loads(out)
    (stage,) = document["stages"]
    assert (status, stage["status"], stage["stopped"]) == (3, "partial", "asked to stop")
    seen = family.ask("look")
    assert 0 < seen["saved"] == stage["counts"]["success"] < 50
    assert (seen["claims"], seen["runs"]) == (0, [["partial", "asked to stop"]])


def test_asked_twice_it_ends_and_the_next_run_closes_its_row(family: Family) -> None:
    child = family.start("command", "--seconds", "30")
    family.wait_until(held=10)

    child.process.send_signal(signal.SIGTERM)
    time.sleep(1)
    assert child.process.poll() is None, "its items are not done"
    child.process.send_signal(signal.SIGTERM)

    assert child.end()[0] == -signal.SIGTERM
    assert family.start("command", "--seconds", "0", "--limit", "50").end()[0] == 0
    seen = family.ask("look")
    assert (seen["saved"], seen["claims"]) == (50, 0)
    assert [status for status, _ in seen["runs"]] == ["failed", "completed"]


def test_items_that_never_end_do_not_keep_their_process_from_ending(family: Family) -> None:
    child = family.start("hang")

    assert child.hear() == {"stopped": "every worker hangs past its deadline"}
    assert child.end()[0] == 0
    assert family.ask("look")["held"] == 0


def test_a_database_without_tables_is_said_with_the_cure(tmp_path: Path) -> None:
    with a_family(tmp_path, migrated=False) as family:
        status, out, err = family.start("command", "--json").end()

    assert (status, out) == (1, "")
    assert "python manage.py migrate" in err
    assert "Traceback" not in err


def test_a_database_that_does_not_answer_is_said(tmp_path: Path) -> None:
    nowhere = Family({"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "NTRL_DATA_DIR": str(tmp_path)})

    status, out, err = nowhere.start("command").end()

    assert (status, out) == (1, "")
    assert "DATABASE_URL" in err
    assert "Traceback" not in err


def _wait_until_it_works(family: Family) -> None:
    limit = time.monotonic() + 60
    while family.ask("look")["saved"] == 0:
        assert time.monotonic() < limit
