"""Generate bytes that a bad network or a bad disk has damaged, for fuzz tests of parsers."""

from hypothesis import strategies as st


@st.composite
def damaged(draw: st.DrawFn, *good: bytes) -> bytes:
    """Draw one of the good bodies, or random bytes, with a few places changed, cut or filled."""
    body: bytes = draw(st.one_of(st.binary(max_size=300), st.sampled_from(good)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(body)))
        body = body[:at] + draw(st.binary(max_size=3)) + body[at + draw(st.integers(0, 3)) :]
    return body
