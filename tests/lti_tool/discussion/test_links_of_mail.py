"""The lasting URL in a mail: its button lets the recipient's next launch open the post.

The browsers of the launches keep no cookie of that page, as in a frame of a browser that blocks
third-party cookies.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from lti_tool.directory import wanted_pages
from lti_tool.directory.model import ResourceLink, User, WantedPage
from lti_tool.discussion import recipients
from lti_tool.discussion.model import Post
from lti_tool.discussion.permalinks import PostReference, lasting_url
from lti_tool.discussion.recipients import read_recipient, recipient_value
from lti_tool.storage.database import now
from tests.lti_tool.launches.test_previews import PREVIEWS
from tests.support.site import Site
from tests.support.statements import counted
from tests.support.tabs import Tab, opened

KEY = "k" * 40
MOMENT = datetime(2026, 5, 1, tzinfo=UTC)
LINK = "an activity with mail"
MODULE = {"module": "module-4"}


@dataclass(frozen=True)
class Mailed:
    """A post of João, and its URL in a mail to Amina."""

    home: Site
    reference: PostReference
    amina: int

    def url(self, *, moment: datetime | None = None, user_id: int | None = None) -> str:
        settings = self.home.tool.settings
        secret = settings.secret_key
        recipient = self.amina if user_id is None else user_id
        value = recipient_value(secret, self.reference, recipient, moment or now())
        return f"{lasting_url(settings.public_url, secret, self.reference)}?r={value}"

    def press(self, url: str | None = None) -> requests.Response:
        """Submit the page's form in a browser of its own."""
        return requests.post(url or self.url(), allow_redirects=False, timeout=10)

    def launch(self, user: str = "amina", link: str = LINK, **claims: object) -> Tab:
        """A launch in a browser without cookies."""
        return opened(self.home, link, user=user, **{"custom": MODULE, **claims})

    def lands(self, tab: Tab) -> bool:
        return tab.page.url.endswith(f"#p{self.reference.post_id}")


@pytest.fixture(scope="module")
def posted(home: Site) -> Mailed:
    opened(home, LINK, user="amina", custom=MODULE)
    return write(home, "A secret text")


@pytest.fixture
def mailed(posted: Mailed) -> Mailed:
    with posted.home.tool.database.write() as session:
        session.execute(delete(WantedPage))
    return posted


def write(home: Site, text: str) -> Mailed:
    """A new post."""
    post_id = int(opened(home, LINK, custom=MODULE).write(text).url.rpartition("#p")[2])
    with home.tool.database.read() as session:
        post = session.get_one(Post, post_id)
        amina = session.scalars(select(User.id).where(User.email.startswith("amina"))).one()
    return Mailed(home, PostReference(post.discussion_id, post_id), amina)


def stored(home: Site) -> int:
    with home.tool.database.read() as session:
        return session.scalar(select(func.count()).select_from(WantedPage)) or 0


@pytest.mark.both_engines
def test_after_the_button_the_next_launch_of_the_recipient_opens_the_post_once(
    mailed: Mailed,
) -> None:
    page = requests.get(mailed.url(), timeout=10)
    assert '<form method="post"' in page.text
    assert "A secret text" not in page.text
    for _ in range(2):  # pressed twice
        answer = mailed.press()
        assert answer.status_code == 303
        assert answer.headers["Location"] == activity_url(mailed)
    assert mailed.lands(mailed.launch())
    assert not mailed.lands(mailed.launch())
    assert stored(mailed.home) == 0


def activity_url(mailed: Mailed) -> str | None:
    with mailed.home.tool.database.read() as session:
        return session.scalars(
            select(ResourceLink.activity_url).where(ResourceLink.lti_resource_link_id == LINK)
        ).one()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_scanner_that_follows_the_link_changes_nothing(mailed: Mailed, method: str) -> None:
    for _ in range(5):
        assert requests.request(method, mailed.url(), timeout=10).status_code == 200
    assert stored(mailed.home) == 0
    assert not mailed.lands(mailed.launch())


LAUNCHES: dict[str, Callable[[Mailed], Tab]] = {
    "of another person": lambda mailed: mailed.launch("maria"),
    "of another activity": lambda mailed: mailed.launch(link=LINK + " 2"),
    "of a preview": lambda mailed: mailed.launch(**PREVIEWS["masquerade"]),
    "of a guest": lambda mailed: mailed.launch(sub=None, email=None),
}


@pytest.mark.parametrize("launch", LAUNCHES)
def test_the_wish_waits_for_the_recipients_own_launch_and_not_for_one(
    mailed: Mailed, launch: str
) -> None:
    mailed.press()
    assert not mailed.lands(LAUNCHES[launch](mailed))
    assert mailed.lands(mailed.launch())


