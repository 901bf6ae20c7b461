"""Why a service of the platform gave nothing: enough to decide on, nothing that was sent."""

import re

from lti_tool.lti.http_client import Answer, Trouble, Unreachable

_PERMANENT = {
    Trouble.BAD_URL,
    Trouble.NOT_HTTPS,
    Trouble.FORBIDDEN_ADDRESS,
    Trouble.NOT_GRANTED,
    Trouble.TOO_LARGE,
}
_WORTH_ANOTHER_TRY = {401, 408, 423, 425, 429}
_LONGEST_PAUSE = 24 * 3600


class ServiceFailed(Exception):  # noqa: N818 - it reads as what happened
    """A call to a service failed. ``status`` is None where there was no answer.

    ``reason`` is an OAuth error code (``invalid_client``), where the token endpoint gave one;
    ``retry_after`` is in seconds, where the platform asked for a pause.
    """

    def __init__(
        self,
        kind: Trouble,
        host: str,
        *,
        status: int | None = None,
        reason: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        told = " ".join(str(part) for part in (kind, status, reason) if part)
        super().__init__(f"{told}: {host}")
        self.kind = kind
        self.host = host
        self.status = status
        self.reason = reason
        self.retry_after = retry_after

    @property
    def may_succeed_later(self) -> bool:
        """Whether the same call is worth another try."""
        if self.status is None:
            return self.kind not in _PERMANENT
        return (
            self.status >= 500 or self.status in _WORTH_ANOTHER_TRY or self.retry_after is not None
        )


def unreachable(error: Unreachable) -> ServiceFailed:
    """The failure of a call that got no usable answer."""
    return ServiceFailed(error.kind, error.host)


def refused(answer: Answer, reason: str | None = None) -> ServiceFailed:
    """The failure of a call that was answered with another status than success."""
    return ServiceFailed(
        Trouble.REFUSED,
        answer.host,
        status=answer.status,
        reason=reason,
        retry_after=_pause(answer),
    )


def _pause(answer: Answer) -> int | None:
    """Seconds to wait: ``Retry-After``, or Canvas' throttle, a 403 with nothing remaining.

    https://developerdocs.instructure.com/services/canvas/basics/file.throttling
    """
    asked = answer.headers.get("retry-after", "")
    if re.fullmatch(r"\d{1,9}", asked, re.ASCII):
        return min(int(asked), _LONGEST_PAUSE)
    remaining = answer.headers.get("x-rate-limit-remaining", "")
    if answer.status == 403 and re.fullmatch(r"-?\d+(\.\d+)?", remaining, re.ASCII):
        return 60 if float(remaining) < 1 else None
    return None
