"""Tests of what messages say about the sources of their news."""

from dataclasses import replace

import pytest

from ewarn.pipeline.service import Service
from tests.pipeline.weeks import play, recipient, told_to

REGION = "TG-M"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Sources with problems: invented is silent (never read)"),
        ("fr", "Sources en défaut : invented est muette (jamais lue)"),
    ],
)
def test_a_message_says_which_sources_are_not_well(
    service: Service, language: str, said: str
) -> None:
    one = told_to(service, recipient(language=language))
    ill = replace(one, sources=service.sources)
    (message,) = play(ill, 0, {REGION: 0.3}).messages
    assert said in message.text
    assert said in message.html
    assert message.body["notice"].startswith(said[0].lower() + said[1:])
