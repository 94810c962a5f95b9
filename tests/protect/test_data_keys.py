"""Tests of data keys: each belongs to one record and to one operator's key."""

import json

import pytest

from ewarn.errors import SealBroken
from ewarn.protect.data_keys import new_data_key, open_data_key, padded
from ewarn.protect.sealing import AesSealer

OPERATOR = AesSealer(b"k" * 32)


def test_a_data_key_opens_with_its_record_and_the_operators_key_only() -> None:
    sealed, own = new_data_key(OPERATOR, "a record")
    content = own.seal(b"a text", "its words")
    assert open_data_key(OPERATOR, sealed, "a record").open(content, "its words") == b"a text"
    for operator, record in ((OPERATOR, "another"), (AesSealer(b"x" * 32), "a record")):
        with pytest.raises(SealBroken):
            open_data_key(operator, sealed, record)
    _, other = new_data_key(OPERATOR, "a record")
    with pytest.raises(SealBroken):
        other.open(content, "its words")
    with pytest.raises(SealBroken):
        OPERATOR.open(content, "its words")


def test_texts_of_about_the_same_length_have_the_same_length() -> None:
    short, long = (json.dumps({"text": "x" * number}).encode() for number in (1, 900))
    assert len(padded(short)) == len(padded(long)) == 1024
    assert json.loads(padded(long)) == json.loads(long)
    assert len(padded(b"x" * 1025)) == 2048
