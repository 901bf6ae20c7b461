"""Storages that live in this process: what the protocol asks of the database, and no more."""

import threading

from lti_tool.lti.jwks import CLOCK_TOLERANCE, StoredJwks
from lti_tool.lti.signing_keys import KeyTimes, Rule
from lti_tool.lti.tokens import AccessToken


class MemoryKeys:
    def __init__(self) -> None:
        self._kept: dict[int, StoredJwks] = {}
        self._lock = threading.Lock()

    def load(self, registration_id: int) -> StoredJwks | None:
        return self._kept.get(registration_id)

    def reserve(self, registration_id: int, now: float, not_since: float) -> bool:
        with self._lock:
            kept = self._kept.get(registration_id) or StoredJwks(None, 0, 0, 0)
            if not_since < kept.tried_at <= now + CLOCK_TOLERANCE:
                return False
            self._kept[registration_id] = StoredJwks(
                kept.raw, kept.fetched_at, now, kept.finished_at
            )
            return True

    def save(self, registration_id: int, raw: str | None, now: float) -> None:
        with self._lock:
            kept = self._kept[registration_id]
            self._kept[registration_id] = StoredJwks(
                kept.raw if raw is None else raw,
                kept.fetched_at if raw is None else now,
                kept.tried_at,
                now,
            )


class MemoryTokens:
    def __init__(self) -> None:
        self.kept: dict[tuple[int, str], AccessToken] = {}

    def load(self, registration_id: int, scopes: str) -> AccessToken | None:
        return self.kept.get((registration_id, scopes))

    def save(self, registration_id: int, scopes: str, token: AccessToken) -> None:
        self.kept[(registration_id, scopes)] = token


class MemorySigningKeys:
    def __init__(self) -> None:
        self._times: tuple[KeyTimes, ...] = ()
        self.private: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def load(self) -> tuple[KeyTimes, ...]:
        return self._times

    def private_key(self, kid: str) -> bytes:
        return self.private[kid]

    def change(self, rule: Rule) -> tuple[KeyTimes, ...]:
        with self._lock:
            change = rule(self._times)
            self._times = change.kept
            if change.made is not None:
                self._times += (change.made.times,)
                self.private[change.made.times.kid] = change.made.pem
            kids = {key.kid for key in self._times}
            self.private = {kid: pem for kid, pem in self.private.items() if kid in kids}
            return self._times


class Clock:
    """A clock that the test moves."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
