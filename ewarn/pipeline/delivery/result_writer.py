"""Store the results of delivery attempts soon, in as few commits as possible.

Results that arrive while others are being stored are committed together. If a worker is killed
between a receiver's answer and the commit, those messages are sent again, under the same ids.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from ewarn.domain.delivery import Outcome, Receipt
from ewarn.notify.channels.retry import RetryDecision, decide_retry
from ewarn.pipeline.delivery.endpoints import record_receipt
from ewarn.pipeline.service import Service
from ewarn.store.delivery import endpoints, outbox
from ewarn.store.delivery.outbox import AttemptResult, Leased


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one attempt, its time, and whether its address was failing before."""

    item: Leased
    receipt: Receipt
    begun: datetime
    at: datetime
    was_failing: bool

    @property
    def decision(self) -> RetryDecision:
        """Return what follows from it: delivered, given up, or when to retry."""
        return decide_retry(self.receipt, self.item.attempts + 1, self.item.message.id, self.at)


class ResultWriter:
    """Collect results from many threads, and store them one commit at a time."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._waiting: list[tuple[Sequence[Result], Future[None]]] = []
        self._adding = Lock()
        self._writing = Lock()

    def write(self, results: Sequence[Result]) -> None:
        """Store results; they are committed when this returns.

        Raises:
            StoreError: The database cannot be used. The leases of the messages then expire.
        """
        if not results:
            return
        written: Future[None] = Future()
        with self._adding:
            self._waiting.append((results, written))
        with self._writing:  # the next thread here writes the results of all threads that wait
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
        attempts = [
            AttemptResult(
                result.item,
                result.receipt,
                result.at,
                result.decision.state,
                result.decision.next_attempt_at,
            )
            for result in results
        ]
        of_endpoints = [
            result
            for result in results
            if result.was_failing or result.receipt.outcome is not Outcome.DELIVERED
        ]
        with self._service.store.write() as connection:
            # The endpoints are locked before any message, so that two workers cannot deadlock.
            if of_endpoints:
                endpoints.hold(connection)
            outbox.record_results(connection, attempts)
            for result in of_endpoints:
                endpoint = result.item.endpoint
                record_receipt(connection, self._service, endpoint, result.receipt, result.at)
