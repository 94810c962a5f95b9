"""Removal of what may locate or identify a person from the free texts of an exchange row.

Positions are stored coarsely, so an exact one in a text must not remain. The path of a web address
can hold a position or a name. A remark says that something was left out, without quoting it, and
the row remains.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ewarn.domain.position import holds_position
from ingest.shared.csv_cells import Cells
from ingest.shared.positions import lines_named

TEXTS = ("place", "admin1", "summary")
MOST_CHARACTERS = 2000  # of a web address
_HOST = re.compile(r"(?=.{1,253}\Z)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{1,62}")
NO_ADDRESS = "source_url is not a web address (http or https, a host, no login); it was not stored"
_DECIMAL = re.compile(r"\d[.,]\d")


@dataclass
class Wording:
    """A filter of the texts of rows, with remarks on what was left out of them."""

    _remarks: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def pared(self, line: int, cells: Cells) -> dict[str, str]:
        """Return the cells of a row without positions in texts, and with its address as a host."""
        kept = dict(cells)
        for name in TEXTS:
            if holds_position(kept.get(name, "")):
                kept[name] = ""
                self._remarks[f"{name} holds a position; it was not stored"].append(line)
        if holds_position(kept.get("tags", "")):
            tags = kept["tags"].split(";")
            kept["tags"] = ";".join(
                tag for tag in tags if not (_DECIMAL.search(tag) or holds_position(tag))
            )
            self._remarks["tags hold a position; it was not stored"].append(line)
        if kept.get("source_url"):
            kept["source_url"] = self._host(line, kept["source_url"])
        return kept

    def notes(self) -> tuple[str, ...]:
        """Return the remarks, with the lines that they concern."""
        return tuple(f"{lines_named(lines)}: {text}." for text, lines in self._remarks.items())

    def _host(self, line: int, address: str) -> str:
        host = web_host(address)
        if host is None:
            self._remarks[NO_ADDRESS].append(line)
        return host or ""


def web_host(address: str) -> str | None:
    """Return the host of a web address or of a bare host name, in lower case.

    Return None if it is neither, is longer than 2,000 characters, or has a login.
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
