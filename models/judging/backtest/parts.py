"""Stored parts of a long back-test, so that it continues where it was interrupted."""

import hashlib
import os
import re
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import joblib

LIBRARIES = ("numpy", "scipy", "scikit-learn", "statsmodels", "pandas")
NAME_LENGTH = 32
OURS = re.compile(rf"[0-9a-f]{{{NAME_LENGTH}}}\.(joblib|\d+\.draft)")


class Parts:
    """Results by name in a folder, for one back-test by one version of the code (`key`)."""

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder
        self.key = key

    def get(self, name: str) -> Any:
        """Return a stored result, or None if there is none or it cannot be read completely."""
        try:
            return joblib.load(self._path(name))
        except FileNotFoundError:
            return None
        except Exception:
            return None  # a part of another version, or damaged: it is computed again

    def keep(self, name: str, result: Any) -> None:
        """Store a result completely or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(name)
        draft = path.with_suffix(f".{os.getpid()}.draft")
        joblib.dump(result, draft)
        draft.replace(path)

    def discard(self) -> None:
        """Remove the parts of any run from the folder, and the folder if it holds nothing else."""
        if not self.folder.is_dir():
            return
        for path in self.folder.iterdir():
            if OURS.fullmatch(path.name):
                path.unlink(missing_ok=True)
        if not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _path(self, name: str) -> Path:
        return self.folder / f"{key_of([self.key, name])[:NAME_LENGTH]}.joblib"


def key_of(texts: Iterable[str]) -> str:
    """Return the SHA-256 (hex) of texts."""
    whole = hashlib.sha256()
    for text in texts:
        whole.update(f"{len(text)}:{text}".encode())
    return whole.hexdigest()


def code_version(*packages: ModuleType) -> str:
    """Return a hash of all files of packages, code and data, and of the versions of libraries."""
    texts = [f"{name} {version(name)}" for name in LIBRARIES]
    for package in packages:
        folder = Path(package.__file__ or "").parent
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                texts.append(f"{package.__name__}/{path.relative_to(folder)} {content}")
    return key_of(texts)
