"""Cache of the platforms' key sets (JWKS): in each process, and in a storage that all share.

LTI Security Framework 1.0 §6.3 (https://www.imsglobal.org/spec/security/v1p0/#key-set-url) leaves
the caching policy to the tool. Here:

- A launch whose key is cached does not wait for the network, except the one launch an hour that
  refreshes the key set.
- An unknown key id causes a new fetch, at most once a minute for each registration in all processes
  together (``JwksStorage.reserve``), so forged key ids do not load the platform.
- A valid key set is replaced only by another valid one, so it stays usable while the platform is
  down.
- One thread fetches for a registration; at most ``MAX_WAITERS`` others wait for it, up to
  ``WAIT_SECONDS``; further ones are refused at once. At most ``MAX_FETCHES`` fetches run in a
  process, so slow platforms cannot block every thread.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from lti_tool.lti.http_client import FetchError, FetchErrorKind, HttpClient
from lti_tool.lti.public_keys import PlatformKeys, parse_jwks
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.registration import Registration
from lti_tool.lti.urls import without_query

REFRESH_SECONDS = 3600
"""Age at which a key set is fetched again although it has the key."""
RETRY_SECONDS = 60
"""Minimum time between two fetches for one registration."""
CLOCK_TOLERANCE = 5
"""Seconds by which a stored time may lie in the future; a later one means that the clock was set
back, and is not waited for."""
FETCH_SECONDS = 5.0
WAIT_SECONDS = 3.0
SIZE_LIMIT = 512 * 1024
"""Bytes of a key set."""
MAX_REDIRECTS = 3
"""Redirects of a key set's URL that are followed."""
MAX_WAITERS = 3
"""Threads that may wait for one registration's fetch."""
MAX_FETCHES = 4
"""Fetches that may run at the same time in one process."""


@dataclass(frozen=True, slots=True)
class StoredJwks:
    """The cache entry of one registration; times are in seconds since 1970."""

    raw: str | None
    """The last valid key set, as JSON text."""
    fetched_at: float
    """When that key set was fetched."""
    tried_at: float
    """When the last fetch began."""
    finished_at: float
    """When the last fetch ended, with or without success."""


class JwksStorage(Protocol):
    """The cache that all processes share. Each method runs in a transaction of its own.

    Code that changes a registration's ``jwks_uri`` has to delete its entry.
    """

    def load(self, registration_id: int) -> StoredJwks | None:
        """The cache entry, or None."""

    def reserve(self, registration_id: int, now: float, not_since: float) -> bool:
        """Set ``tried_at`` to ``now``, unless it is later than ``not_since``.

        It does so too if ``tried_at`` is more than ``CLOCK_TOLERANCE`` later than ``now``.
        One atomic statement; True for the only caller that may fetch.
        """

    def save(self, registration_id: int, raw: str | None, now: float) -> None:
        """End a fetch: store a valid key set; with None the previous one stays."""


@dataclass(frozen=True, slots=True)
class _Cached:
    url: str
    keys: PlatformKeys
    fetched_at: float


