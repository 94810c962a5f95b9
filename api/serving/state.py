"""The state that the routes use. `ewarn.run.wiring` creates it."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from secrets import token_bytes
from threading import Lock
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from api.serving.rate_limits import RateLimits
from ewarn.domain.alert import Change
from ewarn.domain.baseline import Baseline
from ewarn.domain.region import Region
from ewarn.domain.slowing import Slowing
from ewarn.domain.source import SourceStatus, Terms, VolumeDrop
from ewarn.frames.panel import Panel
from ewarn.pipeline.alerts.dry_run import DryRuns
from ewarn.pipeline.alerts.manual_actions import Act
from ewarn.pipeline.delivery.subscribing import Subscribing
from ewarn.pipeline.service import Service
from ewarn.ports import WholeGazetteer
from ewarn.rulebook.rules import Rulebook
from ewarn.store.database import store_metadata
from ewarn.store.database.engine import Store


@dataclass(frozen=True)
class ReportedSource:
    """A source as the API reports it. Its functions return their value at a moment.

    Attributes:
        terms: The terms of use; None for a source that is known only from imported files.
        status: Returns its health.
        drops: Returns the regions whose volume dropped.
        baseline: Returns how much of its past was read; None if that does not apply.
        outcomes: Returns, in words, how many outcomes of another source there are to train on.
    """

    name: str
    terms: Terms | None
    status: Callable[[datetime], SourceStatus]
    drops: Callable[[datetime], Sequence[VolumeDrop]] = lambda _: ()
    baseline: Callable[[datetime], Baseline | None] = lambda _: None
    outcomes: Callable[[datetime], str | None] = lambda _: None


@dataclass(frozen=True)
class ApiState:
    """Everything that the routes need.

    Attributes:
        rulebooks: Returns the rules, bands, offices and playbooks in force.
        subscribing: The actions on subscriptions.
        trying: Dry runs of the rules.
        act: Records an action of a person on an alert (`ewarn.pipeline.alerts.manual_actions`).
        service: What the actions on deployments work with.
        brief: Returns the brief of a country at a moment, in a language, without some sources, for
            some readers.
        clock: The wall clock, which stands still in a demonstration.
        page_key: The key of visitors of a demonstration; None in a live service.
        terms: The terms of every known source, enabled or not.
        push_secrets: The secrets of sources whose providers may announce new data.
        rules_problem: Returns what is wrong with the current rule files; empty if nothing.
        secret_of: Returns the signing secret for a label and a channel; None if nothing is signed.
        access_log: Writes one line of the access log; None for no log.
        slowing: Returns for each signal of a panel of one region whether it slows down.
        limits: Limits of the requests of a key and of an address; None for no limits.
        trial_lock: Held while rules are tried on past scores: one trial at a time in a process.
    """

    store: Store
    places: WholeGazetteer
    rulebooks: Callable[[], Rulebook]
    sources: Callable[[], Sequence[ReportedSource]]
    model_cards: Callable[[datetime], Sequence[Mapping[str, Any]]]
    subscribing: Subscribing
    trying: DryRuns
    act: Callable[[str, Sequence[str], Act, datetime, Sequence[str]], Change]
    service: Service
    brief: Callable[[Region, datetime, str, Sequence[str], Sequence[str]], Mapping[str, Any]]
    clock: Callable[[], datetime]
    version: str
    base_url: str
    is_replay: bool = False
    page_key: str | None = None
    terms: Mapping[str, Terms] = field(default_factory=dict)
    push_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    rules_problem: Callable[[], str] = lambda: ""
    secret_of: Callable[[str, str], str | None] = lambda _label, _channel: None
    access_log: Callable[[bytes], object] | None = None
    slowing: Callable[[Panel], Sequence[Slowing]] = lambda _: ()
    limits: RateLimits | None = None
    trial_lock: Lock = field(default_factory=Lock, repr=False)

    @property
    def rulebook(self) -> Rulebook:
        """The rules, bands, offices and playbooks in force."""
        return self.rulebooks()

    @cached_property
    def secret(self) -> bytes:
        """A secret of 32 bytes that all processes of an installation share."""
        with self.store.read() as connection:
            known = store_metadata.get(connection, store_metadata.SEALS_ANSWERS)
        if known is None:
            made = token_bytes(32).hex()
            with self.store.write() as connection:
                known = store_metadata.put_if_new(connection, store_metadata.SEALS_ANSWERS, made)
        return bytes.fromhex(known)

    @cached_property
    def cursor_seal(self) -> AESSIV:
        """The seal of cursors (AES-SIV, RFC 5297).

        A cursor can name a row that its client may not see. Sealed, it can neither be read nor made
        up. The same cursor is always sealed to the same text, so answers can be kept.
        """
        return AESSIV(hmac.digest(self.secret, b"cursors", "sha256"))

    def digest(self, content: bytes) -> bytes:
        """Return 32 bytes of which nobody outside can find the content by trying contents."""
        return hmac.digest(self.secret, content, "sha256")
