"""Packages over HTTP: an instructor requests a package, waits, and downloads it."""

import io
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest
import requests
from sqlalchemy import select

from lti_tool import worker
from lti_tool.packages.model import PackageBuild
from lti_tool.packages.tasks import offered
from lti_tool.tasks.outbox import OutboxRow
from scorm_builder.checking.check import check
from scorm_builder.formats import registry
from tests.support.driver import Driver, Form, forms
from tests.support.site import Site
from tests.support.statements import counted

LINK = "https://purl.imsglobal.org/spec/lti/claim/resource_link"
CUSTOM = "https://purl.imsglobal.org/spec/lti/claim/custom"
MAX_STATEMENTS = {"page": 3, "state": 3, "request": 8}
FORM = "scorm12"


@pytest.fixture(autouse=True)
def reset(home: Site) -> None:
    """Delete the packages of earlier tests, and reload the module."""
    reload_modules(home)
    with home.tool.database.write_core() as connection:
        for table in (PackageBuild, OutboxRow):
            connection.execute(table.__table__.delete())


def launched(home: Site, user: str = "maria") -> tuple[Driver, str]:
    """Launch an activity with the small module."""

    def change(claims):
        claims[LINK] = {"id": "market", "title": "The market"}
        claims[CUSTOM] = {"module": "market"}

    browser = home.browser()
    page = browser.launch(user, mutate=change, language="en")
    assert page.status_code == 200
    return browser, f"{urlsplit(page.url).path}packages"


def page_token(browser: Driver) -> str:
    return browser.trail[-1].text.split('name="minga-token" content="')[1].split('"')[0]


def build_form(page: requests.Response, form: str = FORM) -> Form | None:
    """Return the form that requests a package."""
    found = [each for each in forms(page) if each.fields.get("format") == form]
    return found[0] if found else None


def request_package(browser: Driver, path: str) -> requests.Response:
    form = build_form(browser.get(path))
    assert form is not None
    return browser.submit(form)


def drain(home: Site) -> int:
    return worker.drained(home.tool.settings, home.tool.database)


def rows(home: Site) -> list[PackageBuild]:
    with home.tool.database.read() as session:
        return list(session.scalars(select(PackageBuild).order_by(PackageBuild.id)))


def state(browser: Driver, path: str, form: str = FORM) -> tuple[str, bool]:
    body = browser.get(f"{path}/state").json()
    [package] = [each for each in body["states"] if each["id"].startswith(form)]
    return package["state"], body["busy"]


def download_url(page: requests.Response, path: str) -> str:
    [url] = re.findall(rf'href="({path}/[0-9]+)"', page.text)
    return url


def built(home: Site) -> tuple[Driver, str, str]:
    """Build a package; return the browser, the path of the page and of the download."""
    browser, path = launched(home)
    request_package(browser, path)
    drain(home)
    return browser, path, download_url(browser.get(path), path)


@contextmanager
def changed(content: Path, name: str, text: str) -> Iterator[None]:
    """Change a file of the module inside the block."""
    file = content / "market" / name
    before = file.read_text()
    file.write_text(text)
    try:
        yield
    finally:
        file.write_text(before)


def reload_modules(home: Site) -> None:
    """Make the tool check for changed modules at the next request."""
    home.tool.tool.library._checked = None


@pytest.mark.both_engines
def test_an_instructor_builds_and_downloads_a_package(home: Site, tmp_path: Path) -> None:
    browser, path = launched(home)
    page = request_package(browser, path)
    assert page.status_code == 200
    assert urlsplit(page.url).path == path
    assert "In the queue" in page.text
    assert state(browser, path) == ("waiting", True)
    assert "data-wait-href" in page.text, "the script polls"
    assert f'href="{path}"' in page.text, "link without JavaScript"
    drain(home)
    assert state(browser, path) == ("ready", False)
    page = browser.get(path)
    assert "data-wait-href" not in page.text
    response = browser.get(download_url(page, path))
    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == "attachment; filename=market-scorm12.zip"
    assert response.headers["Content-Type"] == "application/zip"
    assert int(response.headers["Content-Length"]) == len(response.content) == rows(home)[0].size
    file = tmp_path / "market.zip"
    file.write_bytes(response.content)
    report = check(file)
    assert (report.format, report.findings) == ("scorm12", ())


