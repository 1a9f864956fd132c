"""A process is told apart from every other one that ever had its pid."""

import subprocess
import sys

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntrl.stages.owner import Owner, this_host, this_process

HOSTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(host=HOSTS, pid=st.integers(0, 2**31), cents=st.integers(0, 10**12))
def test_an_owner_is_read_as_it_was_written(host: str, pid: int, cents: int) -> None:
    owner = Owner(host, pid, cents / 100)

    assert Owner.parse(str(owner)) == owner


@pytest.mark.parametrize("text", ["", "host", "host|12", "host|x|1.0", "host|1|soon", "|"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Owner.parse(text)


def test_this_process_lives_here() -> None:
    me = this_process()

    assert me.is_here
    assert not me.is_dead_here()
    assert not Owner.parse(str(me)).is_dead_here()
    assert len(str(me)) <= 200


def test_a_pid_that_came_round_again_is_another_process() -> None:
    me = this_process()

    assert Owner(me.host, me.pid, me.started - 3600).is_dead_here()


@pytest.mark.parametrize("pid", [2**22 + 1, 2**31 - 1, 10**12])
def test_a_pid_that_nobody_has_is_dead(pid: int) -> None:
    assert Owner(this_host(), pid, 1.0).is_dead_here()


def test_nobody_can_tell_from_here_about_another_host() -> None:
    elsewhere = Owner("elsewhere", 1, 1.0)

    assert not elsewhere.is_here
    assert not elsewhere.is_dead_here()


def test_a_zombie_is_dead() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        owner = Owner(this_host(), child.pid, psutil.Process(child.pid).create_time())
        assert not owner.is_dead_here()
        child.kill()
        # Not reaped until wait() is called below: psutil still sees it.
        while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
            pass
        assert owner.is_dead_here()
