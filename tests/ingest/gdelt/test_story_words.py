"""Tests of the subjects of the words in addresses. All addresses are invented."""

import pytest

from ingest.gdelt.story_words import Vocabulary, load_vocabulary, words_of


def groups(address: str) -> set[str]:
    vocabulary = load_vocabulary()
    counts = vocabulary.counts(address)
    return {name for name, count in zip(vocabulary.groups, counts, strict=True) if count}


def test_words_are_those_behind_the_host_without_case_accents_and_numbers() -> None:
    address = "https://Police.example/2017/10/Émeute-à_Lomé.html?page=la+Grève"
    assert words_of(address) == {"emeute", "lome", "html", "page", "la", "greve"}


@pytest.mark.parametrize("address", ["", "no address", "http://[", "https://news.example"])
def test_what_is_no_address_has_no_words_of_a_group(address: str) -> None:
    assert load_vocabulary().counts(address).sum() == 0


def test_a_stem_stands_for_any_ending_and_a_word_for_itself() -> None:
    vocabulary = Vocabulary({"a": "protest* ban", "b": "ban Émeute"})
    assert vocabulary.groups_of("protesters") == {0}
    assert vocabulary.groups_of("ban") == {0, 1}
    assert vocabulary.groups_of("bank") == frozenset()
    assert vocabulary.groups_of("emeute") == {1}


def test_a_word_that_stands_twice_counts_once() -> None:
    vocabulary = Vocabulary({"a": "march*"})
    assert vocabulary.counts("https://a.example/march-march-marchers").tolist() == [2]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example/police-tire-sur-des-manifestants", {"crowd", "force", "state"}),
        ("https://a.example/detienen-a-periodista", {"arrest", "voice"}),
        ("https://a.example/policia-prende-jornalista", {"arrest", "voice", "state"}),
        ("https://a.example/polizei-nimmt-journalisten-in-gewahrsam", {"arrest", "voice"}),
        ("https://a.example/arrestati-due-giornalisti", {"arrest", "voice"}),
        ("https://a.example/gazeteciler-tutuklandi", {"arrest", "voice"}),
        ("https://a.example/wartawan-ditangkap", {"arrest", "voice"}),
        ("https://a.example/zaderzhan-zhurnalist", {"arrest", "voice"}),
        ("https://a.example/%D0%B7%D0%B0%D0%B4%D0%B5%D1%80%D0%B6%D0%B0%D0%BD", {"arrest"}),
        ("https://a.example/اعتقال-الصحفيين", {"arrest", "voice"}),
        ("https://a.example/والمتظاهرين", {"crowd"}),
        ("https://a.example/sport/football", {"sport"}),
    ],
)
def test_ten_languages_are_read(address: str, expected: set[str]) -> None:
    assert expected <= groups(address)


@pytest.mark.parametrize("letter", ["و", "x", "ال"])
def test_a_word_without_end_is_read_to_its_fortieth_letter(letter: str) -> None:
    (word,) = words_of(f"https://news.example/{letter * 300_000}")
    assert len(word) == 40
    assert groups(f"https://news.example/{letter * 300_000}") == set()


def test_an_article_is_taken_from_an_arabic_word_once() -> None:
    assert groups("https://news.example/شرطة") == groups("https://news.example/والشرطة") != set()
    assert groups("https://news.example/وووشرطة") == set()
