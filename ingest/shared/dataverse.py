"""Client of Dataverse: lists the files of a published data set with checksums, and fetches them.

Tables that Dataverse converted on upload are requested as they were uploaded (`format=original`),
because the checksum in the listing is that of the original. Source: Dataverse guides, Native API
and Data Access API.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from ewarn.domain.time import midnight, parse_day, parse_moment
from ewarn.errors import SourceRefused
from ingest.shared.web import Web

BASE_URL = "https://dataverse.harvard.edu"
MAX_BYTES = 512 * 1024 * 1024
_LISTING_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class DataverseFile:
    """A file in the listing of its data set; `name` is its name when it was uploaded.

    `converted_from` is the type that it had before Dataverse converted it to a table, if it did.
    """

    id: int
    name: str
    md5: str
    published_at: datetime
    converted_from: str | None = None

    @property
    def is_csv(self) -> bool:
        """Whether the file was uploaded as CSV."""
        return self.converted_from == "text/csv" or self.name.lower().endswith(".csv")


@dataclass(frozen=True, slots=True)
class Dataverse:
    """One Dataverse installation, used with or without an API key."""

    web: Web
    url: str = BASE_URL
    key: str = ""

    def files(self, doi: str) -> tuple[DataverseFile, ...]:
        """Return the files of the newest version of a data set, by publication and name.

        Raises:
            SourceError: As `Web.get`, and SourceRefused if the answer is not such a listing.
        """
        url = f"{self.url}/api/datasets/:persistentId/"
        answer = self.web.get(
            url,
            params={"persistentId": doi},
            headers=self._headers(),
            max_bytes=_LISTING_BYTES,
        )
        try:
            version = orjson.loads(answer.body)["data"]["latestVersion"]
            released = parse_moment(version.get("releaseTime") or version.get("lastUpdateTime"))
            listed = [_listed(entry, released) for entry in version["files"]]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SourceRefused(
                f"{url} gave no list of files of {doi} ({type(error).__name__}: {error}): see "
                "whether Dataverse has changed its answers."
            ) from error
        return tuple(sorted(listed, key=lambda file: (file.published_at, file.name)))

    def body(self, listed: DataverseFile) -> bytes:
        """Fetch a file, and fetch it once more if its checksum is wrong.

        Raises:
            SourceError: As `Web.get`, and SourceRefused if the checksum is wrong twice.
        """
        params = {"format": "original"} if listed.converted_from else None
        for _ in range(2):
            url = f"{self.url}/api/access/datafile/{listed.id}"
            answer = self.web.get(url, params=params, headers=self._headers(), max_bytes=MAX_BYTES)
            if hashlib.md5(answer.body, usedforsecurity=False).hexdigest() == listed.md5:
                return answer.body
        raise SourceRefused(
            f"{listed.name} does not have the MD5 it is listed with, twice: fetch it by hand from "
            f"{self.url} and compare."
        )

    def _headers(self) -> dict[str, str]:
        return {"X-Dataverse-key": self.key} if self.key else {}


def _listed(entry: Mapping[str, Any], released: datetime) -> DataverseFile:
    file = entry["dataFile"]
    checksum = file.get("checksum") or {}
    md5 = file.get("md5") or (checksum.get("value") if checksum.get("type") == "MD5" else None)
    name = file.get("originalFileName") or file.get("filename") or entry["label"]
    if not isinstance(md5, str) or not isinstance(name, str):
        raise ValueError(f"file {file['id']} has no MD5 or no name")
    published = file.get("publicationDate") or file.get("creationDate")
    return DataverseFile(
        id=int(file["id"]),
        name=name,
        md5=md5.lower(),
        published_at=midnight(parse_day(published[:10])) if published else released,
        converted_from=file.get("originalFileFormat") or None,
    )
