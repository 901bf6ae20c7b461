"""The lasting URL of a post, from a mail or a chat, in any browser."""

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from lti_tool.directory.model import RegistrationRow
from lti_tool.discussion import permalinks
from lti_tool.discussion.permalinks import PostReference
from tests.support.site import Site
from tests.support.statements import counted
from tests.support.tabs import Tab, opened

KEY = "k" * 40


@pytest.fixture
def link_id(request: pytest.FixtureRequest) -> str:
    return request.node.name[:200]


@pytest.fixture
def tab(home: Site, link_id: str) -> Tab:
    return opened(home, link_id, custom={"module": "module-4"}, title="Coop <101>")


def lasting(home: Site, tab: Tab, text: str = "A secret text") -> tuple[str, int]:
    """The lasting URL of a new post, and the post's ID."""
    location = tab.write(text).url
    post_id = int(location.rpartition("#p")[2])
    with home.tool.database.read() as session:
        post = session.get_one(permalinks.Post, post_id)
    reference = PostReference(post.discussion_id, post_id)
    settings = home.tool.settings
    return permalinks.lasting_url(settings.public_url, settings.secret_key, reference), post_id


def test_a_stranger_learns_the_course_and_nothing_else(home: Site, tab: Tab) -> None:
    url, _ = lasting(home, tab)
    with counted(home.tool.database) as statements:
        response = requests.get(url, timeout=10)
    assert response.status_code == 200
    assert len(statements) <= 2
    assert "Coop &lt;101&gt;" in response.text
    for hidden in ("A secret text", "João", "Araújo"):
        assert hidden not in response.text
    assert response.headers["Cache-Control"] == "no-store"


def test_a_url_with_another_post_or_key_says_nothing(home: Site, tab: Tab) -> None:
    url, post_id = lasting(home, tab)
    head, _, key = url.rpartition("/")
    for wrong in (f"{head}/{key[::-1]}", url.replace(f"/p/{post_id}/", f"/p/{post_id + 1}/")):
        response = requests.get(wrong, timeout=10)
        assert response.status_code == 404
        assert "Coop" not in response.text


def test_it_is_the_same_whether_the_post_exists_or_was_deleted(home: Site, tab: Tab) -> None:
    url, post_id = lasting(home, tab)
    before = requests.get(url, timeout=10)
    tab.post(f"post/{post_id}/delete")
    after = requests.get(url, timeout=10)
    assert after.status_code == before.status_code == 200
    assert "Coop" in after.text


@pytest.mark.both_engines
def test_with_an_open_session_of_the_resource_link_it_opens_there(home: Site, tab: Tab) -> None:
    url, post_id = lasting(home, tab)
    page = tab.browser.get(url)
    assert page.status_code == 200
    assert page.url.startswith(home.tool.url + tab.path)
    assert page.url.endswith(f"#p{post_id}")
    assert "A secret text" in page.text


def test_after_the_launch_the_person_lands_on_the_post_once(
    home: Site, tab: Tab, link_id: str
) -> None:
    url, post_id = lasting(home, tab)
    browser = home.browser()
    browser.get(url)
    landed = opened(home, link_id, custom={"module": "module-4"}, title="Coop <101>",
                    user="amina", browser=browser)  # fmt: skip
    assert landed.page.url.endswith(f"#p{post_id}")
    again = opened(home, link_id, custom={"module": "module-4"}, title="Coop <101>",
                   user="amina", browser=browser)  # fmt: skip
    assert "#p" not in again.page.url


def test_the_page_links_each_post_by_its_lasting_url(home: Site, tab: Tab, link_id: str) -> None:
    url, post_id = lasting(home, tab)
    assert f'href="{url.removeprefix(home.tool.url)}"' in tab.get().text
    data = {"token": tab.token, "to": tab.path}
    without_cookies = home.browser().request("POST", tab.path + "open", data=data)
    assert f'{tab.path}post/{post_id}"' in without_cookies.text


def test_a_launch_of_another_resource_link_does_not_go_there(home: Site, tab: Tab) -> None:
    url, _ = lasting(home, tab)
    browser = home.browser()
    browser.get(url)
    elsewhere = opened(home, "elsewhere", custom={"module": "module-4"}, browser=browser)
    assert "#p" not in elsewhere.page.url


@pytest.mark.parametrize("value", ["", "x", "1-", "-1", "1-x", "0-0", f"1-{2**40}", "1-2-3", "٣-٤"])
def test_a_cookie_of_any_kind_is_ignored_or_a_reference(value: str) -> None:
    found = permalinks.read_reference(value)
    assert found is None or found == PostReference(3, 4)


@given(st.integers(1, 2**31 - 1), st.integers(1, 2**31 - 1), st.text())
def test_a_key_is_valid_for_its_own_post_only(discussion: int, post: int, other: str) -> None:
    reference = PostReference(discussion, post)
    key = permalinks.lasting_path(KEY, reference).rpartition("/")[2]
    assert permalinks.is_valid(KEY, reference, key)
    assert not permalinks.is_valid(KEY, PostReference(discussion, post % 2**30 + 1), key) or (
        post == post % 2**30 + 1
    )
    assert other == key or not permalinks.is_valid(KEY, reference, other)


def test_a_disabled_platform_has_no_lasting_urls(home: Site, tab: Tab) -> None:
    url, _ = lasting(home, tab)
    for status, expected in (("disabled", 404), ("active", 200)):
        with home.tool.database.write() as session:
            session.execute(update(RegistrationRow).values(status=status))
        assert requests.get(url, timeout=10).status_code == expected
