"""What ails a database that answers with an error, and what to do about it.

SQLite's result codes: https://www.sqlite.org/rescode.html. PostgreSQL's: its manual, appendix A.
"""

import errno
import os
from pathlib import Path

from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError

FULL = "the disk is full: free some space, then start again; what was stored before is whole"
READ_ONLY = "it cannot be written to: the disk or the file is read-only"
REPAIR = (
    "it is damaged: stop ewarn, keep a copy of it, and restore the newest backup with "
    "`ewarn restore --force`"
)
ASK_DOCTOR = "; `ewarn doctor` says what is damaged"
DAMAGED = REPAIR + ASK_DOCTOR
NOT_ALLOWED = "its user may not do that"
_RUNNING = "check EWARN_DATABASE_URL and that the database is running"

_SQLITE = {  # by the primary code, the last eight bits
    3: NOT_ALLOWED,
    5: "another process holds it: wait, or stop what writes to it",
    6: "another process holds it: wait, or stop what writes to it",
    8: READ_ONLY,
    10: "the disk cannot be read or written: see that it is whole and not full",
    11: DAMAGED,
    13: FULL,
    26: "it is no database, or its beginning is damaged: see EWARN_DATABASE_URL and "
    "EWARN_DATA_DIR, or restore the newest backup with `ewarn restore`",
}
_CANNOT_OPEN = 14
_POSTGRESQL = {
    "25006": READ_ONLY + "; is it a standby?",
    "3D000": "there is no such database: create it, then run `ewarn migrate`",
    "42501": f"{NOT_ALLOWED}: give it the rights on the tables of ewarn",
    "42P01": "it has no tables of ewarn: run `ewarn migrate`",
    "53100": FULL,
    "53300": "it has no connection left: raise its limit, or stop what holds them",
    "58030": "its disk cannot be read or written: see that it is whole and not full",
    "XX001": DAMAGED,
    "XX002": DAMAGED,
}


def advice(error: DatabaseError, url: URL) -> str:
    """What is wrong and what to do, as a part of a sentence."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        primary = code & 0xFF
        return _unopened(url) if primary == _CANNOT_OPEN else _SQLITE.get(primary, "") or _RUNNING
    return _POSTGRESQL.get(getattr(error.orig, "sqlstate", None) or "", _RUNNING)


def _unopened(url: URL) -> str:
    """Why SQLite could not open or make its file."""
    path = Path(url.database or "")
    folder = path.parent
    if folder.is_dir() and os.statvfs(folder).f_flag & os.ST_RDONLY:
        return of_system(OSError(errno.EROFS, ""), str(path))
    for place, what in ((path, "the file"), (folder, f"the folder {folder}")):
        if place.exists() and not os.access(place, os.R_OK | os.W_OK):
            return of_system(OSError(errno.EACCES, ""), what)
    return "see that EWARN_DATA_DIR is a folder you may write to"


def of_system(error: OSError, what: str) -> str:
    """What to do when the operating system refuses to read or write something."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FULL
    if error.errno == errno.EROFS:
        return f"{what} lies on a disk that is read-only: set EWARN_DATA_DIR to another"
    return f"you may not read and write {what}: change its owner or rights, or set EWARN_DATA_DIR"
