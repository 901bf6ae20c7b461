"""How often one address may ask for something: counted in this process, or in Redis for all.

A view without a limit pays nothing for those that have one: nothing is hooked to each request. If
Redis does not answer, each process counts for itself.
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
    """Counts what each address asks for. Shared by all threads."""

    def __init__(self, redis_url: str | None) -> None:
        self._alone = FixedWindowRateLimiter(MemoryStorage())
        self._together = (
            FixedWindowRateLimiter(storage_from_string(redis_url, wrap_exceptions=True))
            if redis_url
            else self._alone
        )

    def limit(self, app: Flask, endpoint: str, per_minute: int) -> None:
        """Answer 429 to an address that asks for the endpoint more often than this."""
        view: Callable[..., Any] = app.view_functions[endpoint]
        most = RateLimitItemPerMinute(per_minute)

        @wraps(view)
        def limited(**arguments: Any) -> Any:
            if not self._has_room(most, endpoint, request.remote_addr or ""):
                raise TooManyRequests(retry_after=60)
            return view(**arguments)

        app.view_functions[endpoint] = limited

    def _has_room(self, most: RateLimitItemPerMinute, *who: str) -> bool:
        try:
            return self._together.hit(most, *who)
        except StorageError as error:
            log.warning("rate limits: Redis does not answer (%s)", type(error).__name__)
            return self._alone.hit(most, *who)
