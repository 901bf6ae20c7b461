"""The cache of key sets, against a real server that counts how often it is asked."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from lti_tool.lti import jwks
from lti_tool.lti.http_client import HttpClient
from lti_tool.lti.jwks import JwksCache, StoredJwks
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.registration import Registration
from tests.lti_tool.lti.local_server import Asked, LocalServer, Reply
from tests.lti_tool.lti.memory import Clock, MemoryKeys
from tests.lti_tool.lti.samples import NOW, REGISTRATION, forge, jwk


class Platform:
    """A server with a key set, a registration, and a process that launches from it."""

    def __init__(self, server: LocalServer, http_client: HttpClient) -> None:
        self.server = server
        self.http_client = http_client
        self.clock = Clock(NOW)
        self.storage = MemoryKeys()
        self.registration = replace(REGISTRATION, jwks_uri=f"{server.url}/jwks")
        self.keys = self.process()
        self.publish(("key-1", forge().private))

    def process(self) -> JwksCache:
        return JwksCache(self.http_client, self.storage, self.clock)

    def publish(self, *keys: tuple[str, RSAPrivateKey]) -> None:
        self.server.always("GET /jwks", Reply({"keys": [jwk(key, kid) for kid, key in keys]}))

    def find(self, kid: str = "key-1", keys: JwksCache | None = None) -> str:
        """``found``, or the code of the refusal."""
        try:
            (keys or self.keys).find(self.registration, kid)
        except Refused as refused:
            return refused.code
        return "found"

    @property
    def fetches(self) -> int:
        return len(self.server.paths("/jwks"))


@pytest.fixture
def platform(server: LocalServer, http_client: HttpClient) -> Platform:
    return Platform(server, http_client)


def test_a_set_is_fetched_once(platform: Platform) -> None:
    assert [platform.find() for _ in range(5)] == ["found"] * 5
    assert platform.fetches == 1


def test_a_second_process_uses_what_the_first_stored(platform: Platform) -> None:
    platform.find()
    assert platform.find(keys=platform.process()) == "found"
    assert platform.fetches == 1


def test_a_process_that_has_just_started_turns_nobody_away(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.find()
    restarted, together = platform.process(), threading.Barrier(16)
    load = platform.storage.load

    def from_a_database(registration_id: int) -> StoredJwks | None:
        time.sleep(0.05)
        return load(registration_id)

    monkeypatch.setattr(platform.storage, "load", from_a_database)

    def launch() -> str:
        together.wait()
        return platform.find(keys=restarted)

    with ThreadPoolExecutor(16) as many:
        found = [each.result() for each in [many.submit(launch) for _ in range(16)]]
    assert found == ["found"] * 16
    assert platform.fetches == 1


def test_forged_key_ids_cost_one_fetch_a_minute(platform: Platform) -> None:
    platform.find()
    platform.clock.now += 61
    another = platform.process()
    assert {platform.find(f"forged-{n}", (platform.keys, another)[n % 2]) for n in range(20)} == {
        Code.UNKNOWN_KEY
    }
    assert platform.fetches == 2
    platform.clock.now += 61
    platform.find("forged")
    assert platform.fetches == 3
    assert platform.find() == "found"


def test_a_new_key_is_found_at_once(platform: Platform) -> None:
    platform.find()
    platform.clock.now += 120
    platform.publish(("key-1", forge().private), ("key-2", forge().stranger))
    assert platform.find("key-2") == "found"
    assert platform.fetches == 2


def test_a_set_is_refreshed_after_an_hour(platform: Platform) -> None:
    platform.find()
    platform.clock.now += jwks.REFRESH_SECONDS + 1
    assert platform.find() == "found"
    assert platform.find() == "found"
    assert platform.fetches == 2


def test_a_key_that_was_withdrawn_is_refused_after_the_refresh(platform: Platform) -> None:
    platform.find()
    platform.publish(("key-2", forge().stranger))
    assert platform.find() == "found"
    platform.clock.now += jwks.REFRESH_SECONDS + 1
    assert platform.find() == Code.UNKNOWN_KEY


@pytest.mark.parametrize(
    "bad",
    [
        Reply(b"", 500),
        Reply(b"", 404),
        Reply(b"", 302, {"Location": "/elsewhere"}),
        Reply({}),
        Reply({"keys": []}),
        Reply(b"<html>"),
        Reply(b"\xff\xfe"),
        Reply(b" " * 600_000),
    ],
)
def test_a_bad_set(platform: Platform, bad: Reply) -> None:
    """It is refused by name where there is no other; a good one that is cached outlives it."""
    good = platform.server.routes["GET /jwks"]
    platform.server.always("GET /jwks", bad)
    assert platform.find() == Code.PLATFORM_KEYS_BAD
    assert platform.find() == Code.PLATFORM_KEYS_BAD
    assert platform.fetches == 1
    platform.server.routes["GET /jwks"] = good
    platform.clock.now += 61
    assert platform.find() == "found"
    platform.server.always("GET /jwks", bad)
    for _ in range(3):
        platform.clock.now += jwks.REFRESH_SECONDS + 1
        assert platform.find() == "found"
    assert platform.fetches == 5
    assert platform.find(keys=platform.process()) == "found"


def test_a_platform_that_is_not_there(platform: Platform) -> None:
    platform.registration = replace(REGISTRATION, jwks_uri="http://127.0.0.1:1/jwks")
    assert platform.find() == Code.PLATFORM_UNREACHABLE


def test_an_address_that_changed_is_asked(platform: Platform) -> None:
    platform.find()
    moved = replace(platform.registration, jwks_uri=f"{platform.server.url}/moved")
    platform.server.always("GET /moved", Reply({"keys": [jwk(forge().stranger, "key-9")]}))
    platform.storage = MemoryKeys()
    platform.keys._storage = platform.storage
    platform.registration = moved
    assert platform.find("key-9") == "found"


# A slow platform


class Slow:
    """A key set that does not come until it is let go."""

    def __init__(self, platform: Platform) -> None:
        self.entered = threading.Event()
        self.go = threading.Event()
        self._reply = platform.server.routes["GET /jwks"]

    def __call__(self, asked: Asked) -> Reply:
        self.entered.set()
        self.go.wait(10)
        return self._reply(asked)


def _until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come to pass")


@pytest.fixture
def threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(20)


def test_one_fetches_a_few_wait_and_the_rest_are_refused_at_once(
    platform: Platform, threads: ThreadPoolExecutor
) -> None:
    slow = Slow(platform)
    platform.server.routes["GET /jwks"] = slow
    flights: list[Future[str]] = [threads.submit(platform.find)]
    slow.entered.wait(5)
    flights += [threads.submit(platform.find) for _ in range(jwks.MAX_WAITERS)]
    _until(lambda: platform.keys._fetch_locks[1].waiting == jwks.MAX_WAITERS)
    assert platform.find() == Code.PLATFORM_UNREACHABLE
    slow.go.set()
    assert [flight.result() for flight in flights] == ["found"] * (1 + jwks.MAX_WAITERS)
    assert platform.fetches == 1


def test_a_slow_platform_stops_no_launch_of_others(
    platform: Platform, threads: ThreadPoolExecutor
) -> None:
    slow = Slow(platform)
    platform.server.routes["GET /jwks"] = slow
    flight = threads.submit(platform.find)
    slow.entered.wait(5)
    platform.server.always("GET /other", Reply({"keys": [jwk(forge().private, "key-1")]}))
    other = replace(REGISTRATION, id=2, jwks_uri=f"{platform.server.url}/other")
    assert platform.keys.find(other, "key-1")
    slow.go.set()
    assert flight.result() == "found"


@pytest.mark.parametrize("stale", [False, True], ids=["fresh", "stale"])
def test_a_known_key_waits_for_nobody(
    platform: Platform, threads: ThreadPoolExecutor, stale: bool
) -> None:
    platform.find()
    platform.clock.now += jwks.REFRESH_SECONDS + 1 if stale else 61
    slow = Slow(platform)
    platform.server.routes["GET /jwks"] = slow
    flight = threads.submit(platform.find, "key-1" if stale else "forged")
    slow.entered.wait(5)
    assert platform.find() == "found"
    slow.go.set()
    assert flight.result() == ("found" if stale else Code.UNKNOWN_KEY)


def test_many_slow_platforms_hold_a_few_threads(
    platform: Platform, threads: ThreadPoolExecutor
) -> None:
    slow = Slow(platform)
    platform.server.routes["GET /jwks"] = slow

    def launch(number: int) -> str:
        registration: Registration = replace(platform.registration, id=number)
        try:
            platform.keys.find(registration, "key-1")
        except Refused as refused:
            return refused.code
        return "found"

    flights = [threads.submit(launch, number) for number in range(10, 10 + jwks.MAX_FETCHES)]
    _until(lambda: platform.fetches == jwks.MAX_FETCHES)
    assert launch(99) == Code.PLATFORM_UNREACHABLE
    slow.go.set()
    assert [flight.result() for flight in flights] == ["found"] * jwks.MAX_FETCHES


def test_another_process_waits_for_the_one_that_fetches(
    platform: Platform, threads: ThreadPoolExecutor
) -> None:
    slow = Slow(platform)
    platform.server.routes["GET /jwks"] = slow
    first = threads.submit(platform.find)
    slow.entered.wait(5)
    second = threads.submit(platform.find, "key-1", platform.process())
    slow.go.set()
    assert (first.result(), second.result()) == ("found", "found")
    assert platform.fetches == 1


def test_a_key_set_behind_redirects(platform: Platform) -> None:
    keys = platform.server.routes["GET /jwks"]
    platform.server.always("GET /jwks", Reply(b"", 302, {"Location": "/moved"}))
    platform.server.routes["GET /moved"] = keys
    assert platform.find() == "found"


def test_too_many_redirects_are_a_bad_key_set(platform: Platform) -> None:
    platform.server.always("GET /jwks", Reply(b"", 302, {"Location": "/jwks"}))
    assert platform.find() == Code.PLATFORM_KEYS_BAD
    assert platform.fetches == 1 + jwks.MAX_REDIRECTS


@pytest.mark.parametrize("back", [60, 3600, 10 * 365 * 86400])
def test_a_wait_after_a_failure_ends_although_the_clock_was_set_back(
    platform: Platform, back: int
) -> None:
    good = platform.server.routes["GET /jwks"]
    platform.server.always("GET /jwks", Reply(b"", 500))
    assert platform.find() == Code.PLATFORM_KEYS_BAD
    platform.server.routes["GET /jwks"] = good
    platform.clock.now -= back
    assert platform.find() == "found"


def test_a_slightly_different_clock_does_not_cause_another_fetch(platform: Platform) -> None:
    platform.find()
    platform.clock.now -= 2
    assert platform.find("forged") == Code.UNKNOWN_KEY
    assert platform.fetches == 1


def test_a_key_set_from_the_future_is_refreshed(platform: Platform) -> None:
    platform.find()
    platform.publish(("key-2", forge().stranger))
    platform.clock.now -= 86400
    assert platform.find() == Code.UNKNOWN_KEY
    assert platform.find("key-2") == "found"
    assert platform.find("key-2", platform.process()) == "found"
    assert platform.fetches == 2
