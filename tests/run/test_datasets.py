"""Tests of `ewarn datasets`, with a publisher on this machine."""

import hashlib
import json
from pathlib import Path

import orjson
import pytest

from tests.ingest.mass_mobilization.provider import EVERY_CASE, file_of
from tests.provider import Provider, Reply
from tests.run.conftest import Command

BODY = file_of(*EVERY_CASE)
PCODES = (
    b"Location,Admin Level,P-Code,Name,Parent P-Code,Valid from date\n"
    b"#country+code,#geo+admin_level,#adm+code,#adm+name,#adm+code+parent,#date+start\n"
    b"TGO,1,TG04,Maritime,TGO,2020-01-01\n"
    b"TGO,1,TG99,Nowhere,TGO,2020-01-01\n"
)
PACKAGE = "/api/3/action/package_show"


@pytest.fixture
def dataverse(provider: Provider, ewarn: Command, monkeypatch: pytest.MonkeyPatch) -> Provider:
    """Dataverse with an invented file of Mass Mobilization."""
    monkeypatch.setenv("EWARN_MASS_MOBILIZATION_URL", provider.url)
    publish(provider, BODY)
    return provider


def publish(provider: Provider, body: bytes) -> None:
    file = {
        "id": 7,
        "filename": "invented.tab",
        "originalFileFormat": "text/csv",
        "originalFileName": "invented.csv",
        "md5": hashlib.md5(body).hexdigest(),
        "publicationDate": "2020-08-03",
    }
    version = {"releaseTime": "2020-08-03T12:00:00Z", "files": [{"dataFile": file}]}
    listing = orjson.dumps({"data": {"latestVersion": version}})
    provider.answers["/api/datasets/:persistentId/"] = [Reply(listing)]
    provider.answers["/api/access/datafile/7"] = [Reply(body)]


@pytest.fixture
def hdx(provider: Provider, ewarn: Command, monkeypatch: pytest.MonkeyPatch) -> Provider:
    """HDX with an invented list of P-codes."""
    monkeypatch.setenv("EWARN_PCODES_URL", provider.url)
    names = ("global_pcodes.csv", "global_pcodes_adm_1_2.csv")
    files = [{"name": name, "url": f"{provider.url}/download/{name}"} for name in names]
    listing = orjson.dumps({"success": True, "result": {"resources": files}})
    provider.answers[PACKAGE] = [Reply(listing)]
    provider.answers["/download/global_pcodes_adm_1_2.csv"] = [Reply(PCODES)]
    return provider


def test_events_are_taken_in_and_a_second_time_nothing_changes(
    ewarn: Command, dataverse: Provider
) -> None:
    first = ewarn("datasets", "fetch", "mass-mobilization", "--json")
    assert first.code == 0
    assert first.out.count("\n") == 1
    counts = json.loads(first.out)
    assert (counts["dataset"], counts["file"]) == ("mass-mobilization", "invented.csv")
    assert (counts["accepted"], counts["unchanged"], len(counts["rejected"])) == (22, 0, 7)
    assert counts["health"] == "ok"
    again = json.loads(ewarn("datasets", "fetch", "mass-mobilization", "--json").out)
    assert (again["accepted"], again["unchanged"], again["versions"]) == (0, 22, 0)
    assert ewarn("doctor").code == 0


def test_rows_that_are_refused_are_named_to_people(ewarn: Command, dataverse: Provider) -> None:
    ran = ewarn("datasets", "fetch", "mass-mobilization")
    assert "country 'Atlantis' is not a known country" in ran.out
    assert "invented.csv: 22 new events, 0 new versions, 0 deletions" in ran.out


def test_an_event_that_its_publisher_dropped_is_deleted(
    ewarn: Command, dataverse: Provider
) -> None:
    publish(dataverse, file_of(*EVERY_CASE[:5]))
    ewarn("datasets", "fetch", "mass-mobilization")
    publish(dataverse, file_of(*EVERY_CASE[:4]))
    counts = json.loads(ewarn("datasets", "fetch", "mass-mobilization", "--json").out)
    assert (counts["tombstones"], counts["unchanged"]) == (2, 3)  # a protest and its arrest


