"""The key that is made once and kept."""

import subprocess
import sys
from pathlib import Path

from ntrl.secret_key import kept_secret_key


def test_a_key_is_made_once_for_its_owners_eyes(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "secret-key"

    key = kept_secret_key(path)

    assert len(key) >= 50
    assert kept_secret_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path], "no draft is left"


def test_keys_differ(tmp_path: Path) -> None:
    assert kept_secret_key(tmp_path / "a") != kept_secret_key(tmp_path / "b")


def test_a_key_that_is_there_is_read_without_its_line_break(tmp_path: Path) -> None:
    path = tmp_path / "secret-key"
    path.write_text("given\n")

    assert kept_secret_key(path) == "given"


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    code = "import sys, pathlib; from ntrl.secret_key import kept_secret_key as k; print(k(pathlib.Path(sys.argv[1])))"
    command = [sys.executable, "-c", code, str(tmp_path / "secret-key")]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]

    keys = {child.communicate(timeout=60)[0] for child in children}

    assert len(keys) == 1
    assert len(keys.pop().strip()) >= 50