def test_an_interrupted_download_is_resumed(home: Site) -> None:
    browser, _, url = built(home)
    whole = browser.get(url)
    rest = browser.get(url, headers={"Range": "bytes=100-", "If-Range": whole.headers["ETag"]})
    assert rest.status_code == 206
    assert rest.content == whole.content[100:]


def test_without_cookies(home: Site) -> None:
    with_cookies, path = launched(home)
    base, token = path.removesuffix("packages"), page_token(with_cookies)
    browser = home.browser(keeps_cookies=False)
    assert browser.get(path).status_code == 403

    def open_(to: str) -> requests.Response:
        return browser.post(f"{base}open", {"token": token, "to": to})

    form = build_form(open_(path))
    assert form is not None
    assert "In the queue" in browser.submit(form).text
    drain(home)
    response = open_(download_url(open_(path), path))
    assert ZipFile(io.BytesIO(response.content)).testzip() is None


def test_all_formats_are_offered_in_the_languages_of_the_module(home: Site) -> None:
    browser, path = launched(home)
    page = browser.get(path)
    module = home.tool.tool.library.get("market")
    assert {offer.format for offer in offered(module)} == {
        one.name for one in registry.available_formats()
    }
    for offer in offered(module):
        assert offer.title in page.text
        assert set(offer.languages) <= set(module.languages)
    assert build_form(page).fields["languages"] == "es en ar"
    assert "العربية" in page.text


def test_only_instructors_see_the_link(home: Site) -> None:
    for user, visible in (("maria", True), ("joao", False), ("visitor", False)):
        browser, path = launched(home, user)
        assert (f'href="{path}"' in browser.trail[-1].text) is visible


@pytest.mark.parametrize("user", ["joao", "visitor"])
def test_participants_and_guests_have_no_access(home: Site, user: str) -> None:
    _, _, url = built(home)
    browser, path = launched(home, user)
    token = page_token(browser)
    for forbidden in (path, f"{path}/state", f"{path}/{url.rpartition('/')[2]}"):
        assert browser.get(forbidden).status_code == 403
    fields = {"token": token, "format": FORM, "languages": "es en ar"}
    assert browser.post(path, fields).status_code == 403
    assert len(rows(home)) == 1


def test_a_request_needs_the_page_token(home: Site) -> None:
    browser, path = launched(home)
    fields = {"format": FORM, "languages": "es en ar"}
    assert browser.post(path, fields).status_code == 403
    assert rows(home) == []


def test_instructors_share_one_build(home: Site) -> None:
    first, path = launched(home)
    second, other_path = launched(home)
    one, two = build_form(first.get(path)), build_form(second.get(other_path))
    assert one is not None
    assert two is not None
    with ThreadPoolExecutor(4) as pool:
        responses = list(
            pool.map(lambda each: each[0].submit(each[1]), [(first, one), (second, two)] * 4)
        )
    assert {response.status_code for response in responses} == {200}
    assert len(rows(home)) == 1
    drain(home)
    before = rows(home)[0].finished_at
    second.submit(two)
    assert drain(home) == 0, "a ready package is not built again"
    assert rows(home)[0].finished_at == before
    assert second.get(download_url(second.get(other_path), other_path)).status_code == 200


def test_a_changed_module_makes_a_new_package(home: Site, content: Path) -> None:
    browser, path, url = built(home)
    introduction = "# Introducción\n\nOtra cosa.\n"
    with changed(content, "es/introduction.md", introduction):
        reload_modules(home)
        assert state(browser, path) == ("none", False)
        request_package(browser, path)
        drain(home)
        newer = download_url(browser.get(path), path)
        assert newer != url
        page = ZipFile(io.BytesIO(browser.get(newer).content)).read("index.html").decode()
        assert "Otra cosa." in page
    reload_modules(home)
    assert download_url(browser.get(path), path) == url, "the first version again"


def test_a_module_changed_while_waiting_fails(home: Site, content: Path) -> None:
    browser, path = launched(home)
    request_package(browser, path)
    with changed(content, "es/introduction.md", "# Introducción\n\nEntretanto.\n"):
        drain(home)
        assert rows(home)[0].error == ("The module, or this tool, was changed in the meantime.")
    reload_modules(home)
    request_package(browser, path)
    drain(home)
    assert state(browser, path) == ("ready", False)


