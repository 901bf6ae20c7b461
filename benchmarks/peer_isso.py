"""Time requests of Isso (https://isso-comments.de), in this process, and print them as JSON.

Runs with the Python of an environment in which only Isso is installed (``isso.py`` makes it). The
comments are inserted in bulk: half of them are replies, as in the discussions of ``growth``. Isso
renders their Markdown at each reading and returns JSON, which its script makes into a page.
"""

import json
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from isso import config, make_app
from werkzeug.test import EnvironBuilder, run_wsgi_app

URI = "/m/module-4"
HOST = "http://localhost:8080/"
PAGE = {"uri": URI, "sort": "newest", "limit": "20", "nested_limit": "3"}


def main(folder: str, text: str, size: str, repeats: str) -> None:
    database = Path(folder) / f"isso-{size}.db"
    settings = database.with_suffix(".cfg")
    settings.write_text(
        f"[general]\ndbpath = {database}\nhost = {HOST}\nnotify =\n[guard]\nenabled = false\n"
    )
    app = make_app(config.load(config.default_file(), str(settings)))
    _fill(database, text, int(size))
    comment = json.dumps({"text": text, "author": "Person 0"})

    def page() -> None:
        _request(app, "GET", "/", PAGE, None, 200)

    def post() -> None:
        _request(app, "POST", "/new", {"uri": URI}, comment, 201)

    print(json.dumps({name.__name__: _times(name, int(repeats)) for name in (page, post)}))


def _fill(database: Path, text: str, size: int) -> None:
    first_reply = size // 2
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO threads (id, uri, title) VALUES (1, ?, 'Module')", (URI,))
        connection.executemany(
            "INSERT INTO comments (tid, id, parent, created, mode, remote_addr, text, author, "
            "voters) VALUES (1, ?, ?, ?, 1, '127.0.0.0', ?, ?, x'00')",
            (
                (
                    number,
                    number * 7919 % first_reply + 1 if number > first_reply else None,
                    time.time() - size + number,
                    text,
                    f"Person {number * 31 % 200}",
                )
                for number in range(1, size + 1)
            ),
        )


def _request(
    app: Any, method: str, path: str, query: dict[str, str], body: str | None, status: int
) -> None:
    environ = EnvironBuilder(
        path=path,
        method=method,
        base_url=HOST,
        query_string=query,
        data=body,
        content_type="application/json" if body else None,
        headers={"Origin": HOST.rstrip("/")},
    ).get_environ()
    parts, line, _ = run_wsgi_app(app, environ, buffered=True)
    b"".join(parts)
    assert line.startswith(str(status)), line


def _times(action: Callable[[], None], repeats: int) -> list[tuple[float, float]]:
    """Return CPU and clock seconds of each of ``repeats`` requests, after five that warm up."""
    for _ in range(5):
        action()
    times = []
    for _ in range(repeats):
        cpu, clock = time.process_time(), time.perf_counter()
        action()
        times.append((time.process_time() - cpu, time.perf_counter() - clock))
    return times


if __name__ == "__main__":
    main(*sys.argv[1:])
