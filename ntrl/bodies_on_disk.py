"""Bodies as files in a folder, for one machine. Nothing expires here by itself: `purge_bodies` does it."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from django.core.files.storage import FileSystemStorage


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
        """Look whether the folder, or the one that it is to be made in, can be written to."""
        folder = Path(self.location)
        folder = next(each for each in (folder, *folder.parents) if each.exists())
        if not os.access(folder, os.W_OK):
            raise PermissionError(f"{folder} can't be written to")

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
