"""Placing an event by the words of its report: `place` and `country`, nothing else.

A text is searched for names, longest first: subdivisions, and towns of GeoNames, whose position
says in which subdivision they lie. What the names agree on is the answer. Where they disagree,
where a name stands for several, where the place lies beside the name ("north of"), or where
nothing is known, the answer is the country: a wrong subdivision is worse than none.
"""

from collections.abc import Sequence

from ewarn.domain.region import Ground
from ewarn.places import wording
from ewarn.places.lexicon import Lexicon, Meaning
from ewarn.places.reading import Mention, PlaceTextReader, Rank


def place_by_words(text: str, lexicon: Lexicon) -> tuple[str | None, Ground]:
    """The subdivision a text places an event in, None for the country; and the ground of it."""
    if wording.says_national(text):
        return None, Ground.NATIONAL
    if wording.says_many(text):
        return None, Ground.SEVERAL
    reader = PlaceTextReader(text, lexicon)
    mentions = sorted(reader.mentions(), key=lambda mention: mention.end)
    names = [mention for mention in mentions if mention.meaning is not None]
    if not names and wording.says_seat(text):
        names = reader.capital()
    if not names:
        return None, Ground.NATIONAL if mentions else Ground.UNKNOWN
    if wording.says_route(text) and reader.has_unread_name():
        return None, Ground.UNSURE
    if not wording.is_list(text):
        # "Mercato, Addis Ababa": no guess at a small place against a name that is none.
        names = [name for name in names if not (name.is_guess and name.is_small)] or names
    return _agreed(names if wording.says_route(text) else _surest(names))


def _surest(names: Sequence[Mention]) -> list[Mention]:
    """Names of the highest rank there is, and large ones in passing elsewhere in the text."""
    highest = max(mention.rank for mention in names)
    parts = {mention.part for mention in names if mention.rank == highest}
    return [
        mention
        for mention in names
        if mention.rank == highest
        or (mention.rank is Rank.PASSING and not mention.is_small and mention.part not in parts)
    ]


def _agreed(names: Sequence[Mention]) -> tuple[str | None, Ground]:
    """What the names of a text have in common."""
    meanings = [name.meaning for name in names if name.meaning is not None]
    for meaning in reversed(meanings):
        if meaning.region is not None and all(_fits(meaning, other) for other in meanings):
            return meaning.region, meaning.ground
    if _is_container(names):
        return meanings[-1].region, meanings[-1].ground
    regions = {meaning.region for meaning in meanings} - {None}
    is_wide = any(meaning.ground is Ground.SEVERAL for meaning in meanings)
    return None, Ground.SEVERAL if len(regions) > 1 or is_wide else Ground.UNSURE


def _fits(meaning: Meaning, other: Meaning) -> bool:
    """Whether `other` may stand for the same: "Ho, Volta Region" says which Ho is meant."""
    return meaning.region == other.region or (
        meaning.region in other.possible
        and (other.region is None or meaning.ground is Ground.SUBDIVISION)
    )


def _is_container(names: Sequence[Mention]) -> bool:
    """Whether the last name is a subdivision that says where the others lie, although the list
    of towns has those elsewhere: "Murambi, Eastern Province".
    """
    *others, last = names
    return (
        last.meaning is not None
        and last.meaning.ground is Ground.SUBDIVISION
        and last.meaning.town is None
        and all(
            other.phrase < last.phrase
            and other.meaning is not None
            and (
                other.is_guess  # "Wukan, Guangdong province" is not Wuhan
                or (other.is_small and other.meaning.ground is not Ground.SUBDIVISION)
            )
            for other in others
        )
    )
