"""The Redis server for tests: ``MINGA_TEST_REDIS``, or the local one."""

import os

import pytest
import redis


def redis_url() -> str:
    """Return its URL; if it does not respond, skip the test unless MINGA_REQUIRE_SERVICES=1."""
    url = os.environ.get("MINGA_TEST_REDIS", "redis://127.0.0.1:6379/9")
    try:
        redis.Redis.from_url(url, socket_timeout=2).ping()
    except redis.RedisError:
        if os.environ.get("MINGA_REQUIRE_SERVICES") == "1":
            raise
        pytest.skip("Redis does not respond (set MINGA_TEST_REDIS)")
    return url
