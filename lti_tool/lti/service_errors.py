"""The error of a call to one of the platform's services: enough to decide on a retry.

It never carries what was sent or received, because that may be personal data.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from lti_tool.lti.http_client import FetchError, FetchErrorKind
from lti_tool.lti.platform_profile import PlatformProfile

_PERMANENT = {
    FetchErrorKind.BAD_URL,
    FetchErrorKind.NOT_HTTPS,
    FetchErrorKind.FORBIDDEN_ADDRESS,
    FetchErrorKind.SCOPE_NOT_GRANTED,
    FetchErrorKind.TOO_LARGE,
    FetchErrorKind.FOREIGN_PAGE,
    FetchErrorKind.ENDLESS,
}
_RETRIABLE_STATUSES = {401, 408, 423, 425, 429}
_MAX_RETRY_AFTER = 24 * 3600


class ServiceError(Exception):
    """A call to a service failed. ``status`` is None where there was no HTTP response.

    ``oauth_error`` is the error code of RFC 6749 §5.2 (``invalid_client``) where the token endpoint
    gave one; ``retry_after`` is in seconds, where the platform asked for a delay. ``reason`` is the
    reason of a refusal as the profile knows it (``PlatformProfile.refusal_reason``).
    """

    def __init__(
        self,
        kind: FetchErrorKind,
        host: str,
        *,
        status: int | None = None,
        oauth_error: str | None = None,
        retry_after: int | None = None,
        reason: str | None = None,
    ) -> None:
        description = " ".join(str(part) for part in (kind, status, oauth_error) if part)
        super().__init__(f"{description}: {host}")
        self.kind = kind
        self.host = host
        self.status = status
        self.oauth_error = oauth_error
        self.retry_after = retry_after
        self.reason = reason

    @property
    def is_retriable(self) -> bool:
        """Whether the same call may succeed later."""
        if self.status is None:
            return self.kind not in _PERMANENT
        return (
            self.status >= 500 or self.status in _RETRIABLE_STATUSES or self.retry_after is not None
        )

    @property
    def is_incomplete_list(self) -> bool:
        """Whether the pages of a list could not be read to the end."""
        return self.kind in (FetchErrorKind.FOREIGN_PAGE, FetchErrorKind.ENDLESS)


def from_fetch_error(error: FetchError) -> ServiceError:
    """The error of a call that got no usable response."""
    return ServiceError(error.kind, error.host)


def from_response(
    status: int,
    headers: Mapping[str, str],
    response_host: str,
    profile: PlatformProfile,
    oauth_error: str | None = None,
    body: str = "",
) -> ServiceError:
    """The error of a call whose response has another status than success."""
    return ServiceError(
        FetchErrorKind.BAD_STATUS,
        response_host,
        status=status,
        oauth_error=oauth_error,
        retry_after=_retry_after(status, headers, profile),
        reason=profile.refusal_reason(status, body) if body else None,
    )


def _retry_after(status: int, headers: Mapping[str, str], profile: PlatformProfile) -> int | None:
    """Seconds to wait: ``Retry-After`` (RFC 9110 §10.2.3), or the platform's own throttling."""
    value = headers.get("retry-after", "")
    if re.fullmatch(r"\d{1,9}", value, re.ASCII):
        return min(int(value), _MAX_RETRY_AFTER)
    if value:
        return _seconds_until(value)
    return profile.throttle_delay(status, headers)


def _seconds_until(date: str) -> int | None:
    """Seconds from now to an HTTP date."""
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - datetime.now(UTC)).total_seconds()
    return min(max(0, int(seconds)), _MAX_RETRY_AFTER)
