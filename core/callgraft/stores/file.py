"""The file of a SQLite database, watched: SQLite itself does not notice when it is deleted."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from callgraft.errors import StoreUnavailable

FileId = tuple[int, int]


class DatabaseFile:
    """
    Tells which file stands under the database's name.

    An open database that somebody deletes goes on without a name: everything written is lost at
    the end, and other processes meanwhile write to another file of the same name. So each
    transaction looks first, for about two microseconds.
    """

    def __init__(self, path: str) -> None:
        self.path = Path(path)

    def make(self) -> None:
        """
        Make an empty file that only its owner can read, where there is none: it will hold callers.

        SQLite gives the files that it puts beside it the same permissions.
        """
        # A folder that refuses is SQLite's to complain of, as for every other reason.
        with suppress(OSError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL, mode=0o600))

    def id(self) -> FileId:
        """
        Return what tells this file from another one.

        :raises StoreUnavailable: there is none.
        """
        try:
            found = self.path.stat()
        except OSError as error:
            problem = f"The database file {self.path} is gone; put it back, or start again."
            raise StoreUnavailable(problem) from error
        return found.st_dev, found.st_ino
