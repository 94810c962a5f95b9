"""Tests of a watched folder with real files: each is read once it no longer changes."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ewarn.domain.source import Payload, Unread
from ewarn.errors import SourceRefused
from ingest.shared import folder as module
from ingest.shared.folder import AT_REST, Folder

ENDINGS = (".csv", ".csv.gz")
INSTANT = timedelta(microseconds=1)


def changed_at(path: Path) -> datetime:
    nanoseconds = path.stat().st_ctime_ns
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=nanoseconds // 1000)


def put(folder: Path, name: str, text: str = "x") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def look(
    folder: Path, since: datetime | None = None, now: datetime | None = None
) -> list[Payload | Unread]:
    """What is found at a moment when all that is there now rests."""
    late = max((changed_at(path) for path in folder.iterdir() if path.exists()), default=None)
    if now is None:
        now = (late or datetime(2020, 1, 1, tzinfo=UTC)) + AT_REST
    return list(Folder("exchange", folder, ENDINGS).fetch(since, now))


def names(found: list[Payload | Unread]) -> list[str]:
    return [item.name for item in found if isinstance(item, Payload)]


def marks(found: list[Payload | Unread]) -> list[datetime]:
    return [item.published_at for item in found if item.published_at is not None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "inbox"
    made.mkdir()
    return made


def test_files_come_whole_in_the_order_in_which_they_changed(folder: Path) -> None:
    later, first = put(folder, "b.csv", "two"), put(folder, "a.csv.gz", "one")
    os.utime(later, (0, 0))  # an old time of modification, set after the other was written
    found = look(folder)
    in_order = sorted([first, later], key=changed_at)
    assert names(found) == [path.name for path in in_order]
    assert {item.body for item in found if isinstance(item, Payload)} == {b"one", b"two"}
    assert marks(found) == [changed_at(path) for path in in_order]


def test_only_what_changed_after_the_last_look_comes(folder: Path) -> None:
    put(folder, "old.csv")
    (mark,) = marks(look(folder))
    assert look(folder, mark) == []
    assert names(look(folder, mark - INSTANT)) == ["old.csv"]


def test_a_file_is_left_until_it_rests(folder: Path) -> None:
    path = put(folder, "new.csv")
    at = changed_at(path)
    assert look(folder, now=at + AT_REST - INSTANT) == []
    assert names(look(folder, now=at + AT_REST)) == ["new.csv"]


def test_a_copy_with_the_time_of_its_original_is_not_lost(folder: Path, tmp_path: Path) -> None:
    original = put(tmp_path, "original.csv")
    os.utime(original, (86_400, 86_400))  # of 1970
    put(folder, "read.csv")
    (mark,) = marks(look(folder))
    while changed_at(Path(shutil.copy2(original, folder / "copied.csv"))) <= mark:
        pass  # clocks of file systems tick in milliseconds
    assert (folder / "copied.csv").stat().st_mtime == 86_400
    assert names(look(folder, mark)) == ["copied.csv"]


def test_a_file_moved_into_place_is_not_lost(folder: Path) -> None:
    waiting = put(folder, "late.csv.part")
    put(folder, "read.csv")
    (mark,) = marks(look(folder))
    while True:  # until the clock of the file system has ticked
        waiting = waiting.rename(folder / "late.csv")
        if changed_at(waiting) > mark:
            break
        waiting = waiting.rename(folder / "late.csv.part")
    assert names(look(folder, mark)) == ["late.csv"]


def test_a_time_of_modification_to_come_holds_nothing_back(folder: Path) -> None:
    path = put(folder, "ahead.csv")
    os.utime(path, (4_000_000_000, 4_000_000_000))
    (mark,) = marks(look(folder))
    assert mark == changed_at(path)


@pytest.mark.parametrize("name", [".hidden.csv", "half.csv.part", "notes.txt", "csv"])
def test_what_is_no_finished_file_of_the_format_is_left_alone(folder: Path, name: str) -> None:
    put(folder, name)
    assert look(folder) == []


def test_folders_pipes_and_links_that_lead_nowhere_are_left_alone(folder: Path) -> None:
    (folder / "deep.csv").mkdir()
    os.mkfifo(folder / "pipe.csv")
    (folder / "nowhere.csv").symlink_to(folder / "absent")
    assert look(folder) == []


def test_a_link_out_of_the_folder_is_told_and_not_read(folder: Path, tmp_path: Path) -> None:
    (folder / "link.csv").symlink_to(put(tmp_path, "secret.csv", "secret"))
    (found,) = look(folder)
    assert isinstance(found, Unread)
    assert "out of the folder" in found.reason


def test_a_link_within_the_folder_is_read(folder: Path) -> None:
    (folder / "link.csv").symlink_to(put(folder, ".data", "inside"))
    (found,) = look(folder)
    assert isinstance(found, Payload)
    assert (found.name, found.body) == ("link.csv", b"inside")


def test_a_file_that_is_too_large_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 3)
    put(folder, "large.csv", "four")
    put(folder, "small.csv", "two")
    found = look(folder)
    assert names(found) == ["small.csv"]
    (unread,) = [item for item in found if isinstance(item, Unread)]
    assert "split it" in unread.reason


def test_a_file_that_vanishes_before_it_is_read_is_told(folder: Path) -> None:
    put(folder, "one.csv")
    put(folder, "two.csv")
    items = Folder("exchange", folder, ENDINGS).fetch(None, datetime(2100, 1, 1, tzinfo=UTC))
    first = next(items)
    other = {"one.csv": "two.csv", "two.csv": "one.csv"}[first.name]
    (folder / other).unlink()
    (gone,) = items
    assert isinstance(gone, Unread)
    assert (gone.name, gone.reason) == (other, "it cannot be read (No such file or directory)")


def test_a_file_that_changes_while_it_is_looked_at_waits_for_the_next_look(folder: Path) -> None:
    put(folder, "one.csv")
    items: Iterator[Payload | Unread] = Folder("exchange", folder, ENDINGS).fetch(
        None, datetime(2100, 1, 1, tzinfo=UTC)
    )
    put(folder, "two.csv")
    first = next(items)  # lists both
    second = folder / {"one.csv": "two.csv", "two.csv": "one.csv"}[first.name]
    before = changed_at(second)
    while changed_at(second) == before:
        second.write_text("more", encoding="utf-8")
    assert list(items) == []
    assert second.name in names(look(folder, first.published_at))


def test_a_name_that_is_no_text_can_be_told(folder: Path) -> None:
    (folder / os.fsdecode(b"\xff.csv")).write_text("x")
    (found,) = look(folder)
    assert found.name == "\ufffd.csv"


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    absent = Folder("exchange", tmp_path / "absent", ENDINGS)
    with pytest.raises(SourceRefused, match=r"absent cannot be read \(No such file .*\): create"):
        list(absent.fetch(None, datetime(2100, 1, 1, tzinfo=UTC)))


def test_a_file_can_be_had_again_by_its_name(folder: Path) -> None:
    put(folder, "one.csv", "one")
    reader = Folder("exchange", folder, ENDINGS)
    now = datetime(2100, 1, 1, tzinfo=UTC)
    again = reader.fetch_again("one.csv", now)
    assert isinstance(again, Payload)
    assert again.body == b"one"
    with pytest.raises(SourceRefused, match=r"no file two\.csv"):
        reader.fetch_again("two.csv", now)
