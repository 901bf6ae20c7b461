"""From a post to mails, through a real SMTP server that is normal, down, slow, strict, or dies."""

from datetime import timedelta

import pytest

from lti_tool.notifications import delivery, server_state, tasks
from lti_tool.notifications.choices import Choice
from lti_tool.notifications.diagnostics import mail_findings
from lti_tool.notifications.model import MAIL
from tests.lti_tool.notifications.scene import MailScene


@pytest.mark.both_engines
def test_a_reply_is_mailed_to_the_one_whom_it_answers_and_to_nobody_else(mail: MailScene) -> None:
    ana = mail.person("Ana Quispe", "ana@example.org")
    bo = mail.person("Bo Chen", "bo@example.org")
    mail.person("Cy Diop", "cy@example.org")
    question = mail.post(ana, "¿Quién compra?")
    mail.post(bo, "Todos compran.", reply_to_id=question.id)
    mail.work_soon()
    [(recipient, _)] = mail.server.accepted
    assert recipient == "ana@example.org"
    [message] = mail.server.mails
    assert "Todos compran." in message.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    ("choice", "text", "mails"),
    [
        (None, "¿Qué opina @Ana Quispe?", 1),
        ("off", "¿Qué opina @Ana Quispe?", 0),
        (None, "¿Qué opina Ana Quispe?", 0),
    ],
)
def test_a_mention_is_mailed_to_the_one_whom_it_names(
    mail: MailScene, choice: Choice | None, text: str, mails: int
) -> None:
    ana = mail.person("Ana Quispe", "ana@example.org", choice=choice)
    bo = mail.person("Bo Chen", "bo@example.org", choice="every")
    mail.post(ana, "Hola")
    mail.work_soon()
    mail.post(bo, "Nothing for Ana")
    mail.post(bo, text)
    mail.work_soon()
    found = mail.server.to("ana@example.org")
    assert len(found) == mails
    for message in found:
        body = message.get_body(("plain",)).get_content()
        assert text in body
        assert "Nothing for Ana" not in body


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("choice", "first_post", "reply"),
    [
        ("off", 0, 0),
        ("every", 1, 1),
        ("replies", 0, 1),
        ("daily", 0, 0),
        ("weekly", 0, 0),
    ],
)
def test_each_choice_gets_what_it_says_at_once(
    mail: MailScene, choice: str, first_post: int, reply: int
) -> None:
    ana = mail.person("Ana", "ana@example.org", choice=choice)
    bo = mail.person("Bo", "bo@example.org")
    mail.post(bo, "A new thread")
    mail.work_soon()
    assert len(mail.server.accepted) == first_post
    mine = mail.post(ana)
    mail.clock.forward(hours=1)
    mail.post(bo, "A reply", reply_to_id=mine.id)
    mail.work_soon()
    assert len(mail.server.accepted) == first_post + reply


@pytest.mark.both_engines
def test_many_replies_in_a_short_time_are_one_mail(mail: MailScene) -> None:
    ana = mail.person("Ana", "ana@example.org")
    bo = mail.person("Bo", "bo@example.org")
    question = mail.post(ana)
    for number in range(40):
        mail.post(bo, f"Reply {number}", reply_to_id=question.id)
    mail.work_soon()
    [message] = mail.server.mails
    assert message["Subject"] == "40 new posts in “The market”"
    text = message.get_body(("plain",)).get_content()
    assert "Reply 0" in text
    assert "20 more posts in the discussion" in text


def test_replies_over_three_hours_are_at_most_two_mails_an_hour(mail: MailScene) -> None:
    ana = mail.person("Ana", "ana@example.org")
    bo = mail.person("Bo", "bo@example.org")
    question = mail.post(ana)
    for _ in range(30):
        mail.post(bo, "Another reply", reply_to_id=question.id)
        mail.work()
        mail.clock.forward(minutes=6)
        mail.work()
    assert 2 <= len(mail.server.accepted) <= 7


def test_ones_own_posts_are_not_mailed(mail: MailScene) -> None:
    ana = mail.person("Ana", "ana@example.org", choice="every")
    mine = mail.post(ana)
    mail.post(ana, "An answer to myself", reply_to_id=mine.id)
    mail.work_soon()
    assert mail.server.accepted == []


