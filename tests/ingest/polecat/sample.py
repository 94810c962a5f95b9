"""An invented payload of POLECAT, and how the fault tests read its provider."""

from datetime import UTC, datetime

from ewarn.domain.source import Payload
from ingest.polecat.source import PolecatSource
from tests.ingest.polecat.provider import publish, story, tab_of
from tests.provider import Provider
from tests.speaking import Speaking

NOW = datetime(2018, 1, 1, tzinfo=UTC)


def sample() -> tuple[Payload, int]:
    """An invented file: a protest in Lomé told twice, and a row of no day."""
    later = story(3, **{"Event Date": "None", "Publication Date": "2018-01-07"})
    body = tab_of(story(1), story(2), later)
    return Payload("polecat", "sample", body, NOW), 3


def serve(provider: Provider, *, more: bool) -> None:
    files = [("one.txt", "2018-01-01", tab_of(story(1)))]
    if more:
        others = (story(number, Country="BEN", Province="None") for number in range(2, 5))
        files += [
            ("two.txt", "2018-01-08", tab_of(*others)),
            ("three.txt", "2018-01-08", tab_of(story(5, **{"Event Mode": "riot"}))),
            ("four.txt", "2018-01-09", tab_of(story(6, **{"Event Mode": "strike"}))),
        ]
    publish(provider, *files)


SPEAKING = {
    "polecat": Speaking(
        serve_first=lambda provider: serve(provider, more=False),
        serve_more=lambda provider: serve(provider, more=True),
        make=lambda web, url: PolecatSource(web, key="an invented key", url=url),
        first_at=datetime(2018, 1, 3, tzinfo=UTC),
        then_at=datetime(2018, 1, 11, tzinfo=UTC),
        requests=4,
    ),
}
