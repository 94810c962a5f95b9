"""What can go wrong between a client and the service. No error ever holds the key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ewarn.errors import EwarnError


@dataclass(frozen=True, slots=True)
class ReportedProblem:
    """What the service says about a request that it did not answer (RFC 9457).

    Attributes:
        kind: The last part of the address that explains it, for example `unknown-region`.
        errors: For each wrong parameter, its name and what is wrong with it.
    """

    status: int
    kind: str
    title: str
    detail: str
    errors: Sequence[Mapping[str, Any]] = ()

    def __str__(self) -> str:
        named = "; ".join(f"{each.get('name')} {each.get('reason')}" for each in self.errors)
        return f"{self.detail or self.title} (HTTP {self.status}, {self.kind})" + (
            f": {named}" if named else ""
        )


class ClientError(EwarnError):
    """The service gave no answer that can be used."""


class ServiceUnreachable(ClientError):
    """The service did not answer, or could not answer now. Another try later may help.

    Attributes:
        problem: What the service said, if it said anything.
        retry_after: The seconds after which it wants to be asked again, if it said so.
    """

    def __init__(
        self,
        message: str,
        problem: ReportedProblem | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.problem = problem
        self.retry_after = retry_after


class RequestRefused(ClientError):
    """The service refuses the request; the same request would be refused again."""

    def __init__(self, problem: ReportedProblem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class AnswerUnreadable(ClientError):
    """The answer is not one of this API, or one of a version that this client does not know."""


class OfflineWarning(UserWarning):
    """The service cannot be reached, and an answer that was kept is used in place of a new one.

    Attributes:
        read_at: When the service last gave or confirmed it; None if it did not say.
    """

    def __init__(self, message: str, read_at: datetime | None) -> None:
        super().__init__(message)
        self.read_at = read_at
