"""The preview server over real HTTP: page, updates, files, access from other hosts."""

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from scorm_builder.preview import rendering
from scorm_builder.preview.server import Preview
from tests.support.small_module import MP4, write_module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_module(tmp_path)


@pytest.fixture
def server(folder: Path) -> Iterator[Preview]:
    preview = Preview(folder)
    thread = threading.Thread(target=preview.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield preview
    preview.shutdown()
    preview.server_close()
    thread.join()


def get(
    server: Preview, path: str, method: str = "GET", **headers: str
) -> tuple[int, bytes, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    result = answer.status, answer.read(), answer.headers
    connection.close()
    return result


def marks(server: Preview) -> Iterator[str]:
    """Listen to the news, as a page does."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    connection.request("GET", "/-/changes")
    answer = connection.getresponse()
    assert answer.headers["Content-Type"] == "text/event-stream"
    for line in iter(answer.readline, b""):
        if line.startswith(b"data: "):
            yield line.removeprefix(b"data: ").strip().decode()


def test_the_page_in_each_language(server: Preview) -> None:
    status, body, headers = get(server, "/en/")
    assert status == 200
    assert b'<html lang="en"' in body
    assert b"Who buys?" in body
    assert b'href="/ar/"' in body
    assert b'src="/media/film.mp4"' in body
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "الأفلام".encode() not in get(server, "/es/")[1]
    assert b'dir="rtl"' in get(server, "/ar/")[1]


def test_the_browser_s_language_first(server: Preview) -> None:
    assert get(server, "/")[2]["Location"] == "/es/"
    assert get(server, "/", **{"Accept-Language": "ar-EG,en;q=0.5"})[2]["Location"] == "/ar/"


def test_warnings_are_shown_on_the_page(server: Preview) -> None:
    body = get(server, "/es/")[1].decode()
    assert "module.toml:16" in body
    assert "is not translated to ar." in body
    assert "Add a line below [summary]" in body


def test_an_edit_updates_the_page(server: Preview, folder: Path) -> None:
    news = marks(server)
    first = next(news)
    assert f'content="{first}"' in get(server, "/es/")[1].decode()
    (folder / "es/discussion.md").write_text("# Foro\n\nPalabras nuevas.\n", "utf-8")
    second = next(news)
    body = get(server, "/es/")[1].decode()
    assert second != first
    assert f'content="{second}"' in body
    assert "Palabras nuevas." in body


def test_an_invalid_module_shows_its_problems_until_they_are_fixed(
    server: Preview, folder: Path
) -> None:
    news = marks(server)
    next(news)
    good = (folder / "es/discussion.md").read_text("utf-8")
    (folder / "es/discussion.md").write_text("![](../media/<b>.png)", "utf-8")
    mark = next(news)
    for path in ("/", "/es/", "/en/"):
        status, body, _ = get(server, path)
        assert status == 200
        assert b"es/discussion.md:1" in body
        assert b"The file does not begin with the section" in body
        assert f'content="{mark}"'.encode() in body
        assert b"Traceback" not in body
        assert b"<b>.png" not in body
    (folder / "es/discussion.md").write_text(good, "utf-8")
    next(news)
    assert b"Escribe" in get(server, "/es/")[1]


def test_an_internal_error_is_shown_without_traceback(
    server: Preview, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise ZeroDivisionError("<oh>")

    monkeypatch.setattr(rendering, "module_page", fail)
    status, body, _ = get(server, "/es/")
    assert status == 200
    assert b"The program itself failed: ZeroDivisionError: &lt;oh&gt;" in body
    assert b"Traceback" not in body


@pytest.mark.parametrize("name", ["minga.css", "minga.js", "icon.svg", "preview.css", "preview.js"])
def test_files_of_the_page_are_served(server: Preview, name: str) -> None:
    status, body, _ = get(server, f"/-/{name}")
    assert status == 200
    assert body


def test_media_files_and_range_requests(server: Preview) -> None:
    assert get(server, "/media/film.mp4")[:2] == (200, MP4)
    for asked, part in (("0-3", MP4[:4]), ("400-", MP4[400:]), ("-5", MP4[-5:])):
        status, body, headers = get(server, "/media/film.mp4", Range=f"bytes={asked}")
        assert (status, body) == (206, part)
        assert headers["Content-Range"].endswith(f"/{len(MP4)}")
    for odd in ("bytes=9-2", "bytes=-", "bytes=99999-", "lines=1-2"):
        assert get(server, "/media/film.mp4", Range=odd)[0] == 200
    assert get(server, "/media/film.mp4", "HEAD")[:2] == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/media/../module.toml",
        "/media/%2e%2e/module.toml",
        "/media//etc/passwd",
        "/media/none.png",
        "/-/../preview/preview.js",
        "/-/base.html",
        "/module.toml",
        "/fr/",
        "/es/introduction.md",
        "/%00",
    ],
)
def test_no_other_file_is_served(server: Preview, path: str) -> None:
    assert get(server, path)[0] == 404


def test_another_host_header_is_refused(server: Preview) -> None:
    assert get(server, "/es/", Host=f"evil.example:{server.server_port}")[0] == 421
    assert get(server, "/es/", Host=f"localhost:{server.server_port}")[0] == 200
    assert server.server_address[0] == "127.0.0.1"


def test_it_only_reads(server: Preview) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert get(server, "/es/", method)[0] == 501


def test_a_port_that_is_taken(server: Preview, folder: Path) -> None:
    with pytest.raises(OSError, match="in use"):
        Preview(folder, server.server_port)
