"""Invented rows in the form of the publisher's file of Mass Mobilization; nothing in them
happened, and no person in them exists.
"""

import csv
import io
from collections.abc import Mapping
from typing import Any

HEADER = (
    *("id", "country", "ccode", "year", "region", "protest", "protestnumber"),
    *("startday", "startmonth", "startyear", "endday", "endmonth", "endyear"),
    *("protesterviolence", "location", "participants_category", "participants"),
    *("protesteridentity", *(f"protesterdemand{n}" for n in range(1, 5))),
    *(f"stateresponse{n}" for n in range(1, 8)),
    *("sources", "notes"),
)
Cells = Mapping[str, Any]


def original(number: int, **cells: Any) -> dict[str, Any]:
    """One row: a peaceful protest in Lomé of one day that was ignored, changed by `cells`."""
    return dict.fromkeys(HEADER, "") | {
        "id": f"461{cells.get('year', 2005)}{number:03}",
        "country": "Togo",
        "ccode": 461,
        "year": 2005,
        "region": "Africa",
        "protest": 1,
        "protestnumber": number,
        **_day("start", 2005, 4, 24),
        **_day("end", 2005, 4, 24),
        "protesterviolence": 0,
        "location": "Kara",
        "participants": "about 700",
        "participants_category": "100-999",
        "protesteridentity": "Friends of an Invented Person",
        "protesterdemand1": "political behavior, process",
        "protesterdemand2": ".",
        "stateresponse1": "ignore",
        "sources": "1. invented paper, by an Invented Person",
        "notes": 'It is said that\n"nobody" was there, an Invented Person among them.',
        **cells,
    }


def quiet_year(year: int, country: str = "Togo") -> dict[str, Any]:
    """A row of a year without protest: next to nothing stands in it."""
    return dict.fromkeys(HEADER, "") | {
        "id": f"461{year}000",
        "country": country,
        "ccode": 461,
        "year": year,
        "region": "Africa",
        "protest": 0,
        "protestnumber": 0,
        "protesterviolence": "",
    }


def _day(which: str, year: int, month: int, day: int) -> dict[str, int]:
    return {f"{which}day": day, f"{which}month": month, f"{which}year": year}


def ends(year: int, month: int, day: int) -> dict[str, int]:
    """The cells of the day a protest ended."""
    return _day("end", year, month, day)


def file_of(*rows: Cells, encoding: str = "utf-8", header: tuple[str, ...] = HEADER) -> bytes:
    """A file of rows, with quotes and lines as spreadsheets write them."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, lineterminator="\r\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


# Every case there is; each row of a protest is one event, and more where the state used force.
EVERY_CASE = (
    quiet_year(2004),
    original(1),
    original(2, protesterviolence="1"),
    original(3, protesterviolence="1.0", **ends(2005, 5, 2)),
    original(4, stateresponse1="arrests"),
    original(5, stateresponse1="beatings"),
    original(6, stateresponse1="shootings"),
    original(7, stateresponse1="killings", stateresponse2="arrests", stateresponse3="ignore"),
    original(8, stateresponse1="crowd dispersal", stateresponse2="accomodation"),
    original(9, stateresponse1="", protesterdemand1=""),
    original(10, stateresponse1="invented response", protesterdemand1="invented demand"),
    original(11, participants_category=">10000", protesterdemand2="price increases, tax policy"),
    original(12, participants_category="", participants="dozens"),
    original(13, location="national"),
    original(14, location=""),
    original(15, country="Ivory Coast", location="Bouaké"),
    original(16, country="Germany West", year=1990, location="Bonn"),
    original(17, country="Atlantis"),
    original(18, startday=31, startmonth=2),
    original(19, **ends(2005, 4, 1)),
    original(19, location="Sokodé"),
    original(19, location="the same id again"),
    original(20, participants_category="many"),
    original(21, protesterviolence=2),
    original(22, id="no number"),
    quiet_year(2006),
)
