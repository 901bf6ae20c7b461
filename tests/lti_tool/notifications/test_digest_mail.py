"""A digest is one mail with all discussions in which its reader chose it."""

import re
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from sqlalchemy import func, select

from lti_tool.discussion.model import Post
from lti_tool.notifications import digest_letters, digests
from lti_tool.notifications.model import DIGEST, Digest, Mailing, due_key, put_mail
from lti_tool.notifications.planning import plan_digests
from lti_tool.sessions.current import CurrentSession
from tests.lti_tool.notifications.scene import MailScene

URL = re.compile(r"https://minga\.example\.org/(d/\d+/p/\d+/[\w-]{12}\?r=[\w-]{30}|n/[\w-]{34})")


@pytest.fixture
def reader(mail: MailScene) -> CurrentSession:
    """An instructor who gets a daily digest of the whole course."""
    person = mail.person("Tea", "tea@example.org", instructor=True)
    mail.choose(person, "daily", course="daily")
    return person


@pytest.fixture
def second(mail: MailScene) -> MailScene:
    return mail.activity("Second activity")


def next_day(mail: MailScene) -> None:
    mail.work()
    mail.clock.forward(days=1)
    mail.work()


def write(*scenes: MailScene, name: str = "Bo") -> None:
    """A post in each activity."""
    author = scenes[0].person(name)
    for number, scene in enumerate(scenes):
        scene.post(scene.enter(author), f"Post {number} of {name}")


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def only(mail: MailScene) -> EmailMessage:
    [message] = mail.server.mails
    return message


@pytest.mark.both_engines
def test_all_discussions_of_a_person_are_in_one_mail_by_course(
    mail: MailScene, second: MailScene, reader: CurrentSession
) -> None:
    elsewhere = mail.activity("Third activity", course="Another course")
    elsewhere.choose(elsewhere.enter(reader), "daily")
    write(mail, second, elsewhere)
    mail.post(mail.person("Cy"), "Post 9 of Cy")
    next_day(mail)
    message = only(mail)
    text, html = text_of(message), message.get_body(("html",)).get_content()
    assert message["Subject"] == "4 new posts in your discussions"
    for part in (text, html):
        assert all(f"Post {number} of Bo" in part for number in range(3))
        assert part.index("Post 1 of Bo") < part.index("Another course") < part.index("Post 2")
        assert part.count("https://minga.example.org/d/") == 4
        assert part.count("https://minga.example.org/n/") == 4, "each discussion, and the digest"
    assert all(URL.fullmatch(line) for line in text.splitlines() if "https://" in line)
    next_day(mail)
    assert len(mail.server.accepted) == 1


def test_a_digest_begins_no_thread_and_its_headers_end_the_digest(
    mail: MailScene, second: MailScene, reader: CurrentSession
) -> None:
    for day in range(2):
        write(mail, second, name=f"Bo {day}")
        next_day(mail)
    first, other = mail.server.mails
    assert first["Message-ID"] != other["Message-ID"]
    for message in (first, other):
        assert message["In-Reply-To"] is None
        assert message["References"] is None
        assert message["List-Id"] == '"Daily digest" <daily-digest.minga.example.org>'
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        stop = message["List-Unsubscribe"].strip("<> ")
        assert (
            text_of(message).rstrip().endswith(f"Stop the daily digest of all discussions:\n{stop}")
        )


def test_a_digest_is_in_the_language_of_its_reader(mail: MailScene, second: MailScene) -> None:
    person = mail.person("Amina", "amina@example.org", locale="ar", choice="daily")
    second.choose(second.enter(person), "daily")
    write(mail, second)
    next_day(mail)
    message = only(mail)
    assert message["Content-Language"] == "ar"
    html = message.get_body(("html",)).get_content()
    assert "direction:rtl;text-align:right" in html


