"""What the response contains: files and links where they are accepted, cancelling, and the rest.

Rows of deep linking in the list of what other tools got wrong have a test here or in
``test_views.py``.
"""

import io
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest

from lti_tool import worker
from lti_tool.directory.registrations import change_registration
from lti_tool.packages import links
from tests.lti_tool.module_choice.picker import DL, SETTINGS, Picker
from tests.support.driver import claims_in, forms
from tests.support.site import Site
from tests.support.statements import counted
from tests.support.tabs import opened

FOUR, WRITING = "module-4", "how-to-write-a-module"
LTI = "https://purl.imsglobal.org/spec/lti/claim/"


def picker_of(home: Site, *types: str, context: str | None = None, **settings: Any) -> Picker:
    """The picker of a request that accepts these types."""

    def change(claims: dict[str, Any]) -> None:
        claims[SETTINGS] |= {"accept_types": list(types), **settings}
        if context:
            claims[LTI + "context"] = {"id": context}

    return Picker(home, mutate=change)


def kinds(picker: Picker) -> list[str]:
    """The values of the field that says what is added."""
    found = picker.page.text.partition('name="as">')[2].partition("</select>")[0]
    return [each.split('"')[0] for each in found.split('value="')[1:]]


@pytest.mark.parametrize(
    ("types", "media_types", "offered"),
    [
        (["ltiResourceLink"], None, []),
        (["ltiResourceLink", "html", "image"], None, []),
        (["ltiResourceLink", "link"], None, []),
        (
            ["ltiResourceLink", "file"],
            "image/*,application/zip",
            ["activity", "file scorm12", "file scorm2004-3", "file scorm2004-4"],
        ),
        (["ltiResourceLink", "file"], "image/*", []),
        (["file"], None, ["file scorm12", "file scorm2004-3", "file scorm2004-4"]),
    ],
)
def test_only_what_is_accepted_is_offered(
    home: Site, types: list[str], media_types: str | None, offered: list[str]
) -> None:
    more = {"accept_media_types": media_types} if media_types else {}
    assert kinds(picker_of(home, *types, context="no module is here", **more)) == offered


def test_a_package_is_built_and_added_as_a_file_that_the_platform_downloads(home: Site) -> None:
    picker = picker_of(home, "ltiResourceLink", "file", data="opaque")
    picker.press(WRITING, **{"as": "file scorm12"})
    assert "The package is being built" in picker.page.text
    assert picker.press(), "asked again before it is ready"
    assert "The package is being built" in picker.page.text
    worker.drained(home.tool.settings, home.tool.database)
    claims = picker.press().response()
    assert claims[DL + "data"] == "opaque"
    [item] = claims[DL + "content_items"]
    assert item["type"] == "file"
    assert item["title"] == "How to write a module (SCORM 1.2)"
    expires_at = datetime.fromisoformat(item["expiresAt"])
    assert timedelta(hours=23) < expires_at - datetime.now(UTC) < timedelta(hours=25)
    stranger = home.browser()
    answer = stranger.request("GET", item["url"])
    assert answer.status_code == 200
    assert "imsmanifest.xml" in ZipFile(io.BytesIO(answer.content)).namelist()
    part = stranger.request("GET", item["url"], headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"PK\x03\x04")
    changed = item["url"].replace("/packages/", "/packages/1")
    assert stranger.request("GET", changed).status_code == 404


@pytest.mark.parametrize(
    "token", ["", "1", "1-2", "1-2-3", "a-b-c", "1-99999999999999-x", "١-٢-x", "-1-2-x"]
)
def test_a_download_needs_a_valid_token(token: str) -> None:
    assert links.read_token("secret", token, datetime.now(UTC)) is None


def test_a_download_ends() -> None:
    ends = datetime.now(UTC) + timedelta(seconds=10)
    token = links.token_of("secret", 7, ends)
    assert links.read_token("secret", token, ends - timedelta(seconds=5)) == 7
    assert links.read_token("secret", token, ends) is None
    assert links.read_token("other", token, ends - timedelta(seconds=5)) is None


def test_a_link_leads_to_the_activity_in_the_course(home: Site) -> None:
    context = "a course with an activity"
    tab = opened(home, "linked to", user="maria", context=context, custom={"module": FOUR})
    assert tab.page.status_code == 200
    picker = picker_of(home, "ltiResourceLink", "link", context=context)
    assert kinds(picker) == ["activity", "link"]
    picker.press(FOUR, WRITING, **{"as": "link"})
    assert picker.page.status_code == 400
    assert "“How to write a module” is not in this course yet" in picker.page.text
    [item] = picker.press(FOUR).items()
    assert (item["type"], item["title"][:12]) == ("link", "City-to-city")
    assert item["url"].startswith(home.lms.url)


