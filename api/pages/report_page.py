"""The page on which observers report from a phone, and its service worker, for work offline.

The page is complete in each language, so that a phone can show it without a line.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from api.pages.rendering import template
from ewarn.domain.kinds import EventKind
from ewarn.domain.reports.field_report import MOST, ReportState
from ewarn.languages.catalogues import complete_languages
from ewarn.languages.formats import own_name

PATH, WORKER_PATH = "/report", "/report/worker.js"
FILES = ("report.css", "report.js", "report_sending.js", "report_vault.js", "favicon.svg")


@dataclass(frozen=True, slots=True)
class Notice:
    """What observers are informed of: who answers for their data, and how long texts are stored.

    `is_open` is whether reports are accepted.
    """

    is_open: bool
    controller: str = ""
    retention_days: int = 0


def report_page(notice: Notice, language: str) -> str:
    """Return the page in a language, as HTML."""
    return template("report.html.j2").render(
        language=language,
        languages={each: own_name(each) for each in complete_languages()},
        notice=notice,
        kinds=[kind.value for kind in EventKind],
        most=MOST,
        states=[state.value for state in ReportState],
    )


def service_worker(source: bytes, files: Mapping[str, bytes], notice: Notice) -> str:
    """Return the service worker, which names what it stores on the phone.

    Its text changes with the page or any file, so that phones fetch the new ones.

    Args:
        source: The worker, with `FILES` and `VERSION` to be filled in.
        files: The content of each file by name.
    """
    pages = {language: report_page(notice, language) for language in complete_languages()}
    digest = hashlib.sha256(source)
    for content in (*(page.encode() for page in pages.values()), *files.values()):
        digest.update(hashlib.sha256(content).digest())
    stored = [PATH, *(f"{PATH}?lang={language}" for language in pages)]
    stored += [f"/page/{name}" for name in files]
    filled = {"VERSION": digest.hexdigest()[:16], "FILES": stored}
    head = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in filled.items())
    return head + source.decode()
