"""The cache of platforms' key sets: in this process, and behind it in a storage all share.

What it promises (the Security Framework, §6.3, leaves the policy to the tool):

- A launch whose key is known never waits for the network, except the one an hour that refreshes.
- An unknown key id makes the set be fetched again, at most once a minute for each registration,
  by all processes together (``KeyStorage.reserve``): forged key ids cost the platform nothing.
- A good set outlives the platform's outage: it is replaced only by another good set.
- One thread fetches for a registration; a few wait for it a short while; the rest are refused at
  once. Not more than a few fetches run in a process, so slow platforms cannot hold every thread.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from lti_tool.lti.http_client import Outbound, Trouble, Unreachable
from lti_tool.lti.public_keys import PlatformKeys, parse_key_set
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.registration import Registration
from lti_tool.lti.urls import without_query

REFRESH_SECONDS = 3600
"""Age at which a set is fetched anew although it knows the key."""
PAUSE_SECONDS = 60
"""The least time between two fetches for one registration."""
FETCH_SECONDS = 5.0
WAIT_SECONDS = 3.0
SIZE_LIMIT = 512 * 1024
"""Bytes of a key set."""
WAITERS = 3
"""Threads that may wait for one registration's fetch."""
FETCHES = 4
"""Fetches that may run in one process."""


@dataclass(frozen=True, slots=True)
class StoredKeys:
    """What the storage holds of one registration; times are in seconds since 1970."""

    raw: str | None
    """The last good set, as it came."""
    fetched_at: float
    """When that set came."""
    tried_at: float
    """When the last attempt began."""
    finished_at: float
    """When the last attempt ended, well or badly."""


class KeyStorage(Protocol):
    """Where key sets are kept for every process. Each call is a transaction of its own.

    Whoever changes a registration's ``jwks_uri`` deletes what is stored for it.
    """

    def load(self, registration_id: int) -> StoredKeys | None:
        """What is known, or None."""

    def reserve(self, registration_id: int, now: float, not_since: float) -> bool:
        """Set ``tried_at`` to ``now``, unless it is later than ``not_since``.

        In one statement: True for the one caller that may fetch.
        """

    def save(self, registration_id: int, raw: str | None, now: float) -> None:
        """The end of an attempt: a good set, or None (then the previous one is kept)."""


@dataclass(frozen=True, slots=True)
class _Cached:
    url: str
    keys: PlatformKeys
    fetched_at: float


