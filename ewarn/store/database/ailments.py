"""Advice on what to do about a database error, by the error code that the database returned.

SQLite's result codes: https://www.sqlite.org/rescode.html. PostgreSQL's: its manual, appendix A.
"""

import errno
import os
from pathlib import Path

from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError

FULL = "the disk is full: free some space, then start again; the data stored before are intact"
READ_ONLY = "it cannot be written to: the disk or the file is read-only"
REPAIR = (
    "it is damaged: stop ewarn, keep a copy of it, and restore the newest backup with "
    "`ewarn restore --force`"
)
ASK_DOCTOR = "; `ewarn doctor` shows what is damaged"
DAMAGED = REPAIR + ASK_DOCTOR
NOT_ALLOWED = "its user lacks the permission"
_RUNNING = "check EWARN_DATABASE_URL and that the database is running"

_SQLITE = {  # by the primary result code, which is the lowest eight bits
    3: NOT_ALLOWED,
    5: "another process has locked it: wait, or stop the process that writes to it",
    6: "another process has locked it: wait, or stop the process that writes to it",
    8: READ_ONLY,
    10: "the disk cannot be read or written: check that it is neither damaged nor full",
    11: DAMAGED,
    13: FULL,
    26: "it is not a database, or its beginning is damaged: check EWARN_DATABASE_URL and "
    "EWARN_DATA_DIR, or restore the newest backup with `ewarn restore`",
}
_CANNOT_OPEN = 14
_POSTGRESQL = {
    "25006": READ_ONLY + "; is it a standby?",
    "3D000": "there is no such database: create it, then run `ewarn migrate`",
    "42501": f"{NOT_ALLOWED}: grant it rights on the tables of ewarn",
    "42P01": "it has no tables of ewarn: run `ewarn migrate`",
    "53100": FULL,
    "53300": "it has no free connection: raise its limit, or close other connections",
    "58030": "its disk cannot be read or written: check that it is neither damaged nor full",
    "XX001": DAMAGED,
    "XX002": DAMAGED,
}


def advice(error: DatabaseError, url: URL) -> str:
    """Return what is wrong with the database and what to do, as the end of a sentence."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        primary = code & 0xFF
        return _unopened(url) if primary == _CANNOT_OPEN else _SQLITE.get(primary, "") or _RUNNING
    return _POSTGRESQL.get(getattr(error.orig, "sqlstate", None) or "", _RUNNING)


def _unopened(url: URL) -> str:
    """Return the reason why SQLite could not open or create its database file."""
    path = Path(url.database or "")
    folder = path.parent
    if folder.is_dir() and os.statvfs(folder).f_flag & os.ST_RDONLY:
        return of_system(OSError(errno.EROFS, ""), str(path))
    for place, what in ((path, "the file"), (folder, f"the folder {folder}")):
        if place.exists() and not os.access(place, os.R_OK | os.W_OK):
            return of_system(OSError(errno.EACCES, ""), what)
    return "set EWARN_DATA_DIR to a folder that you may write to"


def of_system(error: OSError, what: str) -> str:
    """Return advice for an error of the operating system.

    Args:
        error: The error; its `errno` chooses the advice.
        what: The file or folder that could not be read or written, as words in a sentence.
    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FULL
    if error.errno == errno.EROFS:
        return f"{what} is on a read-only disk: set EWARN_DATA_DIR to a folder on another disk"
    return f"you may not read and write {what}: change its owner or rights, or set EWARN_DATA_DIR"
