"""Placement of an event by the text of its place and its country, and nothing else.

A text is searched for names, longest first. These are subdivisions, and towns of GeoNames, whose
position determines their subdivision. The result is the subdivision on which the names agree. If
they disagree, if a name means several subdivisions, if the place is beside the named one ("north
of"), or if nothing is known, the result is the country: a wrong subdivision is worse than none.
"""

from collections.abc import Sequence

from ewarn.domain.region import Ground
from ewarn.places import wording
from ewarn.places.lexicon import Lexicon, Meaning
from ewarn.places.reading import Mention, PlaceTextReader, Rank


def place_by_words(text: str, lexicon: Lexicon) -> tuple[str | None, Ground]:
    """Return the subdivision in which a text places an event (None: the country), and why."""
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
        # In "Mercato, Addis Ababa" a guess at a small place must not compete with a known name.
        names = [name for name in names if not (name.is_guess and name.is_small)] or names
    return _agreed(names if wording.says_route(text) else _surest(names))


def _surest(names: Sequence[Mention]) -> list[Mention]:
    """Return the names of the highest rank, and large places named in passing in other parts."""
    highest = max(mention.rank for mention in names)
    parts = {mention.part for mention in names if mention.rank == highest}
    return [
        mention
        for mention in names
        if mention.rank == highest
        or (mention.rank is Rank.PASSING and not mention.is_small and mention.part not in parts)
    ]


def _agreed(names: Sequence[Mention]) -> tuple[str | None, Ground]:
    """Return the subdivision on which all names agree (None: the country), and why."""
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
    """Return whether `other` may mean the same: "Ho, Volta Region" says which Ho is meant."""
    return meaning.region == other.region or (
        meaning.region in other.possible
        and (other.region is None or meaning.ground is Ground.SUBDIVISION)
    )


def _is_container(names: Sequence[Mention]) -> bool:
    """Return whether the last name is a subdivision that contains the places named before it.

    This holds even if the list of towns has these places elsewhere: "Murambi, Eastern Province".
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
