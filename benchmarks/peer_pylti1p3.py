"""The least tool that one writes with PyLTI1p3: log in, verify, remember, redirect.

Launch data and the platform's key set are kept in a cache, as its README has it
(https://github.com/dmitry-viskov/pylti1.3). Which cache decides what it costs, so three are
measured (``BENCHMARK_CACHE``): Flask-Caching in the memory of a single process, as in the
library's example; Flask-Caching in files, which two processes can share; and, in place of that,
files by a few lines of ours. The configuration is made once and not read at each request, unlike
in the example. It keeps nothing lastingly, and checks no more than the library does.
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
app.secret_key = "a secret that nobody needs to guess"


class FileCache:
    """Values in files, each beside the moment until which it is good."""

    def get(self, key: str) -> Any:
        try:
            until, value = pickle.loads(self._file(key).read_bytes())
        except FileNotFoundError:
            return None
        return value if until > time.time() else None

    def set(self, key: str, value: Any, seconds: int | None = None) -> None:
        file = self._file(key)
        draft = file.with_suffix(f".{os.getpid()}")
        draft.write_bytes(pickle.dumps((time.time() + (seconds or 86_400), value)))
        draft.replace(file)

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
    answer = FlaskOIDCLogin(
        request, configuration(), launch_data_storage=FlaskCacheDataStorage(CACHE)
    )
    response: Response = answer.redirect(target)
    return response


@app.post("/lti/launch")
def launch() -> Response:
    storage = FlaskCacheDataStorage(CACHE)
    message = FlaskMessageLaunch(FlaskRequest(), configuration(), launch_data_storage=storage)
    message.set_public_key_caching(storage, cache_lifetime=7200)
    message.get_launch_data()
    return redirect(f"/page/{message.get_launch_id()}", 303)
