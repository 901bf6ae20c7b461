"""The page of notices, the links in mails and the private feed, over real HTTP."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from lxml import etree
from sqlalchemy import delete, select, update

from lti_tool.directory.model import Membership, User
from lti_tool.notifications import addresses, service
from lti_tool.notifications.links import DigestKind, Link, token_of
from lti_tool.notifications.model import MailRecipient, Subscription
from lti_tool.notifications.people import find_person, recipient_of
from lti_tool.storage.database import now
from lti_tool.worker import drained
from tests.support.mail_server import MailServer, mail_server
from tests.support.site import Site, site
from tests.support.statements import counted
from tests.support.tabs import Tab, opened

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def server():
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def home(tmp_path_factory, server: MailServer):
    folder: Path = tmp_path_factory.mktemp("mail")
    with site(folder, smtp_url=server.url, mail_from="minga@tool.example") as running:
        yield running


@pytest.fixture
def link_id(request: pytest.FixtureRequest) -> str:
    return f"activity {request.node.name}"[:200]


@pytest.fixture
def tab(home: Site, link_id: str) -> Tab:
    return opened(home, link_id, custom={"module": "module-4"})


def user_of(home: Site, name: str) -> User:
    with home.tool.database.read() as session:
        return session.scalars(select(User).where(User.email.startswith(name))).one()


def mail_link(home: Site, tab: Tab, user: str = "joao") -> str:
    """The link that a mail about the tab's discussion would have."""
    tab.post("notices", choice="every")
    with home.tool.database.write() as session:
        person = user_of(home, user)
        discussion = session.scalars(
            select(Subscription.discussion_id)
            .where(Subscription.user_id == person.id, Subscription.discussion_id.is_not(None))
            .order_by(Subscription.id.desc())
        ).first()
        key = recipient_of(session, person.id).link_key
        link = Link("mail", person.id, discussion or 0)
        return f"{home.tool.url}/n/{token_of(home.tool.settings.secret_key, link, key)}"


def choices(home: Site, name: str) -> list[str]:
    with home.tool.database.read() as session:
        return list(
            session.scalars(
                select(Subscription.choice)
                .where(Subscription.user_id == user_of(home, name).id)
                .order_by(Subscription.id)
            )
        )


def test_the_discussion_offers_to_subscribe_and_says_what_is_chosen(tab: Tab) -> None:
    assert "Replies to me and mentions of me" in tab.page.text
    assert tab.post("notices", choice="daily", hour="9", time_zone="Asia/Tokyo").status_code == 303
    page = tab.get("notices?done=saved").text
    assert 'value="daily" checked' in page
    assert '<option value="9" selected' in page
    assert "<option selected>Asia/Tokyo" in page
    assert "A digest every day" in tab.get().text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_following_the_link_of_a_mail_changes_nothing(home: Site, tab: Tab, method: str) -> None:
    url = mail_link(home, tab)
    for _ in range(5):
        assert requests.request(method, url, timeout=10).status_code == 200
    assert choices(home, "joao")[-1] == "every"


@pytest.mark.both_engines
def test_one_click_unsubscribing_needs_no_cookie_and_may_be_repeated(home: Site, tab: Tab) -> None:
    url = mail_link(home, tab)
    for _ in range(2):
        response = requests.post(url, data={"List-Unsubscribe": "One-Click"}, timeout=10)
        assert response.status_code == 200
        assert "You receive no more mail about this discussion." in response.text
    assert choices(home, "joao")[-1] == "off"


def test_the_link_concerns_one_discussion_only(home: Site, tab: Tab, link_id: str) -> None:
    url = mail_link(home, tab)
    other = opened(home, link_id + " 2", custom={"module": "module-4"})
    other.post("notices", choice="every")
    requests.post(url, timeout=10)
    assert choices(home, "joao")[-2:] == ["off", "every"]


