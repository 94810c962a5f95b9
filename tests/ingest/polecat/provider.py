"""Invented stories in the form of POLECAT; nothing in them happened, no person in them exists."""

import hashlib
from collections.abc import Mapping

import orjson

from tests.provider import Provider, Reply

LISTING = "/api/datasets/:persistentId/"
COLUMNS = (
    *("Event ID", "Event Date", "Event Type", "Event Mode", "Intensity", "Quad Code", "Contexts"),
    *("Actor Name", "Actor Country", "Actor COW", "Primary Actor Sector", "Actor Sectors"),
    *("Actor Title", "Actor Name Raw", "Wikipedia Actor ID", "Recipient Name"),
    *("Recipient Country", "Recipient COW", "Primary Recipient Sector", "Recipient Sectors"),
    *("Recipient Title", "Recipient Name Raw", "Wikipedia Recipient ID", "Placename", "City"),
    *("District", "Province", "Country", "Latitude", "Longitude", "GeoNames ID", "Raw Placename"),
    *("Feature Type", "Source", "Publication Date", "Story People", "Story Organizations"),
    *("Story Locations", "Language", "Version"),
)


def story(number: int, **cells: str) -> dict[str, str]:
    """One story of an invented protest in Lomé, changed by `cells`."""
    return dict.fromkeys(COLUMNS, "None") | {
        "Event ID": f"20171230-{number}",
        "Event Date": "2017-12-29",
        "Event Type": "PROTEST",
        "Event Mode": "demo",
        "Contexts": "rights_freedoms;legislative",
        "Actor Name": "Invented Person",
        "Actor Country": "TGO",
        "Primary Actor Sector": "CVL",
        "Actor Title": "Invented Title",
        "Recipient Country": "TGO",
        "Primary Recipient Sector": "GOV",
        "Placename": "Lomé",
        "City": "Lomé",
        "Province": "Maritime",
        "Country": "TGO",
        "Latitude": "6.1375",
        "Longitude": "1.2123",
        "GeoNames ID": "2365267",
        "Raw Placename": "the house of an Invented Person",
        "Feature Type": "PPLC",
        "Source": "invented paper",
        "Publication Date": "2017-12-30",
        "Story People": "Invented Person;Other Person",
        "Language": "fr",
        "Version": "invented",
        **cells,
    }


def tab_of(*stories: Mapping[str, str], encoding: str = "utf-8") -> bytes:
    """A file of stories."""
    lines = ["\t".join(COLUMNS), *("\t".join(row[name] for name in COLUMNS) for row in stories)]
    return ("\n".join(lines) + "\n").encode(encoding)


def publish(provider: Provider, *files: tuple[str, str, bytes]) -> None:
    """Serve files as Dataverse does, each with its name, day of publication and content."""
    listed = []
    for id_, (name, day, body) in enumerate(files, start=1):
        md5 = hashlib.md5(body).hexdigest()
        file = {"id": id_, "filename": name, "md5": md5, "publicationDate": day}
        listed.append({"label": name, "dataFile": file})
        provider.answers[f"/api/access/datafile/{id_}"] = [Reply(body)]
    version = {"releaseTime": "2018-01-09T12:00:00Z", "files": listed}
    provider.answers[LISTING] = [Reply(orjson.dumps({"data": {"latestVersion": version}}))]
