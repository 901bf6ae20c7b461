"""A minimal tool with PyLTI1p3: log in, verify, store, redirect.

Launch data and the platform's key set are stored in a cache, as in its README
(https://github.com/dmitry-viskov/pylti1.3). The cost depends on the cache, so three are measured
(``BENCHMARK_CACHE``): Flask-Caching in the memory of one process, as in the library's example;
Flask-Caching in files, shared by several processes; and a minimal file cache of ours. Unlike in the
example, the configuration is read once. Nothing is stored permanently, and nothing is checked
beyond what the library checks.
"""

import hashlib
import json
import os
import pickle
import time
from pathlib import Path
from typing import Any

from flask import Flask, redirect
from pylti1p3.contrib.flask import (
    FlaskCacheDataStorage,
    FlaskMessageLaunch,
    FlaskOIDCLogin,
    FlaskRequest,
)
from pylti1p3.tool_config import ToolConfDict
from werkzeug.wrappers import Response

FOLDER = Path(os.environ["BENCHMARK_FOLDER"])
REGISTRATION = FOLDER / "registration.json"
"""Written by the benchmark before the first launch."""

app = Flask("peer")
app.secret_key = "a secret for the benchmark only"


class FileCache:
    """Values in files, with expiry times."""

    def get(self, key: str) -> Any:
        try:
            expires, value = pickle.loads(self._file(key).read_bytes())
        except FileNotFoundError:
            return None
        return value if expires > time.time() else None

    def set(self, key: str, value: Any, seconds: int | None = None) -> None:
        file = self._file(key)
        temporary = file.with_suffix(f".{os.getpid()}")
        temporary.write_bytes(pickle.dumps((time.time() + (seconds or 86_400), value)))
        temporary.replace(file)

    def _file(self, key: str) -> Path:
        return FOLDER / hashlib.md5(key.encode()).hexdigest()


def _cache() -> Any:
    kind = os.environ["BENCHMARK_CACHE"]
    if kind == "lean":
        return FileCache()
    from flask_caching import Cache

    config = {"CACHE_TYPE": kind, "CACHE_DIR": FOLDER / "cache", "CACHE_THRESHOLD": 1_000_000}
    return Cache(app, config=config)


CACHE = _cache()
_configuration: list[ToolConfDict] = []


def configuration() -> ToolConfDict:
    if not _configuration:
        _configuration.append(ToolConfDict(json.loads(REGISTRATION.read_text())))
    return _configuration[0]


@app.get("/hello")
def hello() -> str:
    return "hello"


@app.post("/lti/login")
def login() -> Response:
    request = FlaskRequest()
    target = request.get_param("target_link_uri")
    oidc_login = FlaskOIDCLogin(
        request, configuration(), launch_data_storage=FlaskCacheDataStorage(CACHE)
    )
    response: Response = oidc_login.redirect(target)
    return response


@app.post("/lti/launch")
def launch() -> Response:
    storage = FlaskCacheDataStorage(CACHE)
    message = FlaskMessageLaunch(FlaskRequest(), configuration(), launch_data_storage=storage)
    message.set_public_key_caching(storage, cache_lifetime=7200)
    message.get_launch_data()
    return redirect(f"/page/{message.get_launch_id()}", 303)