def test_the_link_acts_on_the_person_of_the_mail_also_if_another_is_signed_in(
    home: Site, tab: Tab, link_id: str
) -> None:
    url = mail_link(home, tab)
    other = opened(home, link_id, user="amina", custom={"module": "module-4"})
    other.post("notices", choice="every")
    other.browser.request("POST", url, data={})
    assert choices(home, "joao")[-1] == "off"
    assert choices(home, "amina")[-1] == "every"


def test_a_link_from_a_mail_can_choose_something_else(home: Site, tab: Tab) -> None:
    requests.post(mail_link(home, tab), data={"choice": "weekly"}, timeout=10)
    assert choices(home, "joao")[-1] == "weekly"


def test_links_can_be_revoked(home: Site, tab: Tab) -> None:
    url = mail_link(home, tab)
    address = user_of(home, "joao").email
    assert addresses.renew_links(home.tool.database, address or "") == 1
    assert requests.post(url, timeout=10).status_code == 404
    assert choices(home, "joao")[-1] == "every"


def digest_link(home: Site, user: str = "joao", kind: DigestKind = "daily") -> str:
    """The link that a digest would have."""
    with home.tool.database.write() as session:
        person = user_of(home, user)
        key = recipient_of(session, person.id).link_key
    token = token_of(home.tool.settings.secret_key, Link(kind, person.id, 0), key)
    return f"{home.tool.url}/n/{token}"


@pytest.fixture
def followed(home: Site, link_id: str) -> list[Tab]:
    """João gets a daily digest of two discussions, a weekly one of a third, all of a fourth."""
    with home.tool.database.write() as session:
        session.execute(
            delete(Subscription).where(Subscription.user_id == user_of(home, "joao").id)
        )
    tabs = []
    for number, choice in enumerate(("daily", "daily", "weekly", "every")):
        tab = opened(home, f"{link_id} {number}"[-200:], custom={"module": "module-4"})
        tab.post("notices", choice=choice)
        tabs.append(tab)
    return tabs


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_following_the_link_of_a_digest_changes_nothing(
    home: Site, followed: list[Tab], method: str
) -> None:
    for _ in range(3):
        assert requests.request(method, digest_link(home), timeout=10).status_code == 200
    assert choices(home, "joao") == ["daily", "daily", "weekly", "every"]


@pytest.mark.both_engines
def test_one_click_on_a_digest_ends_its_discussions_and_no_others(
    home: Site, followed: list[Tab]
) -> None:
    page = requests.get(digest_link(home), timeout=10).text
    assert "Stop the daily digest of all discussions" in page
    assert "You then receive no mail about these discussions" in page
    for _ in range(2):
        response = requests.post(
            digest_link(home), data={"List-Unsubscribe": "One-Click"}, timeout=10
        )
        assert response.status_code == 200
        assert "You receive this digest no more." in response.text
    assert choices(home, "joao") == ["off", "off", "weekly", "every"]


def test_a_digest_can_be_stopped_for_one_discussion(home: Site, followed: list[Tab]) -> None:
    page = requests.get(digest_link(home), timeout=10).text
    first, second = re.findall('name="stop" value="([0-9]+)"', page)
    for _ in range(2):
        assert requests.post(digest_link(home), data={"stop": second}, timeout=10).ok
    assert choices(home, "joao") == ["daily", "off", "weekly", "every"]
    weekly = requests.get(digest_link(home, kind="weekly"), timeout=10).text
    [third] = re.findall('name="stop" value="([0-9]+)"', weekly)
    for wrong in (third, "0", "-1", "x", "", "9" * 30):
        assert requests.post(digest_link(home), data={"stop": wrong}, timeout=10).ok
    assert choices(home, "joao") == ["daily", "off", "weekly", "every"]
    assert first != second


