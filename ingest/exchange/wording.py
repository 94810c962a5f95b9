"""Free texts of an exchange row, without what may tell where or who somebody is.

A position in a text would undo that positions are kept coarse; the path of an address can hold a
position or a name. What is left out is remarked and never quoted, and the row stays.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ewarn.domain.position import holds_position
from ingest.shared.csv_cells import Cells
from ingest.shared.positions import lines_named

TEXTS = ("place", "admin1", "summary")
MOST_CHARACTERS = 2000  # of an address
_HOST = re.compile(r"(?=.{1,253}\Z)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{1,62}")
_DECIMAL = re.compile(r"\d[.,]\d")


@dataclass
class Wording:
    """The texts of rows, and remarks on what was left out of them."""

    _remarks: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def pared(self, line: int, cells: Cells) -> dict[str, str]:
        """The cells of a row without positions in its texts, and the host of its address alone."""
        kept = dict(cells)
        for name in TEXTS:
            if holds_position(kept.get(name, "")):
                kept[name] = ""
                self._remarks[f"{name} holds a position; it is not kept"].append(line)
        if holds_position(kept.get("tags", "")):
            tags = kept["tags"].split(";")
            kept["tags"] = ";".join(
                tag for tag in tags if not (_DECIMAL.search(tag) or holds_position(tag))
            )
            self._remarks["tags hold a position; it is not kept"].append(line)
        if kept.get("source_url"):
            kept["source_url"] = self._host(line, kept["source_url"])
        return kept

    def notes(self) -> tuple[str, ...]:
        """The remarks, with the lines they are about."""
        return tuple(f"{lines_named(lines)}: {text}." for text, lines in self._remarks.items())

    def _host(self, line: int, address: str) -> str:
        host = web_host(address)
        if host is None:
            told = "source_url is no web address (http or https, a host, no login); it is not kept"
            self._remarks[told].append(line)
        return host or ""


def web_host(address: str) -> str | None:
    """The host of a web address or a bare host, in small letters; None where it is neither, is
    longer than 2,000 characters, or names a login.
    """
    if len(address) > MOST_CHARACTERS:
        return None
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        host = (parts.hostname or "").removesuffix(".")
    except ValueError:
        return None
    is_web = parts.scheme in ("http", "https") and "@" not in parts.netloc
    return host if is_web and _HOST.fullmatch(host) and not holds_position(host) else None
