"""Sealing of field reports: each under a data key of its own, facts and words apart.

So an officer can look through the facts of many reports without reading any text.
"""

from dataclasses import asdict
from datetime import date

import orjson

from ewarn.domain.reports.field_report import ReportFacts, ReportState, ReportWords
from ewarn.errors import SealBroken
from ewarn.ports import Sealer
from ewarn.protect.data_keys import new_data_key, open_data_key, padded
from ewarn.store.reports.reports import SealedReport


def sealed_report(
    sealer: Sealer,
    id_: str,
    facts: ReportFacts,
    words: ReportWords,
    *,
    received_on: date,
    submission: str,
    receipt: str,
) -> SealedReport:
    """Seal a report under a new data key. `submission` and `receipt` are hashes."""
    data_key, own = new_data_key(sealer, id_)
    return SealedReport(
        id=id_,
        country=facts.country,
        state=ReportState.RECEIVED,
        received_on=received_on,
        submission=submission,
        receipt=receipt,
        key_id=sealer.key_id,
        facts=own.seal(padded(orjson.dumps(facts.as_json())), f"facts\n{id_}"),
        words=own.seal(padded(orjson.dumps(asdict(words))), f"words\n{id_}"),
        data_key=data_key,
    )


def facts_of(sealer: Sealer, report: SealedReport) -> ReportFacts | None:
    """Return what a report counts, or None if it is erased.

    Raises:
        SealBroken: It was sealed under another key, or altered.
    """
    content = _opened(sealer, report, "facts", report.facts)
    return None if content is None else ReportFacts.from_json(orjson.loads(content))


def words_of(sealer: Sealer, report: SealedReport) -> ReportWords | None:
    """Return the text of a report and who sent it, or None if it is erased.

    Raises:
        SealBroken: It was sealed under another key, or altered.
    """
    content = _opened(sealer, report, "words", report.words)
    return None if content is None else ReportWords(**orjson.loads(content))


def _opened(sealer: Sealer, report: SealedReport, part: str, sealed: bytes | None) -> bytes | None:
    if report.data_key is None or sealed is None:
        return None
    if report.key_id != sealer.key_id:
        raise SealBroken(
            f"{report.id} was sealed with the key {report.key_id}, and EWARN_PROTECTION_KEY is "
            f"{sealer.key_id}: set the key it was sealed with"
        )
    return open_data_key(sealer, report.data_key, report.id).open(sealed, f"{part}\n{report.id}")
