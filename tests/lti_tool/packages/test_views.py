"""Packages over HTTP: an instructor has one built, waits, and downloads it."""

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
from lti_tool.packages.model import Package
from lti_tool.packages.tasks import offered
from lti_tool.tasks.outbox import OutboxRow
from scorm_builder.checking.check import check
from scorm_builder.formats import registry
from tests.support.driver import Driver, Form, forms
from tests.support.site import Site
from tests.support.statements import counted

LINK = "https://purl.imsglobal.org/spec/lti/claim/resource_link"
CUSTOM = "https://purl.imsglobal.org/spec/lti/claim/custom"
MOST_STATEMENTS = {"page": 3, "state": 3, "press": 8}
FORM = "scorm12"


@pytest.fixture(autouse=True)
def fresh(home: Site) -> None:
    """No packages from the tests before, and the module as it is."""
    seen_afresh(home)
    with home.tool.database.write_core() as connection:
        for table in (Package, OutboxRow):
            connection.execute(table.__table__.delete())


def launched(home: Site, user: str = "maria") -> tuple[Driver, str]:
    """A launch into a placement of the small module."""

    def change(claims):
        claims[LINK] = {"id": "market", "title": "The market"}
        claims[CUSTOM] = {"module": "market"}

    browser = home.browser()
    page = browser.launch(user, mutate=change, language="en")
    assert page.status_code == 200
    return browser, f"{urlsplit(page.url).path}packages"


def held_token(browser: Driver) -> str:
    return browser.trail[-1].text.split('name="minga-token" content="')[1].split('"')[0]


def building(page: requests.Response, form: str = FORM) -> Form | None:
    """The form whose button has a package built."""
    mine = [each for each in forms(page) if each.fields.get("format") == form]
    return mine[0] if mine else None


def press(browser: Driver, path: str) -> requests.Response:
    form = building(browser.get(path))
    assert form is not None
    return browser.submit(form)


def drain(home: Site) -> int:
    return worker.drained(home.tool.settings, home.tool.database)


def rows(home: Site) -> list[Package]:
    with home.tool.database.read() as session:
        return list(session.scalars(select(Package).order_by(Package.id)))


def state(browser: Driver, path: str, form: str = FORM) -> tuple[str, bool]:
    told = browser.get(f"{path}/state").json()
    [mine] = [each for each in told["states"] if each["id"].startswith(form)]
    return mine["state"], told["busy"]


def download_url(page: requests.Response, path: str) -> str:
    [url] = re.findall(rf'href="({path}/[0-9]+)"', page.text)
    return url


def built(home: Site) -> tuple[Driver, str, str]:
    """A ready package: the browser of who asked for it, the page's path, the download's."""
    browser, path = launched(home)
    press(browser, path)
    assert drain(home) == 1
    return browser, path, download_url(browser.get(path), path)


@contextmanager
def changed(content: Path, name: str, text: str) -> Iterator[None]:
    """A file of the module, otherwise for a while."""
    file = content / "market" / name
    before = file.read_text()
    file.write_text(text)
    try:
        yield
    finally:
        file.write_text(before)


def seen_afresh(home: Site) -> None:
    """Let the tool look at once whether a module has changed."""
    home.tool.tool.library._checked = None


def test_an_instructor_builds_and_downloads_a_package(home: Site, tmp_path: Path) -> None:
    browser, path = launched(home)
    page = press(browser, path)
    assert page.status_code == 200
    assert urlsplit(page.url).path == path
    assert "In the queue" in page.text
    assert state(browser, path) == ("waiting", True)
    assert "data-wait-href" in page.text, "the script asks by itself"
    assert f'href="{path}"' in page.text, "and whoever has none, with a link"
    assert drain(home) == 1
    assert state(browser, path) == ("ready", False)
    page = browser.get(path)
    assert "data-wait-href" not in page.text
    answer = browser.get(download_url(page, path))
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == "attachment; filename=market-scorm12.zip"
    assert answer.headers["Content-Type"] == "application/zip"
    assert int(answer.headers["Content-Length"]) == len(answer.content) == rows(home)[0].size
    file = tmp_path / "market.zip"
    file.write_bytes(answer.content)
    report = check(file)
    assert (report.format, report.findings) == ("scorm12", ())


