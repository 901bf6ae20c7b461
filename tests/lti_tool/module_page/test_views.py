"""The module page: language, progress, number of SQL statements, caching."""

import gzip
import re
from urllib.parse import urlsplit

import pytest

from courseware import resources
from lti_tool.discussion.model import Post
from lti_tool.discussion.recount import recount
from tests.support.driver import Driver
from tests.support.site import Site
from tests.support.statements import counted
from tests.support.tabs import opened

MAX_STATEMENTS = 8
"""For a page, independent of the amount of data."""


def launched(home: Site, user: str = "joao", language: str = "es") -> tuple[Driver, str, str]:
    browser = home.browser()
    page = browser.launch(user, language=language)
    assert page.status_code == 200
    token = page.text.split('name="minga-token" content="')[1].split('"')[0]
    return browser, urlsplit(page.url).path, token


def language_of(page) -> str:
    return re.search(r'<html lang="([^"]+)" dir="([^"]+)"', page.text).group(1)


@pytest.mark.parametrize("language", ["es", "en", "fr", "pt"])
def test_the_language_of_the_launch(home: Site, language: str) -> None:
    # A new user each time: a chosen language is stored.
    browser = home.browser()
    page = browser.launch(
        "joao", language=language, mutate=lambda claims: claims | {"sub": f"reader-{language}"}
    )
    assert language_of(page) == language
    assert 'class="notice"' not in page.text.split("<section")[0]


def test_a_fallback_language_is_marked(home: Site) -> None:
    browser = home.browser()
    page = browser.launch(
        "amina", language="ar", mutate=lambda claims: claims | {"sub": "reader-ar"}
    )
    assert '<html lang="ar" dir="rtl"' in page.text
    assert 'lang="es" dir="ltr"' in page.text, "the module's text has its own language"
    assert "Cooperación entre ciudades" in page.text


def test_a_chosen_language_is_stored(home: Site) -> None:
    browser, path, token = launched(home, "devika", "en")
    assert language_of(browser.get(f"{path}?lang=fr")) == "fr"
    assert language_of(browser.get(path)) == "fr"
    browser.post(f"{path}progress", {"token": token, "section": "introduction"})
    again, path, _ = launched(home, "devika", "en")
    assert language_of(again.get(path)) == "fr", "in the next session too"


@pytest.mark.parametrize("language", ["xx", "../..", "ar", "", "e" * 500, "\0"])
def test_a_language_that_the_module_does_not_have_is_not_stored(home: Site, language: str) -> None:
    browser, path, _ = launched(home, "maria", "es")
    assert browser.get(path, params={"lang": language}).status_code == 200
    assert language_of(browser.get(path)) == "es"


@pytest.mark.both_engines
def test_progress_is_kept_between_sessions(home: Site) -> None:
    browser, path, token = launched(home, "amina", "es")
    for section in ("introduction", "videos"):
        response = browser.request(
            "POST", f"{path}progress", data={"token": token, "section": section}
        )
        assert response.status_code == 204
    page = launched(home, "amina", "es")[0].trail[-1]
    assert page.text.count('data-seen="true"') == 2 or "2" in page.text
    assert 'href="#videos"' in page.text.split('class="resume"')[1][:200]


SECTIONS = ("introduction", "videos", "readings", "questions", "discussion")


@pytest.mark.parametrize(
    ("seen", "place", "offered"),
    [
        ((), None, None),
        (("introduction",), None, None),
        (("introduction", "videos"), None, "videos"),
        (("introduction",), "videos", "videos"),
        ((), "readings", "readings"),
        (("introduction", "videos"), "introduction", None),
        (SECTIONS, None, "discussion"),
        (SECTIONS, "readings", "readings"),
    ],
)
def test_the_page_offers_to_continue_where_one_was(
    home: Site, seen: tuple[str, ...], place: str | None, offered: str | None
) -> None:
    name = f"continues {seen} {place}"
    tab = opened(home, name[:250], custom={"module": "module-4"})
    for section in seen:
        assert tab.post("progress", section=section).status_code == 204
    if place:
        assert tab.post("progress", place=place).status_code == 204
    page = tab.get().text
    assert page.count("data-seen>") == len(seen), "a place is not counted as seen"
    shown = re.findall(r'class="resume"><a href="#([^"]+)"', page)
    assert shown == ([offered] if offered else [])


def test_an_unknown_section(home: Site) -> None:
    browser, path, token = launched(home)
    for fields in ({"section": "x"}, {"place": "x"}, {}):
        response = browser.request("POST", f"{path}progress", data={"token": token, **fields})
        assert response.status_code == 404


def test_guests_do_not_share_progress(home: Site) -> None:
    browser, path, token = launched(home, "visitor")
    browser.request("POST", f"{path}progress", data={"token": token, "section": "introduction"})
    other = launched(home, "visitor")[0].trail[-1]
    assert 'class="resume"' not in other.text