def test_the_wish_lapses_and_is_deleted(mailed: Mailed) -> None:
    mailed.press()
    with mailed.home.tool.database.write() as session:
        row = session.scalars(select(WantedPage)).one()
        assert timedelta(minutes=29) < row.expires_at - now() <= timedelta(minutes=30)
        row.expires_at = now() - timedelta(seconds=1)
    assert not mailed.lands(mailed.launch())
    wanted_pages.purge_wanted_pages(mailed.home.tool.database)
    assert stored(mailed.home) == 0


def test_a_forwarded_mail_gives_the_other_person_no_right(mailed: Mailed) -> None:
    other = mailed.home.browser()
    url = mailed.url()
    pressed = other.request("POST", url)
    assert pressed.status_code == 303
    assert "minga=" not in pressed.headers.get("Set-Cookie", "")
    post = f"{mailed.home.tool.url}/l/guessed/post/{mailed.reference.post_id}"
    assert other.get(post).status_code == 403
    # Their own launch goes to the post by the cookie, as with any lasting URL.
    assert mailed.lands(mailed.launch("maria", browser=other))
    assert mailed.lands(mailed.launch()), "the worst: the recipient's next launch opens it"


def test_the_newest_wish_counts(mailed: Mailed) -> None:
    second, third = (write(mailed.home, text) for text in ("A second post", "A third post"))
    mailed.press()
    second.press()
    assert second.lands(second.launch())
    mailed.press()
    browser = mailed.home.browser()
    browser.get(third.url().partition("?")[0])  # from a chat, in a browser that sends the cookie
    assert third.lands(third.launch(browser=browser))
    assert stored(mailed.home) == 0


WRONG: dict[str, Callable[[Mailed], str]] = {
    "none": lambda mailed: mailed.url().partition("?")[0],
    "altered": lambda mailed: mailed.url()[:-2] + "xx",
    "too long": lambda mailed: mailed.url() + "AA",
    "not ASCII": lambda mailed: mailed.url()[:-1] + "é",
    "of a user who does not exist": lambda mailed: mailed.url(user_id=2**31 - 1),
    "expired": lambda mailed: mailed.url(moment=now() - timedelta(days=recipients.DAYS + 1)),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_without_a_valid_value_the_url_works_as_in_a_chat(mailed: Mailed, wrong: str) -> None:
    url = WRONG[wrong](mailed)
    page = requests.get(url, timeout=10)
    assert page.status_code == 200
    assert "coop-101" in page.text
    assert mailed.press(url).status_code == 303
    assert stored(mailed.home) == 0


def test_the_page_and_its_form_take_few_statements(mailed: Mailed) -> None:
    for method, most in (("GET", 1), ("POST", 4)):
        with counted(mailed.home.tool.database) as statements:
            requests.request(method, mailed.url(), allow_redirects=False, timeout=10)
        assert len(statements) <= most, statements


def test_without_the_url_of_the_activity_the_page_says_what_to_do(mailed: Mailed) -> None:
    with mailed.home.tool.database.write() as session:
        session.execute(
            update(ResourceLink)
            .where(ResourceLink.lti_resource_link_id == LINK)
            .values(activity_url=None)
        )
    assert "Open the activity at this post" in requests.get(mailed.url(), timeout=10).text
    answer = mailed.press()
    assert answer.status_code == 200
    assert "Now open the activity from your course" in answer.text
    assert mailed.lands(mailed.launch())


ROW_ID = st.integers(1, 2**31 - 1)


@given(ROW_ID, ROW_ID, ROW_ID, st.integers(0, 30_000))
def test_a_value_tells_the_recipient_of_its_own_post_only(
    discussion: int, post: int, user: int, hours: int
) -> None:
    reference = PostReference(discussion, post)
    value = recipient_value(KEY, reference, user, MOMENT)
    later = MOMENT + timedelta(hours=hours)
    expected = user if hours < 24 * (recipients.DAYS + 1) else None
    assert read_recipient(KEY, reference, value, later) == expected
    other = PostReference(discussion, post % 2**30 + 1)
    assert other == reference or read_recipient(KEY, other, value, MOMENT) is None
    assert read_recipient("another key", reference, value, MOMENT) is None


@given(st.text(max_size=40) | st.binary(max_size=30).map(lambda raw: raw.hex()[:30]))
def test_a_value_of_any_kind_is_refused(value: str) -> None:
    assert read_recipient(KEY, PostReference(1, 2), value, MOMENT) is None


def test_a_value_hides_whose_it_is() -> None:
    """People copy such URLs into discussions in which their names are not shown."""
    one, same, other = (
        recipient_value(KEY, PostReference(1, post), 7, MOMENT) for post in (1, 1, 2)
    )
    assert one == same, "a mail that is sent again is the same"
    assert one[:8] != other[:8]
