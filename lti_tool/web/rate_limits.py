"""Limit the requests of one IP address, person or launch session, in Redis or in each process.

Only the limited views are wrapped; other requests cost nothing. If Redis does not answer, each
process counts for itself.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, request
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

log = logging.getLogger(__name__)


class RateLimits:
    """Counts the requests of each IP address or launch session. Shared by all threads."""

    def __init__(self, redis_url: str | None) -> None:
        self._local = FixedWindowRateLimiter(MemoryStorage())
        self._shared = (
            FixedWindowRateLimiter(storage_from_string(redis_url, wrap_exceptions=True))
            if redis_url
            else self._local
        )

    def limit(self, app: Flask, endpoint: str, per_minute: int) -> None:
        """Answer 429 to an IP address that requests the endpoint more often than this."""
        view: Callable[..., Any] = app.view_functions[endpoint]
        rate = RateLimitItemPerMinute(per_minute)

        @wraps(view)
        def limited(**arguments: Any) -> Any:
            if not self._is_within(rate, endpoint, request.remote_addr or ""):
                raise TooManyRequests(retry_after=60)
            return view(**arguments)

        app.view_functions[endpoint] = limited

    def allows(self, per_minute: int, *key: str) -> bool:
        """Count a request of ``key``; return whether it is within the limit."""
        return self._is_within(RateLimitItemPerMinute(per_minute), *key)

    def _is_within(self, rate: RateLimitItemPerMinute, *key: str) -> bool:
        try:
            return self._shared.hit(rate, *key)
        except StorageError as error:
            log.warning("rate limits: Redis does not answer (%s)", type(error).__name__)
            return self._local.hit(rate, *key)