def test_daily_and_weekly_digests_are_two_mails(
    mail: MailScene, second: MailScene, reader: CurrentSession
) -> None:
    second.choose(second.enter(reader), "weekly", course="daily")
    write(mail, second)
    next_day(mail)
    assert "Post 0" in text_of(only(mail))
    assert "Post 1" not in text_of(only(mail))
    mail.clock.forward(days=7)
    mail.work()
    assert "Post 1" in text_of(mail.server.mails[1])
    assert len(mail.server.accepted) == 2


CHANGES: dict[str, tuple[Callable[[MailScene, CurrentSession], None], list[str]]] = {
    "nothing": (lambda _s, _p: None, ["0 1"]),
    "off here": (lambda s, p: s.choose(p, "off", course="daily"), ["0"]),
    "every post here": (lambda s, p: s.choose(p, "every", course="daily"), ["1", "0"]),
    "weekly here": (lambda s, p: s.choose(p, "weekly", course="daily"), ["0", "1"]),
    "off in the course": (lambda s, p: s.choose(p, "daily", course="off"), ["0 1"]),
    "left the course": (lambda s, p: s.change_membership(p, ended_at=s.clock.now()), []),
    "hidden": (lambda s, _p: hide_latest(s), ["0"]),
}


def hide_latest(scene: MailScene) -> None:
    with scene.database.read() as session:
        latest = session.scalars(select(func.max(Post.id))).one()
    scene.scene.set(latest, status="hidden", hidden_reason="Off topic")


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_in_a_digest_is_decided_when_it_is_sent(
    mail: MailScene, second: MailScene, reader: CurrentSession, change: str
) -> None:
    """The reader changes something in the second activity before the digest is due."""
    write(mail, second)
    mail.work()
    act, expected = CHANGES[change]
    act(second, second.enter(reader))
    for _ in range(9):
        mail.clock.forward(hours=20)
        mail.work()
    texts = [text_of(message) for message in mail.server.mails]
    found = [" ".join(number for number in "01" if f"Post {number} of" in text) for text in texts]
    assert found == expected


def test_a_choice_of_the_course_that_changed_is_followed_where_nothing_else_was_chosen(
    mail: MailScene, second: MailScene, reader: CurrentSession
) -> None:
    write(mail, second)
    mail.work()
    mail.choose(reader, "daily", course="every")
    next_day(mail)
    mail.work_soon()
    assert ["Post 1" in text_of(message) for message in mail.server.mails] == [False, True]


def test_the_planned_digest_moves_with_the_hour(mail: MailScene, reader: CurrentSession) -> None:
    write(mail)
    mail.work()
    mail.choose(reader, "daily", course="daily", hour=14)
    mail.clock.forward(hours=1)
    mail.work()
    assert mail.server.accepted == []
    mail.clock.forward(hours=1)
    mail.work()
    assert len(mail.server.accepted) == 1
    next_day(mail)
    assert len(mail.server.accepted) == 1


def test_digests_that_waited_for_one_discussion_each_become_one(
    mail: MailScene, second: MailScene, reader: CurrentSession
) -> None:
    """As an earlier release left them: a time and a task for each discussion."""
    write(mail, second)
    mail.work()
    with mail.database.write() as session:
        digest = session.scalars(select(Digest)).one()
        for mailing in session.scalars(select(Mailing)):
            mailing.due_at = digest.due_at
            put_mail(session, mailing.id, mailing.first, digest.due_at)
        session.delete(digest)
    next_day(mail)
    mail.work_soon()
    assert only(mail)["Subject"] == "2 new posts in your discussions"