class _FetchLock:
    """The lock of a registration's fetch, and the number of threads that wait for it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting = 0


class JwksCache:
    """The key sets of all registrations. One instance for each process; thread-safe."""

    def __init__(
        self, http_client: HttpClient, storage: JwksStorage, clock: Callable[[], float] = time.time
    ) -> None:
        self._outbound = http_client
        self._storage = storage
        self._clock = clock
        self._cached: dict[int, _Cached] = {}
        self._failures: dict[int, Refused] = {}
        self._fetch_locks: dict[int, _FetchLock] = {}
        self._guard = threading.Lock()
        self._fetches = threading.BoundedSemaphore(MAX_FETCHES)

    def key_finder(self, registration: Registration) -> Callable[[str], RSAPublicKey]:
        """A function from a key id to the platform's public key, for ``verify``; raises Refused."""

        def find(key_id: str) -> RSAPublicKey:
            return self.find(registration, key_id)

        return find

    def find(self, registration: Registration, key_id: str) -> RSAPublicKey:
        """The platform's public key with this id. Raises Refused."""
        # The shared storage is read before the fetch lock is taken: after a restart many launches
        # arrive at once, and none of them needs to wait.
        cached = self._in_memory(registration) or self._from_storage(registration)
        key = cached.keys.by_id.get(key_id) if cached else None
        if cached is not None and key is not None:
            if self._is_fresh(cached):
                return key
            cached = self._refresh_unless_busy(registration) or cached
        else:
            with self._locked(registration, wait=WAIT_SECONDS):
                cached = self._reload(registration, key_id)
        found = cached.keys.by_id.get(key_id) if cached else None
        if found is None:
            raise self._refusal(registration, cached, key_id)
        return found

    def _in_memory(self, registration: Registration) -> _Cached | None:
        cached = self._cached.get(registration.stored_id)
        return cached if cached and cached.url == registration.jwks_uri else None

    def _is_fresh(self, cached: _Cached) -> bool:
        return -CLOCK_TOLERANCE <= self._clock() - cached.fetched_at < REFRESH_SECONDS

    def _refresh_unless_busy(self, registration: Registration) -> _Cached | None:
        try:
            with self._locked(registration, wait=0):
                return self._reload(registration, None)
        except Refused:
            return None

    @contextlib.contextmanager
    def _locked(self, registration: Registration, wait: float) -> Iterator[None]:
        """Hold the registration's fetch lock; raises Refused after ``wait`` seconds without it."""
        with self._guard:
            fetch_lock = self._fetch_locks.setdefault(registration.stored_id, _FetchLock())
            if fetch_lock.waiting >= MAX_WAITERS:
                raise _unreachable(registration, FetchErrorKind.BUSY)
            fetch_lock.waiting += 1
        try:
            acquired = (
                fetch_lock.lock.acquire(timeout=wait) if wait else fetch_lock.lock.acquire(False)
            )
        finally:
            with self._guard:
                fetch_lock.waiting -= 1
        if not acquired:
            raise _unreachable(registration, FetchErrorKind.BUSY)
        try:
            yield
        finally:
            fetch_lock.lock.release()

    def _reload(self, registration: Registration, key_id: str | None) -> _Cached | None:
        """A key set with this key (or, for None, a fresh one): from memory, storage or platform."""
        cached = self._in_memory(registration)
        if not self._satisfies(cached, key_id):
            cached = self._from_storage(registration) or cached
        if self._satisfies(cached, key_id):
            return cached
        if not self._fetches.acquire(blocking=False):
            raise _unreachable(registration, FetchErrorKind.BUSY)
        try:
            now = self._clock()
            if self._storage.reserve(registration.stored_id, now, now - RETRY_SECONDS):
                return self._fetch(registration) or cached
        finally:
            self._fetches.release()
        return self._wait_for_other_process(registration) or cached

    def _satisfies(self, cached: _Cached | None, key_id: str | None) -> bool:
        if cached is None:
            return False
        return self._is_fresh(cached) if key_id is None else key_id in cached.keys.by_id

    def _from_storage(self, registration: Registration) -> _Cached | None:
        stored, in_memory = (
            self._storage.load(registration.stored_id),
            self._in_memory(registration),
        )
        if stored is None or stored.raw is None:
            return None
        if in_memory is not None and stored.fetched_at == in_memory.fetched_at:
            return None
        with contextlib.suppress(Refused):
            return self._remember(registration, parse_jwks(stored.raw), stored.fetched_at)
        return None

    def _wait_for_other_process(self, registration: Registration) -> _Cached | None:
        """The result of a fetch that runs in another process, if it ends within WAIT_SECONDS."""
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            stored = self._storage.load(registration.stored_id)
            if stored is None or stored.finished_at >= stored.tried_at:
                break
            if self._clock() - stored.tried_at > 2 * FETCH_SECONDS:  # that process died
                break
            time.sleep(0.05)
        return self._from_storage(registration)

    def _fetch(self, registration: Registration) -> _Cached | None:
        raw: str | None = None
        try:
            raw, keys = fetch_jwks(self._outbound, registration)
        except Refused as refused:
            self._failures[registration.stored_id] = refused
            return None
        else:
            return self._remember(registration, keys, self._clock())
        finally:
            self._storage.save(registration.stored_id, raw, self._clock())

    def _remember(self, registration: Registration, keys: PlatformKeys, when: float) -> _Cached:
        cached = _Cached(registration.jwks_uri, keys, when)
        self._cached[registration.stored_id] = cached
        self._failures.pop(registration.stored_id, None)
        return cached

    def _refusal(self, registration: Registration, cached: _Cached | None, key_id: str) -> Refused:
        failure = self._failures.get(registration.stored_id)
        if failure is not None:
            return Refused(failure.code, **failure.facts)
        if cached is None:
            return _unreachable(registration, FetchErrorKind.BUSY)
        return Refused(
            Code.UNKNOWN_KEY,
            key_id=key_id,
            issuer=registration.issuer,
            jwks_uri=without_query(registration.jwks_uri),
        )


def fetch_jwks(http_client: HttpClient, registration: Registration) -> tuple[str, PlatformKeys]:
    """Fetch a registration's key set: the JSON text, and its usable keys. Raises Refused."""
    facts = {"issuer": registration.issuer, "jwks_uri": without_query(registration.jwks_uri)}
    try:
        response = http_client.get(
            registration.jwks_uri,
            size_limit=SIZE_LIMIT,
            total_seconds=FETCH_SECONDS,
            max_redirects=MAX_REDIRECTS,
        )
    except FetchError as error:
        too_large = error.kind is FetchErrorKind.TOO_LARGE
        code = Code.PLATFORM_KEYS_BAD if too_large else Code.PLATFORM_UNREACHABLE
        raise Refused(code, **facts, error=error.kind) from error
    if response.status != 200:
        raise Refused(Code.PLATFORM_KEYS_BAD, **facts, status=str(response.status))
    try:
        raw = response.body.decode("utf-8-sig")
        return raw, parse_jwks(raw)
    except (UnicodeDecodeError, Refused) as error:
        raise Refused(Code.PLATFORM_KEYS_BAD, **facts) from error


def _unreachable(registration: Registration, error: FetchErrorKind) -> Refused:
    return Refused(
        Code.PLATFORM_UNREACHABLE,
        issuer=registration.issuer,
        jwks_uri=without_query(registration.jwks_uri),
        error=error,
    )