def test_a_failed_build_can_be_retried(home: Site, content: Path) -> None:
    browser, path = launched(home)
    request_package(browser, path)
    with changed(content, "module.toml", "id = <script>"):
        drain(home)
    reload_modules(home)
    page = browser.get(path)
    assert "This package could not be built" in page.text
    assert "module.toml:1" in page.text
    assert "data-wait-href" not in page.text
    page = request_package(browser, path)
    assert "In the queue" in page.text
    drain(home)
    assert state(browser, path) == ("ready", False)
    assert len(rows(home)) == 1


def test_error_messages_are_escaped(home: Site) -> None:
    browser, path = launched(home)
    request_package(browser, path)
    with home.tool.database.write() as session:
        row = session.scalars(select(PackageBuild)).one()
        row.status, row.error = "failed", "<script>alert(1)</script>"
    html_of_state = browser.get(f"{path}/state").json()["states"][0]["html"]
    for html in (browser.get(path).text, html_of_state):
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)" in html


def test_a_package_whose_file_is_missing_can_be_built_again(home: Site) -> None:
    browser, path, url = built(home)
    shutil.rmtree(home.tool.settings.data_dir / "packages")
    assert browser.get(url).status_code == 404
    assert state(browser, path) == ("none", False)
    request_package(browser, path)
    drain(home)
    assert browser.get(url).status_code == 200


@pytest.mark.parametrize(
    ("form", "languages"),
    [
        ("", ""),
        ("../../etc/passwd", "es en ar"),
        ("scorm12\0", "es en ar"),
        ("names", "es en ar"),
        (FORM, "es"),
        (FORM, "es en ar xx"),
        (FORM, "../es"),
        (FORM, "es en ar " * 1000),
    ],
)
def test_unknown_variants_are_rejected(home: Site, form: str, languages: str) -> None:
    browser, path = launched(home)
    offer = build_form(browser.get(path))
    assert offer is not None
    assert browser.submit(offer, format=form, languages=languages).status_code == 404
    assert rows(home) == []


@pytest.mark.parametrize(
    "name", ["0", "999999", "2147483648", "-1", "1.zip", "..%2f..%2fminga.db", "%00", "1/../2"]
)
def test_unknown_packages(home: Site, name: str) -> None:
    browser, path = launched(home)
    assert browser.get(f"{path}/{name}").status_code == 404


@pytest.mark.parametrize("path", ["../minga.db", "/etc/passwd", "", ".", "1/../../secret-key"])
def test_a_path_outside_the_folder(home: Site, path: str) -> None:
    browser, page, url = built(home)
    with home.tool.database.write() as session:
        session.scalars(select(PackageBuild)).one().path = path
    assert browser.get(url).status_code == 404
    assert state(browser, page)[0] == "none"


def test_a_package_of_another_module(home: Site) -> None:
    browser, _, url = built(home)
    with home.tool.database.write() as session:
        session.scalars(select(PackageBuild)).one().module_id = "another"
    assert browser.get(url).status_code == 404


def test_without_a_module_redirects_to_the_choice(home: Site) -> None:
    def change(claims):
        claims[LINK] = {"id": "nothing here yet"}
        claims[CUSTOM] = {}

    browser = home.browser()
    page = browser.launch("maria", mutate=change, language="en")
    base = urlsplit(page.url).path.removesuffix("choose")
    assert urlsplit(browser.get(f"{base}packages").url).path == f"{base}choose"
    assert browser.get(f"{base}packages/state").status_code == 404


def test_the_number_of_statements_is_bounded(home: Site) -> None:
    browser, path = launched(home)
    form = build_form(browser.get(path))
    assert form is not None
    database = home.tool.database
    with counted(database) as statements:
        browser.request("POST", path, data=form.fields)
    assert len(statements) <= MAX_STATEMENTS["request"], statements
    with database.write() as session:
        one = session.scalars(select(PackageBuild)).one()
        keys = [attribute.key for attribute in PackageBuild.__mapper__.column_attrs]
        values = {key: getattr(one, key) for key in keys if key != "id"}
        for number in range(50):
            session.add(PackageBuild(**values | {"source_digest": f"{number:064}"}))
    for url, most in ((path, "page"), (f"{path}/state", "state")):
        with counted(database) as statements:
            assert browser.get(url).status_code == 200
        assert len(statements) <= MAX_STATEMENTS[most], statements
