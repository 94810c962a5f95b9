"""Read rules, bands, offices and playbooks from files, and read them again when a file changes."""

from importlib.resources import files
from pathlib import Path
from threading import Lock

import structlog

from ewarn.errors import SettingsError
from ewarn.rulebook.offices import NO_CHECKS, OfficeChecks, check_offices, read_offices
from ewarn.rulebook.playbooks import read_playbooks
from ewarn.rulebook.rules import Rulebook, read_cuts, read_rules

NAMES = ("rules.yaml", "bands.yaml", "offices.yaml", "playbooks.yaml")
Stamp = tuple[tuple[int, int] | None, ...]


def read_rulebook(folder: Path | None, checks: OfficeChecks = NO_CHECKS) -> Rulebook:
    """Read the rulebook of a folder. A file that is missing there is read from the package.

    Args:
        checks: What the offices are validated against.

    Raises:
        SettingsError: A file is wrong; the text names the file and the line.
    """
    if folder is not None and not folder.is_dir():
        raise SettingsError(f"EWARN_CONFIG_DIR names {folder}, which is not a folder")
    rules, bands, offices, playbooks = (_text(folder, name) for name in NAMES)
    rulebook = Rulebook(
        rules=read_rules(*rules),
        cuts=read_cuts(*bands),
        offices=read_offices(*offices, checks),
        playbooks=read_playbooks(*playbooks),
    )
    check_offices(rulebook.rules, rulebook.offices)
    return rulebook


def _text(folder: Path | None, name: str) -> tuple[str, str]:
    if folder is not None and (folder / name).exists():
        path = folder / name
        try:
            return path.read_text(encoding="utf-8"), str(path)
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path} cannot be read: {error}") from None
    return (files("ewarn.rulebook") / "defaults" / name).read_text(encoding="utf-8"), name


class Rulebooks:
    """The rulebook in force. Each call checks whether a file has changed.

    While the files are not valid, the last valid rulebook stays in force, and `problem` says what
    is wrong.
    """

    def __init__(
        self, folder: Path | None, checks: OfficeChecks = NO_CHECKS, *, forgiving: bool = False
    ) -> None:
        """Read the rulebook for the first time.

        Args:
            forgiving: If the files are not valid, use the package's instead, so that commands that
                only show something still work.

        Raises:
            SettingsError: The folder is missing, or (unless `forgiving`) a file is not valid.
        """
        self._folder = folder
        self._checks = checks
        self._lock = Lock()
        self._stamp = self._stamp_now()
        self.problem = ""
        try:
            self._rulebook = read_rulebook(folder, checks)
        except SettingsError as error:
            if not forgiving or (folder is not None and not folder.is_dir()):
                raise
            self._rulebook, self.problem = read_rulebook(None, checks), str(error)

    def __call__(self) -> Rulebook:
        """Return the rulebook in force now."""
        with self._lock:
            stamp = self._stamp_now()
            if stamp != self._stamp:
                self._stamp = stamp
                self._read_again()
            return self._rulebook

    def _read_again(self) -> None:
        log = structlog.get_logger()
        try:
            self._rulebook = read_rulebook(self._folder, self._checks)
        except SettingsError as error:
            self.problem = str(error)
            log.error("rules not changed, the files are not valid", reason=self.problem)
        else:
            self.problem = ""
            log.info("rules read again", rules=[rule.id for rule in self._rulebook.rules])

    def _stamp_now(self) -> Stamp:
        return tuple(_stamp(self._folder / name) for name in NAMES) if self._folder else ()


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
