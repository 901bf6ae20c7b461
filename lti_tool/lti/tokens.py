"""Access tokens for the platform's services, earned with a signed assertion and kept.

LTI Security Framework 1.0 §4.1 (https://www.imsglobal.org/spec/security/v1p0/#using-json-web-
tokens-with-oauth-2-0-client-credentials-grant), RFC 7523 §2.2. One token for each registration and
set of scopes, in a storage that all processes share; renewed before it expires; by one thread at a
time. The platform may grant less than was asked: its answer's ``scope`` is what counts.
"""

import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

from lti_tool.lti.http_client import Answer, Outbound, Trouble, Unreachable
from lti_tool.lti.registration import Registration
from lti_tool.lti.service_errors import ServiceFailed, refused, unreachable
from lti_tool.lti.signing_keys import SigningKeys
from lti_tool.platforms import profile_for

RENEWED_BEFORE = 60
"""Seconds before the end at which a token is no longer used."""
UNTOLD_LIFETIME = 300
"""Seconds, where the platform does not say how long its token lives."""
LONGEST_LIFETIME = 24 * 3600
ASSERTION_LIFETIME = 60

_ERROR = re.compile(r"[a-z_]{1,60}")


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token, the scopes that it has, and when it ends (seconds since 1970)."""

    value: str = field(repr=False)
    scopes: tuple[str, ...]
    expires_at: float

    def serves(self, now: float) -> bool:
        """Whether it can still be used."""
        return now < self.expires_at - RENEWED_BEFORE


class TokenStorage(Protocol):
    """Where tokens are kept for every process; ``scopes`` is what was asked for, sorted."""

    def load(self, registration_id: int, scopes: str) -> AccessToken | None:
        """The token that was kept, if any."""

    def save(self, registration_id: int, scopes: str, token: AccessToken) -> None:
        """Keep a token instead of the previous one."""

    def forget(self, registration_id: int, scopes: str) -> None:
        """Drop the token: the platform did not take it."""


class AccessTokens:
    """The tokens of all registrations. One for each process; thread-safe."""

    def __init__(
        self,
        outbound: Outbound,
        keys: SigningKeys,
        storage: TokenStorage,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._outbound = outbound
        self._keys = keys
        self._storage = storage
        self._clock = clock
        self._locks: dict[tuple[int, str], threading.Lock] = {}
        self._guard = threading.Lock()

    def get(self, registration: Registration, scopes: Iterable[str]) -> AccessToken:
        """A token for these scopes, or for as many as are granted. Raises ServiceFailed."""
        key = _key(registration, scopes)
        kept = self._storage.load(*key)
        if kept is not None and kept.serves(self._clock()):
            return kept
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            kept = self._storage.load(*key)
            if kept is not None and kept.serves(self._clock()):
                return kept
            token = self._fetch(registration, key[1])
            self._storage.save(*key, token)
            return token

    def forget(self, registration: Registration, scopes: Iterable[str]) -> None:
        """Drop a token that a service answered with 401."""
        self._storage.forget(*_key(registration, scopes))

    def _fetch(self, registration: Registration, scopes: str) -> AccessToken:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self._assertion(registration),
            "scope": scopes,
        }
        try:
            answer = self._outbound.request(
                "POST",
                registration.token_endpoint,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                body=urlencode(form).encode(),
            )
            if not answer.ok:
                raise refused(answer, _reason(answer))
            return _token(answer.json(), answer.host, scopes, self._clock())
        except Unreachable as error:
            raise unreachable(error) from error

    def _assertion(self, registration: Registration) -> str:
        now = int(self._clock())
        return self._keys.sign(
            {
                "iss": registration.client_id,
                "sub": registration.client_id,
                "aud": profile_for(registration).token_audience(registration),
                "iat": now,
                "exp": now + ASSERTION_LIFETIME,
                "jti": secrets.token_urlsafe(16),
            },
            now=now,
        )


def _key(registration: Registration, scopes: Iterable[str]) -> tuple[int, str]:
    if registration.id is None:
        raise ValueError("a registration has an id before it has tokens")
    return registration.id, " ".join(sorted(set(scopes)))


def _token(body: Any, host: str, asked: str, now: float) -> AccessToken:
    value = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
        raise ServiceFailed(Trouble.BROKEN_ANSWER, host)
    kind, granted = body.get("token_type", "bearer"), body.get("scope", asked)
    if not isinstance(kind, str) or kind.lower() != "bearer" or not isinstance(granted, str):
        raise ServiceFailed(Trouble.BROKEN_ANSWER, host)
    return AccessToken(value, tuple(granted.split()), now + _lifetime(body.get("expires_in")))


def _lifetime(value: object) -> float:
    """Seconds; some platforms write the number as a text."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value, re.ASCII):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        return UNTOLD_LIFETIME
    return min(value, LONGEST_LIFETIME)


def _reason(answer: Answer) -> str | None:
    """The OAuth error code of a refusal (RFC 6749 §5.2), and nothing else of it."""
    try:
        body = answer.json()
    except Unreachable:
        return None
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, str) and _ERROR.fullmatch(error) else None
