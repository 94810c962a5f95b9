"""Tests of the answers that are kept on disk: private, whole or absent, and bounded."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ewarn.client.answer_cache import AnswerCache, StoredAnswer

AT = datetime(2020, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def cache(tmp_path: Path) -> AnswerCache:
    return AnswerCache(tmp_path / "a" / "answers", "https://ewarn.test\nprefix", most_bytes=10_000)


def answer(number: int, size: int = 1000) -> StoredAnswer:
    return StoredAnswer(f"/v1/scores?limit={number}", b"\n" * size, '"tag"', AT)


def test_an_answer_is_kept_whole_in_a_private_folder(cache: AnswerCache) -> None:
    assert cache.get("/v1/scores?limit=1") is None
    cache.put(answer(1))
    assert cache.get("/v1/scores?limit=1") == answer(1)
    assert cache.get("/v1/scores?limit=2") is None
    (path,) = cache.folder.iterdir()
    assert oct(cache.folder.stat().st_mode)[-3:] == "700"
    assert oct(path.stat().st_mode)[-3:] == "600"
    for owner in ("https://ewarn.test\nother", "https://other.test\nprefix"):
        assert AnswerCache(cache.folder, owner).get("/v1/scores?limit=1") is None
    cache.folder.chmod(0o755)
    cache.put(answer(1, 5))
    assert oct(cache.folder.stat().st_mode)[-3:] == "700"
    assert cache.get("/v1/scores?limit=1") == answer(1, 5)


def test_a_damaged_file_counts_as_none(cache: AnswerCache) -> None:
    cache.put(answer(1))
    (path,) = cache.folder.iterdir()
    whole = path.read_bytes()
    for damaged in (b"", whole[:20], whole[:-1], b"[]\n", b"{}\n", b"\xff" + whole):
        path.write_bytes(damaged)
        assert cache.get("/v1/scores?limit=1") is None
    cache.put(answer(1))
    assert cache.get("/v1/scores?limit=1") == answer(1)


def test_the_folder_is_bounded_and_what_was_used_last_stays(cache: AnswerCache) -> None:
    (cache.folder.parent).mkdir(parents=True)
    for number in range(30):
        cache.put(answer(number))
        for path in cache.folder.iterdir():  # one second older with each answer
            os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 1))
        cache.put(answer(0))
    sizes = [path.stat().st_size for path in cache.folder.iterdir()]
    assert sum(sizes) <= cache.most_bytes
    kept = [number for number in range(30) if cache.get(f"/v1/scores?limit={number}")]
    assert kept == [0, *range(30 - len(kept) + 1, 30)]
    cache.put(answer(99, size=20_000))
    assert list(cache.folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_keeps_nothing_and_stops_nobody(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder", encoding="utf-8")
    cache = AnswerCache(file / "answers", "anybody")
    cache.put(answer(1))
    assert cache.get("/v1/scores?limit=1") is None


def test_a_write_that_fails_leaves_the_old_answer(
    cache: AnswerCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.put(answer(1))

    def full(*_: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(Path, "replace", full)
    cache.put(answer(1, 7))
    monkeypatch.undo()
    assert cache.get("/v1/scores?limit=1") == answer(1)
    assert len(list(cache.folder.iterdir())) == 1
