"""Parts of a long back-test, kept as they are done, so that it goes on where it was killed."""

import hashlib
import os
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib

import ewarn
import models

LIBRARIES = ("numpy", "scipy", "scikit-learn", "statsmodels", "pandas")


class Parts:
    """Results by name in a folder; a name stands for one question to one version of the code."""

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder
        self.key = key

    def get(self, name: str) -> Any:
        """A result that is kept, None where there is none or it cannot be read whole."""
        try:
            return joblib.load(self._path(name))
        except FileNotFoundError:
            return None
        except Exception:
            return None  # a part of another version, or damaged: it is made again

    def keep(self, name: str, result: Any) -> None:
        """Write a result whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(name)
        draft = path.with_suffix(f".{os.getpid()}.draft")
        joblib.dump(result, draft)
        draft.replace(path)

    def _path(self, name: str) -> Path:
        return self.folder / f"{key_of([self.key, name])[:32]}.joblib"


def key_of(texts: Iterable[str]) -> str:
    """SHA-256 (hex) of texts."""
    whole = hashlib.sha256()
    for text in texts:
        whole.update(f"{len(text)}:{text}".encode())
    return whole.hexdigest()


def code_version() -> str:
    """Hash of the code that makes panels and models, and of the libraries that it computes with."""
    texts = [f"{name} {version(name)}" for name in LIBRARIES]
    for package in (ewarn, models):
        folder = Path(package.__file__ or "").parent
        for path in sorted(folder.rglob("*.py")):
            texts.append(f"{path.relative_to(folder)}\n{path.read_text(encoding='utf-8')}")
    return key_of(texts)
