"""Submission of field reports, and the receipt with which the sender asks what became of one.

Nothing that is stored in clear text says who sent a report, or when on its day.
"""

import base64
import hashlib
import secrets
from datetime import datetime

from ewarn.domain.reports.field_report import ReportFacts, ReportState, ReportWords
from ewarn.errors import UnknownName, UsageError
from ewarn.pipeline.reports.desk import Desk, desk_of
from ewarn.pipeline.reports.sealed import facts_of, sealed_report, words_of
from ewarn.pipeline.service import Service
from ewarn.store.reports import reports
from ewarn.store.reports.reports import SealedReport

CODE_LENGTH, _GROUP = 20, 5  # characters of 5 bits each: nobody guesses 100 bits


def submit(
    service: Service,
    facts: ReportFacts,
    words: ReportWords,
    now: datetime,
    *,
    sender: str,
    attempt: str,
) -> str:
    """Store a report sealed, and return its receipt code.

    The same attempt of the same sender is stored once and always gets the same code, so that a
    phone on a bad line can send it again. The code is not stored: it follows from the operator's
    key and the attempt.

    Args:
        sender: Prefix of the sender's API key.
        attempt: The idempotency key.

    Raises:
        ReportsDisabled: Field reports are not accepted.
        UsageError: The attempt was used for another report.
    """
    desk = desk_of(service)
    submission = desk.sealer.mark(f"submission\n{sender}\n{attempt}".encode())
    code = _code(desk.sealer.mark(f"receipt\n{submission}".encode()))
    report = sealed_report(
        desk.sealer,
        f"report-{secrets.token_hex(8)}",
        facts,
        words,
        received_on=now.date(),
        submission=submission,
        receipt=_hash(code),
    )
    with service.store.write() as connection:
        if not reports.add(connection, report):
            known = reports.of_submission(connection, submission)
            assert known is not None  # it kept the new one from being stored
            _require_same(desk, known, facts, words)
    return code


def state_of_receipt(service: Service, code: str) -> ReportState:
    """Return what became of the report with a receipt code, written with or without hyphens.

    Raises:
        ReportsDisabled: Field reports are not accepted.
        UnknownName: There is no such code.
    """
    desk_of(service)
    plain = "".join(code.split()).replace("-", "").upper()
    with service.store.read() as connection:
        found = reports.of_receipt(connection, _hash(plain))
    if found is None:
        raise UnknownName("there is no report with this receipt code")
    return found.state


def _require_same(desk: Desk, known: SealedReport, facts: ReportFacts, words: ReportWords) -> None:
    if known.state is ReportState.ERASED:
        return  # nothing is left to compare with
    if facts_of(desk.sealer, known) != facts or words_of(desk.sealer, known) != words:
        raise UsageError("this Idempotency-Key was used for another report: take a new one")


def _code(mark: str) -> str:
    return base64.b32encode(bytes.fromhex(mark)).decode()[:CODE_LENGTH]


def written_code(code: str) -> str:
    """Return a code in groups, as people copy it.

    >>> written_code("ABCDEFGHIJKLMNOPQRST")
    'ABCDE-FGHIJ-KLMNO-PQRST'
    """
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