def test_a_download_that_broke_off_is_resumed(home: Site) -> None:
    browser, _, url = built(home)
    whole = browser.get(url)
    rest = browser.get(url, headers={"Range": "bytes=100-", "If-Range": whole.headers["ETag"]})
    assert rest.status_code == 206
    assert rest.content == whole.content[100:]


def test_where_the_browser_keeps_no_cookie(home: Site) -> None:
    keeping, path = launched(home)
    base, token = path.removesuffix("packages"), held_token(keeping)
    browser = home.browser(keeps_cookies=False)
    assert browser.get(path).status_code == 403

    def open_(to: str) -> requests.Response:
        return browser.post(f"{base}open", {"token": token, "to": to})

    form = building(open_(path))
    assert form is not None
    assert "In the queue" in browser.submit(form).text
    drain(home)
    answer = open_(download_url(open_(path), path))
    assert ZipFile(io.BytesIO(answer.content)).testzip() is None


def test_every_format_of_the_builder_is_offered_in_the_modules_languages(home: Site) -> None:
    browser, path = launched(home)
    page = browser.get(path)
    module = home.tool.tool.library.get("market")
    assert {offer.format for offer in offered(module)} == {
        one.name for one in registry.available_formats()
    }
    for offer in offered(module):
        assert offer.title in page.text
        assert set(offer.languages) <= set(module.languages)
    assert building(page).fields["languages"] == "es en ar"
    assert "العربية" in page.text


def test_the_way_there_is_on_the_modules_page_for_instructors_only(home: Site) -> None:
    for user, there in (("maria", True), ("joao", False), ("visitor", False)):
        browser, path = launched(home, user)
        assert (f'href="{path}"' in browser.trail[-1].text) is there


@pytest.mark.parametrize("user", ["joao", "visitor"])
def test_participants_and_guests_may_neither_see_build_nor_download(home: Site, user: str) -> None:
    _, _, url = built(home)
    browser, path = launched(home, user)
    token = held_token(browser)
    for theirs in (path, f"{path}/state", f"{path}/{url.rpartition('/')[2]}"):
        assert browser.get(theirs).status_code == 403
    wish = {"token": token, "format": FORM, "languages": "es en ar"}
    assert browser.post(path, wish).status_code == 403
    assert len(rows(home)) == 1


def test_a_cookie_alone_builds_nothing(home: Site) -> None:
    browser, path = launched(home)
    wish = {"format": FORM, "languages": "es en ar"}
    assert browser.post(path, wish).status_code == 403
    assert rows(home) == []


def test_instructors_share_one_build(home: Site) -> None:
    first, path = launched(home)
    second, other_path = launched(home)
    one, two = building(first.get(path)), building(second.get(other_path))
    assert one is not None
    assert two is not None
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda each: each[0].submit(each[1]), [(first, one), (second, two)] * 4)
        )
    assert {answer.status_code for answer in answers} == {200}
    assert len(rows(home)) == 1
    assert drain(home) == 1
    before = rows(home)[0].finished_at
    second.submit(two)
    assert drain(home) == 0, "what is ready is not built again"
    assert rows(home)[0].finished_at == before
    assert second.get(download_url(second.get(other_path), other_path)).status_code == 200


def test_a_changed_module_makes_a_new_package(home: Site, content: Path) -> None:
    browser, path, url = built(home)
    introduction = "# Introducción\n\nOtra cosa.\n"
    with changed(content, "es/introduction.md", introduction):
        seen_afresh(home)
        assert state(browser, path) == ("none", False)
        press(browser, path)
        drain(home)
        newer = download_url(browser.get(path), path)
        assert newer != url
        page = ZipFile(io.BytesIO(browser.get(newer).content)).read("index.html").decode()
        assert "Otra cosa." in page
    seen_afresh(home)
    assert download_url(browser.get(path), path) == url, "back to what it was"


