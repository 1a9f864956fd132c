"""Bodies as files in a folder, for one machine. Nothing expires here by itself: `purge_bodies` does it."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile

from django.core.files.storage import FileSystemStorage

from ntrl.bodies import KEY_PREFIX


class DiskBodies(FileSystemStorage):
    """Django's storage of files; an object's name is its path under `location`."""

    def delete(self, name: str) -> None:
        """Remove a file, and its story's folder when it was the last one in it."""
        super().delete(name)
        try:
            Path(self.path(name)).parent.rmdir()
        except OSError:
            return  # another version stands in it, or it is gone

    def ping(self) -> None:
        """Write a byte where bodies are written. FileNotFoundError: the folder is not there, but can be made."""
        folder, below = Path(self.location), Path(self.path(KEY_PREFIX))
        there = next(each for each in (below, folder, *folder.parents) if os.path.lexists(each))
        with TemporaryFile(dir=there) as probe:
            probe.write(b"?")
        if there not in (below, folder):
            raise FileNotFoundError(f"{folder} is not there")

    def walk(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        """Yield each file under a folder (its path under `location`) and when it was written."""
        yield from self._walk(prefix.rstrip("/"))

    def _walk(self, folder: str) -> Iterator[tuple[str, datetime]]:
        try:
            entries = os.scandir(self.path(folder))
        except FileNotFoundError:
            return  # nothing has been stored yet, or the folder was removed meanwhile
        with entries:
            for entry in entries:
                name = f"{folder}/{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    yield from self._walk(name)
                elif entry.is_file(follow_symlinks=False):
                    yield from _written(name, entry)


def _written(name: str, entry: "os.DirEntry[str]") -> Iterator[tuple[str, datetime]]:
    try:
        yield name, datetime.fromtimestamp(entry.stat().st_mtime, UTC)
    except FileNotFoundError:
        return  # removed meanwhile
