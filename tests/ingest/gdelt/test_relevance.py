"""Tests of which stories count. All addresses and stories are invented."""

import numpy as np
import pytest

from ewarn.domain.kinds import EventKind
from ingest.gdelt.relevance import (
    KINDS,
    ROLES,
    Stories,
    features,
    is_state_against_civilians,
    load_relevance,
    roles_of,
)
from ingest.gdelt.story_words import load_vocabulary


def story(kind: str, words: str, one: str = "", two: str = "", tone: float = -3.0) -> Stories:
    return Stories(
        np.array([KINDS.index(EventKind(kind))]),
        load_vocabulary().counts(f"https://news.example/{words}")[None, :],
        np.array([roles_of(one, two)]),
        np.array([tone]),
    )


def counts(kind: str, words: str, one: str = "", two: str = "") -> bool:
    return bool(load_relevance().counts(story(kind, words, one, two))[0])


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("arrest", "police-arrest-three-opposition-activists"),
        ("arrest", "world/journalist-jailed-over-article"),
        ("arrest", "politique/la-police-arrete-des-militants-de-l-opposition"),
        ("arrest", "politica/detienen-a-periodista-y-activista"),
        ("arrest", "politica/policia-prende-jornalista-e-ativista"),
        ("arrest", "politika/gazeteci-ve-avukat-tutuklandi"),
        ("arrest", "اعتقال-صحفيين-ونشطاء"),
        ("arrest", "politika/zaderzhany-zhurnalist-i-aktivist"),
        ("protest", "thousands-march-in-protest-against-government"),
        ("attack", "gunmen-kill-villagers-in-attack"),
        ("clash", "army-and-rebels-in-heavy-fighting"),
        ("force", "police-fire-tear-gas-at-protesters"),
        ("restriction", "government-bans-opposition-rallies"),
        ("election", "polling-stations-burnt-as-vote-is-disputed"),
    ],
)
def test_what_the_kind_names_counts(kind: str, words: str) -> None:
    assert counts(kind, words)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("arrest", "crime/man-arrested-with-heroin-after-robbery"),
        ("arrest", "faits-divers/un-homme-arrete-pour-trafic-de-drogue"),
        ("attack", "sport/hockey-attack-scores-five-goals-against-rivals"),
        ("attack", "health/man-dies-of-heart-attack-in-hospital"),
        ("clash", "entertainment/royal-wedding-film-review"),
        ("protest", "business/hedge-fund-lodges-protest-against-merger-deal"),
        ("restriction", "schools-ban-phones-in-class"),
        ("election", "mayoral-debate-ahead-of-local-election"),
    ],
)
def test_what_the_kind_does_not_name_does_not_count(kind: str, words: str) -> None:
    assert not counts(kind, words)


@pytest.mark.parametrize("words", ["", "4717266", "articles/0,7340,L-4717266,00"])
def test_where_an_address_says_nothing_the_roles_decide(words: str) -> None:
    assert counts("arrest", words, "TGOCOP", "TGOOPP")
    assert counts("attack", words, "NGACVL", "UAF")
    assert not counts("arrest", words, "TGOCOP", "")
    assert not counts("arrest", words, "USA", "USACRM")


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("", "", set()),
        ("TGO", "GHA", {"both", "foreign"}),
        ("TGOCOP", "TGOOPP", {"state", "civil", "both"}),
        ("COP", "TGOMED", {"state", "civil", "both"}),
        ("TGOMIL", "", {"state", "armed"}),
        ("CRM", "NGAREB", {"armed", "criminal", "both"}),
    ],
)
def test_roles_of_actors(one: str, two: str, expected: set[str]) -> None:
    assert {r for r, is_so in zip(ROLES, roles_of(one, two), strict=True) if is_so} == expected


def test_a_state_against_civilians_has_an_order() -> None:
    assert is_state_against_civilians("TGOMIL", "TGOEDU")
    assert not is_state_against_civilians("TGOEDU", "TGOMIL")


def test_each_weight_is_of_a_feature_and_each_feature_has_one() -> None:
    assert set(load_relevance().weights) == set(
        features(story("arrest", "police-arrest-activists"))
    )


def test_a_story_is_judged_by_itself() -> None:
    one = story("arrest", "police-arrest-activists", "TGOCOP", "TGOOPP")
    other = story("clash", "film-review")
    both = Stories(
        *(np.concatenate([getattr(one, n), getattr(other, n)]) for n in Stories.__slots__)
    )
    alone = [load_relevance().probability(each)[0] for each in (one, other)]
    assert load_relevance().probability(both).tolist() == alone