def test_one_refused_recipient_does_not_repeat_the_mail_of_the_others(mail: MailScene) -> None:
    for number in range(5):
        mail.person(f"P{number}", f"p{number}@example.org", choice="every")
    mail.server.for_address["p3@example.org"] = "550 5.1.1 No such user"
    mail.post(mail.person("Bo", "bo@example.org"))
    mail.work_soon()
    for _ in range(5):
        mail.clock.forward(hours=7)
        mail.work()
    got = sorted(address for address, _ in mail.server.accepted)
    assert got == [f"p{number}@example.org" for number in (0, 1, 2, 4)]


@pytest.mark.parametrize("stage", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_a_temporary_refusal_at_any_stage_is_tried_later_each_time(
    mail: MailScene, stage: str
) -> None:
    ana = mail.person("Ana", "ana@example.org", choice="every")
    mail.post(mail.person("Bo"))
    mail.work()
    mail.server.replies[stage] = "451 4.7.1 Greylisted, please try again"
    mail.clock.forward(minutes=6)
    waits = []
    for _ in range(4):
        mail.work()
        [task] = [row for row in mail.tasks(MAIL) if row.done_at is None]
        waits.append((task.due_at - mail.clock.now()).total_seconds())
        mail.clock.forward(seconds=waits[-1] + 1)
    assert waits == sorted(waits)
    assert waits[-1] >= 3.9 * waits[0] > 0
    assert mail.recipient(ana).stopped_address is None
    mail.server.replies.clear()
    mail.work()
    assert len(mail.server.to("ana@example.org")) == 1


def test_a_policy_refusal_stops_nobody_and_alarms_the_operator(mail: MailScene) -> None:
    people = [mail.person(f"P{n}", f"p{n}@example.org", choice="every") for n in range(20)]
    codes = ["550 5.7.1 Unsolicited mail", "550-5.7.26 Unauthenticated mail"]
    for number in range(20):
        code = codes[number % 2].replace("-", " ")
        mail.server.for_address[f"p{number}@example.org"] = code
    mail.post(mail.person("Bo"))
    mail.work_soon()
    assert mail.server.accepted == []
    assert all(mail.recipient(person).stopped_address is None for person in people)
    errors = [
        text
        for level, text in mail_findings(mail.scene.settings, mail.database)
        if level == "error"
    ]
    [alarm] = errors
    assert "refused by policy 20 times" in alarm
    assert "SPF" in alarm
    mail.server.for_address.clear()
    mail.clock.forward(hours=1)
    mail.work()
    assert len(mail.server.accepted) == 20


@pytest.mark.parametrize(
    ("reply", "stops"),
    [
        ("550 5.1.1 The email account that you tried to reach does not exist", True),
        ("550 Unknown user", True),
        ("550 5.2.1 Mailbox disabled", True),
        ("550 5.0.0 Something", False),
        ("552 5.2.2 Mailbox full", False),
        ("554 5.7.1 Spam", False),
        ("452 4.2.2 Mailbox full", False),
    ],
)
def test_only_an_address_that_does_not_exist_stops_a_person(
    mail: MailScene, reply: str, stops: bool
) -> None:
    ana = mail.person("Ana", "ana@example.org", choice="every")
    mail.server.for_address["ana@example.org"] = reply
    mail.post(mail.person("Bo"))
    mail.work_soon()
    assert (mail.recipient(ana).stopped_address == "ana@example.org") is stops


def test_a_server_that_is_down_for_ten_days_leaves_one_mail_for_each_person(
    mail: MailScene,
) -> None:
    people = [mail.person(f"P{n}", f"p{n}@example.org", choice="every") for n in range(3)]
    bo = mail.person("Bo", "bo@example.org")
    mail.server.stop()
    for day in range(10):
        mail.post(bo, f"Day {day}")
        for _ in range(3):
            mail.work()
            mail.clock.forward(hours=8)
    assert mail.server.accepted == []
    gone = people.pop()
    mail.choose(gone, "off")
    mail.server.start()
    mail.clock.forward(hours=2)
    mail.work()
    assert sorted(address for address, _ in mail.server.accepted) == [
        "p0@example.org",
        "p1@example.org",
    ]
    assert all(message["Subject"].startswith("10 new posts") for message in mail.server.mails)
    state = server_state.find_state(mail.database)
    assert state is not None
    assert state.failures == 0


def test_while_the_server_is_down_not_every_waiting_mail_tries_it(mail: MailScene) -> None:
    for number in range(30):
        mail.person(f"P{number}", f"p{number}@example.org", choice="every")
    mail.server.replies["EHLO"] = "421 4.3.2 Not now"
    mail.post(mail.person("Bo"))
    mail.work_soon()
    state = server_state.find_state(mail.database)
    assert state is not None
    assert state.failures == 1


def test_a_server_that_answers_too_slowly_is_paused(mail: MailScene) -> None:
    impatient = {"smtp_url": mail.server.url_with(timeout=1)}
    mail.handlers = dict(tasks.handlers(mail.scene.settings.model_copy(update=impatient)))
    mail.person("Ana", "ana@example.org", choice="every")
    mail.server.pause = 2
    mail.post(mail.person("Bo"))
    mail.work_soon()
    assert mail.server.accepted == []
    mail.server.pause = 0
    mail.clock.forward(hours=1)
    mail.work()
    assert len(mail.server.accepted) == 1


def test_a_mail_whose_acceptance_was_not_heard_comes_again_with_its_message_id(
    mail: MailScene,
) -> None:
    mail.person("Ana", "ana@example.org", choice="every")
    mail.server.dies_after_accepting = 1
    mail.post(mail.person("Bo"))
    mail.work_soon()
    mail.clock.forward(hours=1)
    mail.work()
    first, second = mail.server.mails
    assert first["Message-ID"] == second["Message-ID"]
    mail.clock.forward(days=1)
    mail.work()
    assert len(mail.server.accepted) == 2


def test_posts_that_cannot_be_written_do_not_stop_later_ones(
    mail: MailScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail.person("Ana", "ana@example.org", choice="every")
    bo = mail.person("Bo")
    bad = mail.post(bo, "bad")
    write = delivery.letters.write

    def failing(*arguments, **options):
        if arguments[5] == bad.sequence:
            raise ValueError
        return write(*arguments, **options)

    monkeypatch.setattr(delivery.letters, "write", failing)
    mail.work_soon()
    for _ in range(6):
        mail.clock.forward(hours=1)
        mail.work()
    mail.post(bo, "good")
    mail.work_soon()
    [message] = mail.server.mails
    assert "good" in message.get_body(("plain",)).get_content()


@pytest.mark.both_engines
def test_posts_that_come_while_a_mail_is_sent_are_in_the_next_one(
    mail: MailScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail.person("Ana", "ana@example.org", choice="every")
    bo = mail.person("Bo")
    mail.post(bo, "before")
    send = delivery.Delivery.send

    def send_slowly(self, letter, address):
        if not mail.server.accepted:
            mail.post(bo, "meanwhile")
            mail.work()
        send(self, letter, address)

    monkeypatch.setattr(delivery.Delivery, "send", send_slowly)
    mail.work_soon()
    mail.clock.forward(hours=1)
    mail.work()
    texts = [message.get_body(("plain",)).get_content() for message in mail.server.mails]
    assert ["before" in text for text in texts] == [True, False]
    assert ["meanwhile" in text for text in texts] == [False, True]


@pytest.mark.both_engines
def test_expanding_a_post_again_adds_nothing(mail: MailScene) -> None:
    for number in range(5):
        mail.person(f"P{number}", f"p{number}@example.org", choice="every")
    post = mail.post(mail.person("Bo"))
    mail.work()
    mail.handlers["discussion.posted"](mail.database, {"post": post.id})
    assert len(mail.tasks(MAIL)) == 5
    mail.work_soon()
    mail.handlers["discussion.posted"](mail.database, {"post": post.id})
    mail.clock.ahead += timedelta(hours=2)
    mail.work()
    assert len(mail.server.accepted) == 5
