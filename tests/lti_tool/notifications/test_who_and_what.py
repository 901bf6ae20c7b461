"""Who gets a mail and what it says are decided when it is sent, not when the post was written."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from lti_tool.directory.model import Deployment, RegistrationRow, User
from lti_tool.discussion.model import Post
from lti_tool.features import FEATURES
from lti_tool.notifications import service
from lti_tool.notifications.people import LAPSE
from lti_tool.notifications.service import MailChoices
from lti_tool.personal_data import service as personal_data
from lti_tool.sessions.current import CurrentSession
from tests.lti_tool.notifications.scene import SOON, MailScene


@pytest.fixture
def ana(mail: MailScene) -> CurrentSession:
    return mail.person("Ana", "ana@example.org", choice="every")


@pytest.fixture
def bo(mail: MailScene) -> CurrentSession:
    return mail.person("Bo", "bo@example.org")


def text_of(message) -> str:
    return message.get_body(("plain",)).get_content()


def wait(mail: MailScene) -> None:
    mail.clock.ahead += SOON
    mail.work()


def test_a_post_that_was_edited_meanwhile_is_mailed_as_it_is_now(mail, ana, bo) -> None:
    post = mail.post(bo, "A first version")
    mail.work()
    mail.scene.edit(bo, post, "The corrected version")
    wait(mail)
    [message] = mail.server.mails
    assert "The corrected version" in text_of(message)
    assert "A first version" not in str(message)


def change_user(mail, person, **values) -> None:
    with mail.database.write() as session:
        session.execute(update(User).where(User.id == person.user_id).values(**values))


def change_row(mail, table, **values) -> None:
    with mail.database.write() as session:
        session.execute(update(table).values(**values))


DECLARATIONS = tuple(each.personal_data for each in FEATURES if each.personal_data)


def refuse_mail(mail: MailScene) -> None:
    with mail.database.write() as session:
        service.set_mail_choices(session, mail.scene.registration_id, MailChoices(sends_mail=False))


STOPS = {
    "chose no mail": lambda mail, ana: mail.choose(ana, "off"),
    "gone from the roster": lambda mail, ana: mail.change_membership(
        ana, ended_at=mail.clock.now()
    ),
    "long unseen": lambda mail, ana: mail.change_membership(
        ana, seen_at=mail.clock.now() - LAPSE - timedelta(days=1)
    ),
    "no address any more": lambda mail, ana: change_user(mail, ana, email=None),
    "not an address": lambda mail, ana: change_user(mail, ana, email="ana@"),
    "erased": lambda mail, ana: personal_data.erase(
        mail.database, mail.scene.settings, DECLARATIONS, ana.user_id
    ),
    "a test user": lambda mail, ana: change_user(mail, ana, kind="test"),
    "of an institution without mail": lambda mail, ana: refuse_mail(mail),
    "platform disabled": lambda mail, ana: change_row(mail, RegistrationRow, status="disabled"),
    "deployment disabled": lambda mail, ana: change_row(mail, Deployment, status="disabled"),
}


@pytest.mark.both_engines
@pytest.mark.parametrize("stop", STOPS)
def test_mail_stops_for_a_person_who(mail, ana, bo, stop: str) -> None:
    mail.post(bo)
    mail.work()
    STOPS[stop](mail, ana)
    wait(mail)
    assert mail.server.accepted == []


def test_who_is_long_unseen_and_still_in_the_roster_is_mailed(mail, ana, bo) -> None:
    mail.post(bo)
    mail.work()
    long_ago = mail.clock.now() - LAPSE - timedelta(days=1)
    mail.change_membership(ana, seen_at=long_ago, roster_read_at=mail.clock.now())
    wait(mail)
    assert [address for address, _ in mail.server.accepted] == ["ana@example.org"]


def test_an_instructor_who_left_is_not_mailed_and_one_who_returns_is(mail, bo) -> None:
    teacher = mail.person("Tea", "tea@example.org", instructor=True)
    mail.choose(teacher, None, course="every")
    mail.change_membership(teacher, ended_at=mail.clock.now())
    mail.post(bo, "while away")
    mail.work_soon()
    assert mail.server.accepted == []
    mail.change_membership(teacher, ended_at=None)
    mail.clock.forward(hours=1)
    mail.post(bo, "after the return")
    mail.work_soon()
    [message] = mail.server.mails
    assert "while away" not in str(message)


@pytest.mark.both_engines
def test_following_the_course_is_for_instructors_and_yields_to_the_discussions_choice(
    mail, bo
) -> None:
    teacher = mail.person("Tea", "tea@example.org", instructor=True)
    learner = mail.person("Lea", "lea@example.org")
    for person in (teacher, learner):
        mail.choose(person, None, course="every")
    mail.post(bo)
    mail.work_soon()
    assert [address for address, _ in mail.server.accepted] == ["tea@example.org"]
    mail.choose(teacher, "off", course="every")
    mail.clock.forward(hours=1)
    mail.post(bo)
    mail.work_soon()
    assert len(mail.server.accepted) == 1


LANGUAGES = {
    "es": ("Nuevo mensaje", "Recibes este correo"),
    "fr": ("Nouveau message", "Vous recevez ce courriel"),
    "ar": ("منشور جديد", "تصلك هذه الرسالة"),
}


def test_each_reader_gets_mail_in_their_own_language(mail, bo) -> None:
    for language in ("es", "fr", "ar"):
        mail.person(language, f"{language}@example.org", locale=language, choice="every")
    mail.post(bo, "Hello!", language="en")
    mail.work_soon()
    for language, (subject, footer) in LANGUAGES.items():
        [message] = mail.server.to(f"{language}@example.org")
        assert message["Subject"].startswith(subject)
        assert footer in text_of(message)
        html = message.get_body(("html",)).get_content()
        assert message["Content-Language"] == language
        assert f'<html lang="{language}"' in html
    [arabic] = mail.server.to("ar@example.org")
    content = arabic.get_body(("html",)).get_content()
    inside = content.split("<body")[1].split(">", 1)[1]
    assert "direction:rtl;text-align:right" in inside.split(">")[0]
    assert 'lang="en" dir="ltr" style="direction:ltr;text-align:left"' in inside


def test_a_mail_loads_nothing_and_links_only_to_the_tool(mail, ana, bo) -> None:
    mail.post(bo, "See ![a picture](https://tracker.example/1.png) there")
    mail.work_soon()
    [message] = mail.server.mails
    html = message.get_body(("html",)).get_content()
    assert "<img" not in html
    assert "src=" not in html
    assert "url(" not in html
    links = re.findall(r'href="([^"]*)"', html)
    assert [link for link in links if not link.startswith("https://minga.example.org/")] == [
        "https://tracker.example/1.png"
    ], "a picture becomes a link"


HOSTILE = [
    "Eve\r\nBcc: all@example.org",
    "Eve\u2028x",
    "Eve\0",
    "E" * 255,
    "محمد السعدي",
    '"Eve, <e@x>"',
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_any_kind_make_no_header_and_stop_no_mail(mail, ana, name: str) -> None:
    eve = mail.person("Eve")
    mail.post(eve)
    with mail.database.write() as session:
        stored = name.replace("\0", "\x01")  # PostgreSQL stores no NUL
        session.execute(update(Post).values(author_name=stored))
    mail.work_soon()
    [message] = mail.server.mails
    assert message["Bcc"] is None
    [sender] = message["From"].addresses
    assert sender.addr_spec == "minga@tool.example"


def test_a_thread_has_one_invented_root_and_each_mail_an_id_of_its_own(mail, ana, bo) -> None:
    first = mail.post(bo, "Before anybody subscribed")
    late = mail.person("Late", "late@example.org")
    mail.work_soon()
    mail.choose(late, "every")
    for text in ("One", "Two"):
        mail.clock.forward(hours=1)
        mail.post(bo, text, reply_to_id=first.id)
        mail.work_soon()
    mails = mail.server.mails
    assert len({message["Message-ID"] for message in mails}) == len(mails) == 5
    assert len({message["References"] for message in mails}) == 1
    assert all(message["In-Reply-To"] == message["References"] for message in mails)
    assert all(message["Auto-Submitted"] == "auto-generated" for message in mails)
    assert all(message["X-Auto-Response-Suppress"] == "All" for message in mails)
    assert all(
        message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" for message in mails
    )
    for message in mails:
        assert message["List-Unsubscribe"].strip().startswith("<https://minga.example.org/n/")
