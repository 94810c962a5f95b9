"""Writing down what came of attempts, soon, in as few commits as that allows.

Results that come while others are being written are committed together. A worker that is killed
between a receiver's answer and the commit leaves those messages to be sent again, under their ids.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from ewarn.domain.delivery import Outcome, Receipt
from ewarn.notify.retry import RetryDecision, after
from ewarn.pipeline.delivery.endpoints import note
from ewarn.pipeline.service import Service
from ewarn.store.delivery import endpoints, outbox
from ewarn.store.delivery.outbox import AttemptResult, Leased


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one attempt, when, and whether its address was failing before."""

    item: Leased
    receipt: Receipt
    at: datetime
    was_failing: bool

    @property
    def verdict(self) -> RetryDecision:
        """What follows from it."""
        return after(self.receipt, self.item.attempts + 1, self.item.notification.id, self.at)


class Settling:
    """Takes results from many threads and writes them one commit at a time."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._waiting: list[tuple[Sequence[Result], Future[None]]] = []
        self._adding = Lock()
        self._writing = Lock()

    def settle(self, results: Sequence[Result]) -> None:
        """Write results down; they are committed when this returns.

        Raises StoreError where the database cannot be used: the messages' leases then lapse.
        """
        if not results:
            return
        written: Future[None] = Future()
        with self._adding:
            self._waiting.append((results, written))
        with self._writing:  # whoever is next writes for all who wait by then
            with self._adding:
                together, self._waiting = self._waiting, []
            self._write(together)
        written.result()

    def _write(self, together: Sequence[tuple[Sequence[Result], "Future[None]"]]) -> None:
        if not together:
            return
        try:
            self._commit([result for results, _ in together for result in results])
        except BaseException as error:
            for _, written in together:
                written.set_exception(error)
        else:
            for _, written in together:
                written.set_result(None)

    def _commit(self, results: Sequence[Result]) -> None:
        settled = [
            AttemptResult(
                result.item,
                result.receipt,
                result.at,
                result.verdict.state,
                result.verdict.next_attempt_at,
            )
            for result in results
        ]
        noted = [
            result
            for result in results
            if result.was_failing or result.receipt.outcome is not Outcome.DELIVERED
        ]
        with self._service.store.write() as connection:
            if noted:  # before any message, so that two workers never wait for each other
                endpoints.hold(connection)
            outbox.settle(connection, settled)
            for result in noted:
                endpoint = result.item.endpoint
                note(connection, self._service, endpoint, result.receipt, result.at)