def test_every_item_has_url_title_icon_and_text(home: Site) -> None:
    [item] = Picker(home).press(FOUR).items()
    assert item["url"].startswith(home.tool.url)
    assert item["title"]
    for image in (item["icon"], item["thumbnail"]):
        assert home.browser().request("GET", image["url"]).status_code == 200
    assert item["iframe"]["height"] > 0
    assert "window" not in item
    assert "lineItem" not in item, "only where a grade was chosen"


@pytest.mark.parametrize(
    ("targets", "display", "has"),
    [
        (["iframe", "window"], "", {"iframe"}),
        (["iframe", "window"], "window", {"window"}),
        (["window"], "", {"window"}),
        (["iframe"], "", {"iframe"}),
        ([], "", set()),
    ],
)
def test_how_an_activity_opens(home: Site, targets: list[str], display: str, has: set[str]) -> None:
    asked = {"accept_presentation_document_targets": targets}
    picker = picker_of(home, "ltiResourceLink", **asked).press(FOUR, act="options")
    assert ("module-4.display" in picker.form.fields) is (len(targets) == 2)
    [item] = picker.press(**({"module-4.display": display} if display else {})).items()
    assert {"iframe", "window"} & set(item) == has


def test_links_of_one_module_have_urls_of_their_own(home: Site) -> None:
    """Chamilo: the same URL with other custom parameters replaced the first item."""
    urls = set()
    for part in ("", "discussion", "section/videos"):
        [item] = Picker(home).press(FOUR, act="options").press(**{"module-4.part": part}).items()
        urls.add(item["url"])
    assert len(urls) == 3


def test_every_launch_has_the_one_registered_redirect_uri(home: Site) -> None:
    browser = home.browser()
    for path in ("/m/module-4", "/lti/launch/m/module-4/discussion", "/lti/launch"):
        step = browser.login("maria", fields={"target_link_uri": home.tool.url + path})
        assert step.asked["redirect_uri"] == f"{home.tool.url}/lti/launch"


def test_cancelling_leads_to_the_return_address_where_there_is_one(home: Site) -> None:
    """Sakai made items of empty responses."""
    picker = Picker(home)
    assert picker.page.text.count(">Cancel</a>") == 1
    href = picker.page.text.split('">Cancel</a>')[0].rpartition('href="')[2]
    assert href.startswith(home.lms.url)


def test_cancelling_without_a_return_address_sends_an_empty_list(home: Site) -> None:
    def change(claims: dict[str, Any]) -> None:
        claims[LTI + "launch_presentation"] = {"locale": "en"}
        claims[SETTINGS]["data"] = "opaque"

    picker = Picker(home, mutate=change)
    claims = picker.press(act="cancel").response()
    assert claims[DL + "content_items"] == []
    assert claims[DL + "data"] == "opaque"
    assert DL + "errormsg" not in claims


def test_canvas_instructors_read_that_assignments_have_to_be_published(home: Site) -> None:
    text = "Canvas shows new assignments to students once you have published them."
    assert DL + "msg" not in Picker(home).press(FOUR).response()
    change = partial(change_registration, home.tool.database, home.registration_id)
    change(product="canvas")
    try:
        picker = Picker(home).press(FOUR)
        link = opened(home, "unpublished", user="maria", custom={"module": FOUR})
        opened(home, "unpublished", user="joao", custom={"module": FOUR})
        seen = link.get().text
    finally:
        change(product=None)
    assert text in picker.page.text
    assert picker.response()[DL + "msg"] == text
    # The activity says so too, until a participant has opened it.
    assert text in link.page.text
    assert text not in seen


def test_the_pages_take_few_statements(home: Site) -> None:
    picker = Picker(home)
    path = urlsplit(picker.form.action).path
    with counted(home.tool.database) as statements:
        picker.browser.get(path)
    assert len(statements) <= 3
    with counted(home.tool.database) as statements:
        picker.press(FOUR, WRITING, act="options")
    assert len(statements) <= 4
    with counted(home.tool.database) as statements:
        picker.press(**{"module-4.audience": "institution"})
    assert len(statements) <= 9


def test_the_response_is_for_the_platform_alone(home: Site) -> None:
    picker = Picker(home).press(FOUR)
    [form] = [each for each in forms(picker.page) if "JWT" in each.fields]
    assert claims_in(form.fields["JWT"])["aud"] == home.lms.state.iss
    assert picker.browser.submit(form).status_code == 200