def fill(home: Site, browser: Driver, path: str, token: str, posts: int) -> None:
    """Create one post over HTTP, and insert the others into the table."""
    browser.post(
        f"{path}post",
        {"token": token, "text": "La primera " * 12, "draft_key": f"first-{posts}-{path[3:9]}"},
    )
    with home.tool.database.write() as session:
        first = session.query(Post).order_by(Post.id.desc()).first()
        values = {
            column.key: getattr(first, column.key)
            for column in Post.__table__.columns
            if column.key not in ("id", "draft_key")
        }
        newest = values.pop("sequence")
        for number in range(posts - 1):
            key = f"{posts}-{path[3:9]}-{number}"
            session.add(Post(**values, sequence=newest + 1 + number, draft_key=key))
        session.flush()
        recount(session.connection(), first.discussion_id)


def test_the_number_of_statements_does_not_grow_with_the_posts(home: Site) -> None:
    browser, path, token = launched(home, "joao", "es")
    counts = []
    for more in (0, 20, 500):
        if more:
            fill(home, browser, path, token, more)
        with counted(home.tool.database) as statements:
            assert browser.get(path).status_code == 200
        counts.append(len(statements))
    assert max(counts) <= MAX_STATEMENTS, counts
    assert counts[1] == counts[2]


def test_the_first_page_of_twenty_posts_is_small(home: Site) -> None:
    browser, path, token = launched(home, "joao", "es")
    fill(home, browser, path, token, 20)
    page = browser.get(path)
    assert page.text.count("<article") >= 20
    assert len(gzip.compress(page.text.encode(), 6)) <= 25 * 1024
    assert page.headers["Content-Encoding"] in ("zstd", "br", "gzip")


READERS = (("joao", "es"), ("amina", "ar"), ("maria", "fr"), ("joao", "fr"), ("visitor", "es"))


def test_cached_fragments_are_identical_to_fresh_ones(home: Site) -> None:
    opened = [launched(home, user, language) for user, language in READERS]
    for number, (browser, path, token) in enumerate(opened):
        words = {"token": token, "text": f"Palabra {number}", "draft_key": f"{path} {number}"}
        browser.post(f"{path}post", words)
        seen = {"token": token, "section": ("introduction", "videos", "readings")[number % 3]}
        browser.request("POST", f"{path}progress", data=seen)
    extensions = home.tool.app.extensions
    cache = extensions["minga.fragments"]
    assert cache is not None
    for query in ("", "?question=who-decides", "?posts=es", ""):
        for browser, path, _ in opened:
            from_cache = without_random_values(browser.get(path + query).text)
            extensions["minga.fragments"] = None
            try:
                fresh = without_random_values(browser.get(path + query).text)
            finally:
                extensions["minga.fragments"] = cache
            assert from_cache == fresh
            others = {other for _, other, _ in opened} - {path}
            assert not [other for other in others if other in from_cache]
            assert "\0" not in from_cache


def without_random_values(page: str) -> str:
    """Return the page without the values that differ for each request."""
    page = re.sub(r'nonce="[^"]*"', "", page)
    return re.sub(r'name="draft_key" value="[^"]*"', "", page)


def test_static_files_are_named_by_digest_and_cached_for_a_year(home: Site) -> None:
    browser, path, _ = launched(home)
    page = browser.get(path)
    urls = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
    names = {url.rpartition("/")[2] for url in urls}
    assert names == {"icon.svg", "minga.css", *resources.scripts()}
    for url in urls:
        response = browser.get(url)
        assert "max-age=31536000" in response.headers["Cache-Control"]
        assert "immutable" in response.headers["Cache-Control"]
        stale = re.sub(r"/static/[0-9a-f]+/", "/static/000000000000/", url)
        assert "immutable" not in browser.get(stale).headers.get("Cache-Control", "")


def test_media_support_byte_ranges_and_are_sandboxed(home: Site) -> None:
    browser, path, _ = launched(home)
    page = browser.get(path)
    video = re.search(r'src="(/media/module-4/[0-9a-f]{12}/media/[^"]+\.mp4)"', page.text).group(1)
    part = browser.get(video, headers={"Range": "bytes=0-99"})
    assert part.status_code == 206
    assert len(part.content) == 100
    assert part.headers["Content-Type"] == "video/mp4"
    assert "immutable" in part.headers["Cache-Control"]
    assert "sandbox" in part.headers["Content-Security-Policy"]
    moved = browser.request("GET", re.sub(r"/[0-9a-f]{12}/", "/000000000000/", video))
    assert moved.headers["Location"] == video


def test_the_page_loads_nothing_from_other_hosts(home: Site) -> None:
    browser, path, _ = launched(home)
    page = browser.get(path).text
    loaded = re.findall(
        r'<(?:script|link|img|video|source|track|iframe)[^>]+(?:src|href|poster)="([^"]+)"', page
    )
    assert [url for url in loaded if not url.startswith("/")] == []


def test_health_and_readiness(home: Site) -> None:
    browser = home.browser()
    assert browser.get("/healthz").json() == {"status": "ok"}
    ready = browser.get("/readyz").json()
    assert (ready["status"], ready["problems"]) == ("ok", [])
