from datetime import timedelta

import pytest

from ewarn.access.sessions import begin, token_hash
from ewarn.domain.key import IDLE_FOR, LONGEST, MOST_NAME
from ewarn.errors import UsageError
from ewarn.store.access import sessions
from ewarn.store.database.engine import Store
from tests.scores import moment

NOW = moment(0)
MINUTE = timedelta(minutes=1)


def test_a_session_is_stored_without_its_token_and_found_by_it(store: Store) -> None:
    session, token = begin("ew1", " Ama ", NOW)
    with store.write() as connection:
        sessions.add(connection, session)
        assert sessions.find(connection, token_hash(token)) == session
        assert sessions.find(connection, token_hash("another")) is None
    assert token not in repr(session)
    assert (session.person, session.prefix) == ("Ama", "ew1")


@pytest.mark.parametrize(
    "name",
    ["", "  ", "x" * (MOST_NAME + 1), "a\nb", "a\x00", "ama@example.org", "+228 90 11 22 33"],
)
def test_a_name_is_one_line_of_text_without_a_contact(name: str) -> None:
    with pytest.raises(UsageError, match="name"):
        begin("ew1", name, NOW)


def test_use_prolongs_a_session_and_age_ends_it(store: Store) -> None:
    session, token = begin("ew1", "Ama", NOW)
    later = NOW + LONGEST - MINUTE
    with store.write() as connection:
        sessions.add(connection, session)
        sessions.record_use(connection, token_hash(token), later)
        found = sessions.find(connection, token_hash(token))
    assert found is not None
    assert not session.valid_at(NOW + IDLE_FOR)
    assert found.valid_at(later)
    assert not found.valid_at(NOW + LONGEST)
