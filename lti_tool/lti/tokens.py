"""Access tokens for the platform's services: requested with a signed assertion, and cached.

LTI Security Framework 1.0 §4.1 (https://www.imsglobal.org/spec/security/v1p0/#using-json-web-
tokens-with-oauth-2-0-client-credentials-grant), RFC 7523 §2.2. There is one token for each
registration and set of scopes, in a storage that all processes share. One thread at a time renews
it, before it expires. The platform may grant fewer scopes than were requested: the ``scope`` of its
response counts (RFC 6749 §5.1).
"""

import math
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

from lti_tool.lti import service_errors
from lti_tool.lti.http_client import FetchError, FetchErrorKind, HttpClient, HttpResponse
from lti_tool.lti.pauses import (
    INVALID_CLIENT,
    INVALID_CLIENT_SECONDS,
    THROTTLED,
    THROTTLED_SECONDS,
    Pause,
    PauseStorage,
)
from lti_tool.lti.registration import Registration
from lti_tool.lti.service_errors import ServiceError
from lti_tool.lti.signing_keys import SigningKeys
from lti_tool.lti.urls import host

RENEW_BEFORE = 60
"""Seconds before its expiry at which a token is no longer used."""
DEFAULT_LIFETIME = 300
"""Seconds, where the response has no ``expires_in``."""
MAX_LIFETIME = 24 * 3600
ASSERTION_LIFETIME = 60
RENEW_AGAIN_AFTER = 60
"""Seconds after the renewal of a token before a 401 causes another one."""

