"""Server-sent events (the HTML standard, section 9.2): a text that a client reads as it grows."""

import orjson

MEDIA_TYPE = "text/event-stream"
HEARTBEAT = b":\n\n"  # a comment, so that a broken connection is noticed on both sides


def event(id_: int, data: object) -> bytes:
    """Return an event with JSON as its data."""
    return b"id: %d\ndata: %b\n\n" % (id_, orjson.dumps(data))


def position(id_: int) -> bytes:
    """Return the id from which a client resumes, without an event."""
    return b"id: %d\n\n" % id_