def test_a_publisher_that_is_down_is_one_sentence_and_nothing_is_stored(
    ewarn: Command, dataverse: Provider
) -> None:
    dataverse.answers["/api/access/datafile/7"] = [Reply(b"", 503)]
    ran = ewarn("datasets", "fetch", "mass-mobilization", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.strip().splitlines()[-1].startswith("ewarn: ")
    assert "did not answer after 3 tries" in ran.err
    assert "Traceback" not in ran.err
    listed = json.loads(ewarn("datasets", "list", "--json").out)["datasets"]
    assert [item["fetched_at"] for item in listed] == [None, None]


def test_a_file_that_is_another_is_one_sentence(ewarn: Command, dataverse: Provider) -> None:
    publish(dataverse, b"something,else\n1,2\n")
    ran = ewarn("datasets", "fetch", "mass-mobilization")
    assert ran.code == 1
    assert "it is no original file of Mass Mobilization" in ran.err


def test_p_codes_are_stored_as_they_came(ewarn: Command, hdx: Provider, tmp_path: Path) -> None:
    counts = json.loads(ewarn("datasets", "fetch", "pcodes", "--json").out)
    stored = tmp_path / "data" / "pcodes.csv"
    assert (counts["file"], counts["unchanged"]) == (str(stored), False)
    assert (counts["codes"], counts["without_region"]) == (1, 1)
    assert stored.read_bytes() == PCODES
    assert hdx.requests[0].query == {"id": "global-pcodes"}
    assert json.loads(ewarn("datasets", "fetch", "pcodes", "--json").out)["unchanged"] is True
    assert [path.name for path in stored.parent.iterdir()] == ["pcodes.csv"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>moved</html>", "lacks the columns Location, Admin Level"),
        (PCODES.splitlines()[0], "matches no subdivision"),
        (b"\xff\xfe", "not UTF-8 text"),
        (b"", "lacks the columns"),
    ],
)
def test_what_is_no_list_of_p_codes_leaves_the_old_one_in_place(
    ewarn: Command, hdx: Provider, tmp_path: Path, body: bytes, said: str
) -> None:
    ewarn("datasets", "fetch", "pcodes")
    hdx.answers["/download/global_pcodes_adm_1_2.csv"] = [Reply(body)]
    ran = ewarn("datasets", "fetch", "pcodes")
    assert ran.code == 1
    assert said in ran.err
    assert (tmp_path / "data" / "pcodes.csv").read_bytes() == PCODES


@pytest.mark.parametrize(
    ("listing", "said"),
    [
        (b"<html>", "gave no list of the files of global-pcodes"),
        (b'{"result": {"resources": []}}', "has none of the files"),
        (b'{"result": {"resources": [{"name": "x"}]}}', "gave no list"),
    ],
)
def test_a_listing_without_p_codes_is_one_sentence(
    ewarn: Command, hdx: Provider, listing: bytes, said: str
) -> None:
    hdx.answers[PACKAGE] = [Reply(listing)]
    ran = ewarn("datasets", "fetch", "pcodes")
    assert ran.code == 1
    assert said in ran.err


def test_a_folder_that_cannot_be_written_is_one_sentence(
    ewarn: Command, hdx: Provider, tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    ran = ewarn("datasets", "fetch", "pcodes")
    assert ran.code == 1
    assert "cannot be written" in ran.err


def test_what_there_is_is_listed(ewarn: Command, hdx: Provider) -> None:
    ewarn("datasets", "fetch", "pcodes")
    listed = json.loads(ewarn("datasets", "list", "--json").out)["datasets"]
    assert [item["name"] for item in listed] == ["mass-mobilization", "pcodes"]
    assert listed[0]["fetched_at"] is None
    assert listed[1]["fetched_at"] is not None
    assert "CC0 1.0" in ewarn("datasets", "list").out


def test_an_unknown_name_is_a_wrong_use(ewarn: Command) -> None:
    ran = ewarn("datasets", "fetch", "atlantis")
    assert ran.code == 2
    assert "there are mass-mobilization, pcodes" in ran.err