def test_a_module_changed_while_waiting_is_not_built_under_a_wrong_name(
    home: Site, content: Path
) -> None:
    browser, path = launched(home)
    press(browser, path)
    with changed(content, "es/introduction.md", "# Introducción\n\nEntretanto.\n"):
        drain(home)
        assert rows(home)[0].error == ("The module, or this tool, was changed in the meantime.")
    seen_afresh(home)
    press(browser, path)
    drain(home)
    assert state(browser, path) == ("ready", False)


def test_a_build_that_fails_is_told_and_can_be_tried_again(home: Site, content: Path) -> None:
    browser, path = launched(home)
    press(browser, path)
    with changed(content, "module.toml", "id = <script>"):
        drain(home)
    seen_afresh(home)
    page = browser.get(path)
    assert "This package could not be built" in page.text
    assert "module.toml:1" in page.text
    assert "data-wait-href" not in page.text
    page = press(browser, path)
    assert "In the queue" in page.text
    drain(home)
    assert state(browser, path) == ("ready", False)
    assert len(rows(home)) == 1


def test_what_the_builder_says_is_text(home: Site) -> None:
    browser, path = launched(home)
    press(browser, path)
    with home.tool.database.write() as session:
        row = session.scalars(select(Package)).one()
        row.status, row.error = "failed", "<script>alert(1)</script>"
    told = browser.get(f"{path}/state").json()["states"][0]["html"]
    for html in (browser.get(path).text, told):
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)" in html


def test_a_package_whose_file_is_gone_can_be_built_again(home: Site) -> None:
    browser, path, url = built(home)
    shutil.rmtree(home.tool.settings.data_dir / "packages")
    assert browser.get(url).status_code == 404
    assert state(browser, path) == ("none", False)
    press(browser, path)
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
def test_what_is_not_offered_is_not_built(home: Site, form: str, languages: str) -> None:
    browser, path = launched(home)
    offer = building(browser.get(path))
    assert offer is not None
    assert browser.submit(offer, format=form, languages=languages).status_code == 404
    assert rows(home) == []


@pytest.mark.parametrize(
    "name", ["0", "999999", "2147483648", "-1", "1.zip", "..%2f..%2fminga.db", "%00", "1/../2"]
)
def test_a_package_that_is_not_there(home: Site, name: str) -> None:
    browser, path = launched(home)
    assert browser.get(f"{path}/{name}").status_code == 404


@pytest.mark.parametrize("path", ["../minga.db", "/etc/passwd", "", ".", "1/../../secret-key"])
def test_a_row_cannot_lead_out_of_the_folder(home: Site, path: str) -> None:
    browser, page, url = built(home)
    with home.tool.database.write() as session:
        session.scalars(select(Package)).one().path = path
    assert browser.get(url).status_code == 404
    assert state(browser, page)[0] == "none"


def test_a_package_of_another_module_is_not_this_modules(home: Site) -> None:
    browser, _, url = built(home)
    with home.tool.database.write() as session:
        session.scalars(select(Package)).one().module_id = "another"
    assert browser.get(url).status_code == 404


def test_where_no_module_is_chosen_one_is_chosen_first(home: Site) -> None:
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
    form = building(browser.get(path))
    assert form is not None
    database = home.tool.database
    with counted(database) as said:
        browser.request("POST", path, data=form.fields)
    assert len(said) <= MOST_STATEMENTS["press"], said
    with database.write() as session:
        one = session.scalars(select(Package)).one()
        facts = {c.key: getattr(one, c.key) for c in Package.__table__.columns if c.key != "id"}
        for number in range(50):
            session.add(Package(**facts | {"content": f"{number:064}"}))
    for url, most in ((path, "page"), (f"{path}/state", "state")):
        with counted(database) as said:
            assert browser.get(url).status_code == 200
        assert len(said) <= MOST_STATEMENTS[most], said