@pytest.mark.both_engines
def test_posts_that_come_while_a_digest_is_sent_are_in_the_next_one(
    mail: MailScene, second: MailScene, reader: CurrentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    third = mail.activity("Third activity")
    write(mail, second)
    send = digests.Delivery.send

    def send_slowly(self, letter, address) -> None:
        if not mail.server.accepted:
            write(second, third, name="Cy")
            mail.work()
        send(self, letter, address)

    monkeypatch.setattr(digests.Delivery, "send", send_slowly)
    next_day(mail)
    next_day(mail)
    first, other = (text_of(message) for message in mail.server.mails)
    assert "of Cy" not in first
    assert "of Bo" not in other
    assert all(f"Post {number} of Cy" in other for number in range(2))


@pytest.mark.both_engines
def test_a_worker_that_ends_before_it_stored_the_delivery_repeats_the_same_mail(
    mail: MailScene, second: MailScene, reader: CurrentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(mail, second)
    close, calls = digests.planning.close, []

    def dying(*arguments, **options):
        calls.append(1)
        if len(calls) == 2:  # after one of the two discussions
            raise KeyboardInterrupt
        return close(*arguments, **options)

    monkeypatch.setattr(digests.planning, "close", dying)
    mail.work()
    mail.clock.forward(days=1)
    with pytest.raises(KeyboardInterrupt):
        mail.work()
    mail.work()
    next_day(mail)
    first, other = mail.server.mails
    assert first["Message-ID"] == other["Message-ID"]
    assert text_of(first) == text_of(other)


def test_a_temporary_refusal_is_tried_again_and_a_dead_address_stops_the_digest(
    mail: MailScene, second: MailScene, reader: CurrentSession
) -> None:
    write(mail, second)
    mail.server.for_address["tea@example.org"] = "451 4.7.1 Greylisted"
    next_day(mail)
    [task] = [row for row in mail.tasks(DIGEST) if row.done_at is None]
    assert task.due_at > mail.clock.now()
    mail.server.for_address["tea@example.org"] = "550 5.1.1 No such user"
    mail.clock.forward(hours=1)
    mail.work()
    assert mail.recipient(reader).stopped_address == "tea@example.org"
    assert all(row.first is None for row in mail.mailings())
    next_day(mail)
    assert mail.server.accepted == []


def test_posts_that_cannot_be_written_do_not_stop_the_digest(
    mail: MailScene, second: MailScene, reader: CurrentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(mail, second)
    mail.work()
    bad = second.discussion_id()
    add = digest_letters.DigestWriter.add

    def failing(self, session, place, *rest) -> None:
        if place.discussion_id == bad:
            raise ValueError
        add(self, session, place, *rest)

    monkeypatch.setattr(digest_letters.DigestWriter, "add", failing)
    mail.clock.forward(days=1)
    for _ in range(6):
        mail.work()
        mail.clock.forward(hours=1)
    assert "Post 0" in text_of(only(mail))


def test_a_digest_of_many_long_posts_is_bounded(mail: MailScene, reader: CurrentSession) -> None:
    most = digest_letters.MOST_SECTIONS + digest_letters.MOST_LINES
    author = mail.person("Bo")
    row = {"source": "سلام " * 4000, "html": f"<p>{'سلام ' * 4000}</p>", "language": "ar"}
    for number in range(most + 3):
        scene = mail.activity(f"Activity {number}")
        scene.scene.many(author, [{**row, "draft_key": f"{number} {each}"} for each in range(2)])
        discussion_id = scene.discussion_id()
        with mail.database.write() as session:
            session.add(
                Mailing(user_id=reader.user_id, discussion_id=discussion_id, first=1, last=2,
                        failures=0)
            )  # fmt: skip
    with mail.database.write() as session:
        plan_digests(session, {reader.user_id or 0: "daily"})
    mail.clock.forward(days=1)
    with mail.database.read() as session:
        digest = session.scalars(select(Digest)).one()
    mail.handlers[DIGEST](mail.database, {"digest": digest.id, "due": due_key(digest.due_at)})
    [(_, raw)] = mail.server.accepted
    message = only(mail)
    html, text = message.get_body(("html",)).get_content(), text_of(message)
    assert len(html.encode()) < 102_000
    assert len(raw) < 400_000
    assert html.count("Open in the discussion") + html.count("Read the whole post") <= 30
    assert "3 more discussions" in html
    assert "3 more discussions" in text
    assert message["Subject"] == f"{2 * (most + 3)} new posts in your discussions"