_ERROR = re.compile(r"[a-z_]{1,60}")


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token, its scopes, and its expiry in seconds since 1970."""

    value: str = field(repr=False)
    scopes: tuple[str, ...]
    expires_at: float

    def is_usable(self, now: float) -> bool:
        """Whether it will still be valid for ``RENEW_BEFORE`` seconds."""
        return now < self.expires_at - RENEW_BEFORE


class TokenStorage(Protocol):
    """The token cache that all processes share; ``scopes`` are those requested, sorted."""

    def load(self, registration_id: int, scopes: str) -> AccessToken | None:
        """The cached token, if any."""

    def save(self, registration_id: int, scopes: str, token: AccessToken) -> None:
        """Store a token in place of the previous one."""


class AccessTokens:
    """The access tokens of all registrations. One instance for each process; thread-safe."""

    def __init__(
        self,
        http_client: HttpClient,
        keys: SigningKeys,
        storage: TokenStorage,
        clock: Callable[[], float] = time.time,
        *,
        pauses: PauseStorage | None = None,
    ) -> None:
        self._http_client = http_client
        self._keys = keys
        self._storage = storage
        self._clock = clock
        self._pauses = pauses
        self._renewed: dict[tuple[int, str], float] = {}
        self._locks: dict[tuple[int, str], threading.Lock] = {}
        self._guard = threading.Lock()

    def get(self, registration: Registration, scopes: Iterable[str]) -> AccessToken:
        """A token for these scopes, or for those of them that are granted. Raises ServiceError."""
        key = _key(registration, scopes)
        cached = self._storage.load(*key)
        if cached is not None and cached.is_usable(self._clock()):
            return cached
        with self._lock(key):
            cached = self._storage.load(*key)
            if cached is not None and cached.is_usable(self._clock()):
                return cached
            token = self._fetch(registration, key[1])
            self._storage.save(*key, token)
            return token

    def fetch(self, registration: Registration, scopes: Iterable[str]) -> AccessToken:
        """A new token, which is not cached. Raises ServiceError."""
        return self._fetch(registration, _key(registration, scopes)[1])

    def renew(
        self, registration: Registration, scopes: Iterable[str], rejected: AccessToken
    ) -> AccessToken:
        """A token in place of one that a service answered with 401. Raises ServiceError.

        The rejected one stays in the cache until there is another: it may be good for the other
        services and processes that share it. A token that has just been renewed is not renewed
        again: then the service rejects all of them.
        """
        key = _key(registration, scopes)
        with self._lock(key):
            cached = self._storage.load(*key)
            if cached is not None and cached.value != rejected.value:
                if cached.is_usable(self._clock()):
                    return cached
            elif self._clock() - self._renewed.get(key, 0.0) < RENEW_AGAIN_AFTER:
                return rejected
            token = self._fetch(registration, key[1])
            self._renewed[key] = self._clock()
            self._storage.save(*key, token)
            return token

    def check_pause(self, registration: Registration) -> None:
        """Raise ServiceError while calls to this platform are paused."""
        pause = self._pauses.load(registration.stored_id) if self._pauses else None
        left = pause.until - self._clock() if pause is not None else 0.0
        if pause is None or left <= 0:
            return
        raise ServiceError(
            FetchErrorKind.PAUSED,
            host(registration.token_endpoint),
            oauth_error=INVALID_CLIENT if pause.reason == INVALID_CLIENT else None,
            retry_after=math.ceil(left),
        )

    def pause_after(self, registration: Registration, error: ServiceError) -> None:
        """Pause the calls to a platform, if this error asks for it."""
        if self._pauses is None:
            return
        if error.oauth_error == INVALID_CLIENT:
            pause = Pause(self._clock() + INVALID_CLIENT_SECONDS, INVALID_CLIENT)
        elif error.retry_after or error.status == 429:
            seconds = error.retry_after or THROTTLED_SECONDS
            pause = Pause(self._clock() + seconds, THROTTLED)
        else:
            return
        self._pauses.save(registration.stored_id, pause)

    def _lock(self, key: tuple[int, str]) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(key, threading.Lock())

    def _fetch(self, registration: Registration, scopes: str) -> AccessToken:
        self.check_pause(registration)
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self._assertion(registration),
            "scope": scopes,
        }
        try:
            response = self._http_client.request(
                "POST",
                registration.token_endpoint,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                body=urlencode(form).encode(),
            )
            if not response.ok:
                error = service_errors.from_response(
                    response.status,
                    response.headers,
                    response.host,
                    registration.profile,
                    _oauth_error(response),
                )
                self.pause_after(registration, error)
                raise error
            token = _token(response.json(), response.host, scopes, self._clock())
        except FetchError as error:
            raise service_errors.from_fetch_error(error) from error
        if self._pauses is not None:
            self._pauses.clear(registration.stored_id, INVALID_CLIENT)
        return token

    def _assertion(self, registration: Registration) -> str:
        now = int(self._clock())
        return self._keys.sign(
            {
                "iss": registration.client_id,
                "sub": registration.client_id,
                "aud": registration.assertion_audience,
                "iat": now,
                "exp": now + ASSERTION_LIFETIME,
                "jti": secrets.token_urlsafe(16),
            },
            now=now,
        )


def _key(registration: Registration, scopes: Iterable[str]) -> tuple[int, str]:
    return registration.stored_id, " ".join(sorted(set(scopes)))


def _token(body: Any, host: str, requested: str, now: float) -> AccessToken:
    """Read a token response (RFC 6749 §5.1). Raises ServiceError."""
    value = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
        raise ServiceError(FetchErrorKind.INVALID_RESPONSE, host)
    kind, granted = body.get("token_type", "bearer"), body.get("scope", requested)
    if not isinstance(kind, str) or kind.lower() != "bearer" or not isinstance(granted, str):
        raise ServiceError(FetchErrorKind.INVALID_RESPONSE, host)
    return AccessToken(value, tuple(granted.split()), now + _lifetime(body.get("expires_in")))


def _lifetime(value: object) -> float:
    """Seconds. ``expires_in`` is a number (RFC 6749 §5.1), sometimes written as a string."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value, re.ASCII):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        return DEFAULT_LIFETIME
    return min(value, MAX_LIFETIME)


def _oauth_error(response: HttpResponse) -> str | None:
    """The OAuth error code of an error response (RFC 6749 §5.2), and nothing else of it."""
    try:
        body = response.json()
    except FetchError:
        return None
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, str) and _ERROR.fullmatch(error) else None
