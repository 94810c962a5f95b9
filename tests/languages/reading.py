"""How recorded sentences are read again."""

from collections.abc import Collection

from ewarn.languages.sentences import Sentence, Sentences


def check_is_read_by_itself(sentence: Sentence, known: Sentences, tellers: Collection[str]) -> None:
    """Check that the first sentence that reads a text wrote it, and that its gaps have tellers."""
    text = sentence(**dict.fromkeys(tellers, "1"))
    first = next(each for each in known.known if each.read(text) is not None)
    assert first is sentence
    assert set(first.read(text) or ()) <= set(tellers)