def test_a_digest_of_a_course_is_named_and_can_be_stopped(home: Site, followed: list[Tab]) -> None:
    with home.tool.database.write() as session:
        joao = user_of(home, "joao").id
        course_id = session.scalars(
            select(Membership.course_id).where(Membership.user_id == joao)
        ).first()
        session.add(
            Subscription(user_id=joao, course_id=course_id, choice="daily", changed_at=now())
        )
    assert "All discussions of the course" in requests.get(digest_link(home), timeout=10).text
    requests.post(digest_link(home), timeout=10)
    assert choices(home, "joao") == ["off", "off", "weekly", "every", "off"]


def test_the_link_of_a_digest_is_its_recipients_own(home: Site, followed: list[Tab]) -> None:
    url = digest_link(home)
    followed[0].browser.request("POST", url.replace("/n/Z", "/n/d"), data={})
    requests.post(url.replace("/n/", "/feed/"), timeout=10)
    addresses.renew_links(home.tool.database, user_of(home, "joao").email or "")
    assert requests.post(url, timeout=10).status_code == 404
    assert choices(home, "joao") == ["daily", "daily", "weekly", "every"]


def feed_url(tab: Tab) -> str:
    tab.post("notices/feed")
    page = tab.get("notices").text
    return page.split('id="feed"')[1].split('value="')[1].split('"')[0]


@pytest.mark.both_engines
def test_the_private_feed_shows_what_the_person_may_read(home: Site, tab: Tab) -> None:
    tab.write("A first <b>post</b>")
    url = feed_url(tab)
    response = requests.get(url, timeout=10)
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert "no-store" in response.headers["Cache-Control"]
    feed = etree.fromstring(response.content)
    assert feed.findtext(f"{ATOM}id")
    assert feed.findtext(f"{ATOM}title")
    assert feed.findtext(f"{ATOM}updated")
    [entry] = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "João Araújo"
    assert entry.find(f"{ATOM}content").get("type") == "html"
    assert "A first" in entry.findtext(f"{ATOM}content")
    href = entry.find(f"{ATOM}link").get("href")
    assert urlsplit(href).path.startswith("/d/")


def test_a_feed_stops_with_the_membership_and_when_the_person_stops_it(
    home: Site, tab: Tab
) -> None:
    url = feed_url(tab)
    assert requests.get(url, timeout=10).status_code == 200
    with home.tool.database.write() as session:
        session.execute(update(Membership).values(ended_at=now()))
    assert requests.get(url, timeout=10).status_code == 404
    with home.tool.database.write() as session:
        session.execute(update(Membership).values(ended_at=None))
    renewed = feed_url(tab)
    assert renewed != url
    assert requests.get(url, timeout=10).status_code == 404
    assert tab.post("notices/feed", action="stop").status_code == 303
    assert requests.get(renewed, timeout=10).status_code == 404


def test_a_link_of_a_mail_opens_no_feed_and_the_other_way_round(home: Site, tab: Tab) -> None:
    mail, feed = mail_link(home, tab), feed_url(tab)
    assert requests.get(mail.replace("/n/", "/feed/"), timeout=10).status_code == 404
    assert requests.post(feed.replace("/feed/", "/n/"), timeout=10).status_code == 404


def decide(home: Site, **choices: bool) -> None:
    with home.tool.database.write() as session:
        mail = service.MailChoices(**choices)
        service.set_mail_choices(session, home.registration_id, mail)


def without_address(home: Site, link_id: str) -> Tab:
    return opened(home, link_id, user="amina", custom={"module": "module-4"}, email=None)


def test_without_an_address_the_page_says_so_and_offers_a_feed(home: Site, link_id: str) -> None:
    page = without_address(home, link_id).get("notices").text
    assert "Your course has not sent your e-mail address" in page
    assert "Create a private feed" in page
    assert 'name="address"' not in page