class _Flight:
    """The one fetch that may go on for a registration, and how many wait for it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting = 0


class KeySets:
    """The key sets of all registrations. One for each process; thread-safe."""

    def __init__(
        self, outbound: Outbound, storage: KeyStorage, clock: Callable[[], float] = time.time
    ) -> None:
        self._outbound = outbound
        self._storage = storage
        self._clock = clock
        self._cached: dict[int, _Cached] = {}
        self._failures: dict[int, Refused] = {}
        self._flights: dict[int, _Flight] = {}
        self._guard = threading.Lock()
        self._fetches = threading.BoundedSemaphore(FETCHES)

    def finder(self, registration: Registration) -> Callable[[str], RSAPublicKey]:
        """From a key id to this platform's key, for ``verify``; raises Refused."""

        def find(key_id: str) -> RSAPublicKey:
            return self.find(registration, key_id)

        return find

    def find(self, registration: Registration, key_id: str) -> RSAPublicKey:
        """The platform's key of that id. Raises Refused."""
        # What another process has stored is read before any turn is taken: after a restart a whole
        # class may launch at once.
        cached = self._held(registration) or self._from_storage(registration)
        key = cached.keys.by_id.get(key_id) if cached else None
        if cached is not None and key is not None:
            if self._is_fresh(cached):
                return key
            cached = self._refreshed_if_nobody_does(registration) or cached
        else:
            with self._turn(registration, wait=WAIT_SECONDS):
                cached = self._newer(registration, key_id)
        found = cached.keys.by_id.get(key_id) if cached else None
        if found is None:
            raise self._refusal(registration, cached, key_id)
        return found

    def _held(self, registration: Registration) -> _Cached | None:
        cached = self._cached.get(_id(registration))
        return cached if cached and cached.url == registration.jwks_uri else None

    def _is_fresh(self, cached: _Cached) -> bool:
        return self._clock() - cached.fetched_at < REFRESH_SECONDS

    def _refreshed_if_nobody_does(self, registration: Registration) -> _Cached | None:
        try:
            with self._turn(registration, wait=0):
                return self._newer(registration, None)
        except Refused:
            return None

    @contextlib.contextmanager
    def _turn(self, registration: Registration, wait: float) -> Iterator[None]:
        """Be the one thread that looks for this registration's keys; wait a little, or refuse."""
        with self._guard:
            flight = self._flights.setdefault(_id(registration), _Flight())
            if flight.waiting >= WAITERS:
                raise _unreachable(registration, Trouble.BUSY)
            flight.waiting += 1
        try:
            got = flight.lock.acquire(timeout=wait) if wait else flight.lock.acquire(False)
        finally:
            with self._guard:
                flight.waiting -= 1
        if not got:
            raise _unreachable(registration, Trouble.BUSY)
        try:
            yield
        finally:
            flight.lock.release()

    def _newer(self, registration: Registration, key_id: str | None) -> _Cached | None:
        """A set that has the key (or, for None, that is fresh): held, stored, or fetched."""
        cached = self._held(registration)
        if not self._serves(cached, key_id):
            cached = self._from_storage(registration) or cached
        if self._serves(cached, key_id):
            return cached
        if not self._fetches.acquire(blocking=False):
            raise _unreachable(registration, Trouble.BUSY)
        try:
            now = self._clock()
            if self._storage.reserve(_id(registration), now, now - PAUSE_SECONDS):
                return self._fetch(registration) or cached
        finally:
            self._fetches.release()
        return self._from_another_process(registration) or cached

    def _serves(self, cached: _Cached | None, key_id: str | None) -> bool:
        if cached is None:
            return False
        return self._is_fresh(cached) if key_id is None else key_id in cached.keys.by_id

    def _from_storage(self, registration: Registration) -> _Cached | None:
        stored, held = self._storage.load(_id(registration)), self._held(registration)
        if stored is None or stored.raw is None:
            return None
        if held is not None and stored.fetched_at <= held.fetched_at:
            return None
        with contextlib.suppress(Refused):
            return self._hold(registration, parse_key_set(stored.raw), stored.fetched_at)
        return None

    def _from_another_process(self, registration: Registration) -> _Cached | None:
        """Where another process is fetching at this moment, its result, if it comes soon."""
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            stored = self._storage.load(_id(registration))
            if stored is None or stored.finished_at >= stored.tried_at:
                break
            if self._clock() - stored.tried_at > 2 * FETCH_SECONDS:  # it died on the way
                break
            time.sleep(0.05)
        return self._from_storage(registration)

    def _fetch(self, registration: Registration) -> _Cached | None:
        raw: str | None = None
        try:
            raw, keys = download(self._outbound, registration)
        except Refused as refused:
            self._failures[_id(registration)] = refused
            return None
        else:
            return self._hold(registration, keys, self._clock())
        finally:
            self._storage.save(_id(registration), raw, self._clock())

    def _hold(self, registration: Registration, keys: PlatformKeys, when: float) -> _Cached:
        cached = _Cached(registration.jwks_uri, keys, when)
        self._cached[_id(registration)] = cached
        self._failures.pop(_id(registration), None)
        return cached

    def _refusal(self, registration: Registration, cached: _Cached | None, key_id: str) -> Refused:
        failure = self._failures.get(_id(registration))
        if failure is not None:
            return Refused(failure.code, **failure.facts)
        if cached is None:
            return _unreachable(registration, Trouble.BUSY)
        return Refused(
            Code.UNKNOWN_KEY,
            key_id=key_id,
            issuer=registration.issuer,
            jwks_uri=without_query(registration.jwks_uri),
        )


def download(outbound: Outbound, registration: Registration) -> tuple[str, PlatformKeys]:
    """Fetch a registration's key set: as it came, and its usable keys. Raises Refused."""
    facts = {"issuer": registration.issuer, "jwks_uri": without_query(registration.jwks_uri)}
    try:
        answer = outbound.get(
            registration.jwks_uri, size_limit=SIZE_LIMIT, total_seconds=FETCH_SECONDS
        )
    except Unreachable as error:
        code = (
            Code.PLATFORM_KEYS_BAD if error.kind is Trouble.TOO_LARGE else Code.PLATFORM_UNREACHABLE
        )
        raise Refused(code, **facts, trouble=error.kind) from error
    if answer.status != 200:
        raise Refused(Code.PLATFORM_KEYS_BAD, **facts, status=str(answer.status))
    try:
        raw = answer.body.decode("utf-8-sig")
        return raw, parse_key_set(raw)
    except (UnicodeDecodeError, Refused) as error:
        raise Refused(Code.PLATFORM_KEYS_BAD, **facts) from error


def _unreachable(registration: Registration, trouble: Trouble) -> Refused:
    return Refused(
        Code.PLATFORM_UNREACHABLE,
        issuer=registration.issuer,
        jwks_uri=without_query(registration.jwks_uri),
        trouble=trouble,
    )


def _id(registration: Registration) -> int:
    if registration.id is None:
        raise ValueError("a registration has an id before it has launches")
    return registration.id
