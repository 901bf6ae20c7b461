"""Requests of one IP address are limited; other addresses and other endpoints are not."""

import pickle

import pytest
import redis
from flask import Flask

from lti_tool.web.rate_limits import RateLimits
from tests.support.redis_server import redis_url


@pytest.fixture(params=[None, "redis://127.0.0.1:1"], ids=["alone", "with a Redis that is down"])
def app(request: pytest.FixtureRequest) -> Flask:
    app = Flask("limited")
    app.add_url_rule("/tight/<name>", "tight", lambda name: f"hello {name}")
    app.add_url_rule("/free", "free", lambda: "hello")
    RateLimits(request.param).limit(app, "tight", per_minute=3)
    return app


def asked(app: Flask, path: str, url: str = "192.0.2.1"):
    return app.test_client().get(path, environ_base={"REMOTE_ADDR": url})


def test_the_fourth_request_within_a_minute_is_refused(app: Flask) -> None:
    assert [asked(app, "/tight/ana").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert asked(app, "/tight/ana").headers["Retry-After"] == "60"
    assert asked(app, "/tight/ana", "192.0.2.2").data == b"hello ana", "somebody else"


def test_an_endpoint_without_a_limit_always_answers(app: Flask) -> None:
    assert {asked(app, "/free").status_code for _ in range(10)} == {200}


class Command:
    """Raises where it is unpickled."""

    def __reduce__(self) -> tuple[type, tuple[str]]:
        return AssertionError, ("a value of Redis was run",)


@pytest.mark.parametrize("value", [pickle.dumps(Command()), b"x" * 100_000, b"-1", ["a list"]])
def test_what_others_write_into_redis_is_no_fault_and_is_not_run(value: bytes | list[str]) -> None:
    url = redis_url()
    server = redis.Redis.from_url(url)
    limits = RateLimits(url)
    before = set(server.scan_iter("LIMITS:*"))
    assert limits.allows(3, "hostile", "ana")
    keys = set(server.scan_iter("LIMITS:*")) - before
    try:
        for key in keys:
            server.delete(key)
            if isinstance(value, bytes):
                server.set(key, value)
            else:
                server.rpush(key, *value)
        assert limits.allows(3, "hostile", "ana") in (True, False)
    finally:
        server.delete(*keys)
    assert keys