@pytest.mark.both_engines
def test_an_address_of_ones_own_is_used_once_it_is_confirmed(
    home: Site, link_id: str, server: MailServer
) -> None:
    tab = without_address(home, link_id)
    assert tab.post("notices/address", address="amina@home.example").status_code == 400
    decide(home, own_addresses=True)
    refused = tab.post("notices/address", address="amina at home")
    assert refused.status_code == 400
    assert "amina at home" in refused.text
    assert tab.post("notices/address", address="amina@home.example").status_code == 303
    assert tab.post("notices/address", address="other@home.example").status_code == 400
    drained(home.tool.settings, home.tool.database)
    [message] = server.to("amina@home.example")
    url = message.get_body(("plain",)).get_content().split("/n/")[1].split()[0]
    url = f"{home.tool.url}/n/{url}"
    assert requests.get(url, timeout=10).status_code == 200
    assert "is not confirmed yet" in tab.get("notices").text
    for _ in range(2):
        assert requests.post(url, timeout=10).status_code == 200
    assert "Notices are sent to" in tab.get("notices").text
    assert tab.post("notices/address", action="forget").status_code == 303
    assert requests.post(url, timeout=10).status_code == 404


def test_an_institution_without_mail_offers_a_feed_and_takes_no_address(
    home: Site, link_id: str, server: MailServer
) -> None:
    custom = {"module": "module-4"}
    tab = opened(home, link_id, user="devika", custom=custom, email=None)
    decide(home, own_addresses=True)
    assert tab.post("notices/address", address="amina@late.example").status_code == 303
    decide(home, sends_mail=False, own_addresses=True)
    try:
        page = tab.get("notices").text
        assert "Your institution does not want notices by mail." in page
        assert "Create a private feed" in page
        assert 'name="address"' not in page
        assert 'name="choice"' not in page
        refused = tab.post("notices/address", address="other@late.example")
        assert refused.status_code == 400
        drained(home.tool.settings, home.tool.database)
        assert server.to("amina@late.example") == []
    finally:
        decide(home)


def test_a_dead_address_is_shown_and_can_be_tried_again(home: Site, tab: Tab) -> None:
    tab.post("notices", choice="every")
    person = user_of(home, "joao")
    with home.tool.database.write() as session:
        recipient = recipient_of(session, person.id)
        recipient.stopped_address, recipient.stopped_status = person.email, "5.1.1"
    assert (
        "was refused because this e-mail address does not exist (5.1.1)" in tab.get("notices").text
    )
    assert tab.post("notices/address", action="again").status_code == 303
    assert "Notices are sent to" in tab.get("notices").text


def test_guests_have_no_notices(home: Site, link_id: str) -> None:
    guest = opened(home, link_id, custom={"module": "module-4"}, sub=None, email=None)
    assert "notices" not in guest.page.text
    assert guest.get("notices").status_code == 403
    assert guest.post("notices", choice="every").status_code == 403


@pytest.mark.parametrize(("path", "most"), [("notices", 4), ("", 10)])
def test_pages_take_a_bounded_number_of_statements(
    home: Site, tab: Tab, path: str, most: int
) -> None:
    tab.write("A post")
    tab.post("notices", choice="every")
    with counted(home.tool.database) as statements:
        assert tab.get(path).status_code == 200
    assert len(statements) <= most, statements


def test_the_pages_of_links_take_few_statements(home: Site, tab: Tab) -> None:
    url, feed = mail_link(home, tab), feed_url(tab)
    for address, most in ((url, 3), (digest_link(home), 3), (feed, 5)):
        with counted(home.tool.database) as statements:
            assert requests.get(address, timeout=10).status_code == 200
        assert len(statements) <= most, statements


def test_a_person_of_another_platform_is_not_found(home: Site, tab: Tab) -> None:
    tab.post("notices", choice="every")
    person = user_of(home, "joao")
    with home.tool.database.read() as session:
        place = service.find_place(session, 1, person.id)
        assert place is not None
        elsewhere = service.Place(
            **{
                **{name: getattr(place, name) for name in place.__dataclass_fields__},
                "registration_id": 99,
            }
        )
        assert find_person(session, person.id, elsewhere) is None
        assert session.get(MailRecipient, person.id) is not None
