"""Mail and feeds follow the same rules as the page, at the moment of sending."""

import pytest

from lti_tool.discussion import discussions
from lti_tool.notifications.model import Mailing
from tests.lti_tool.notifications.scene import MailScene


def bodies(mail: MailScene) -> str:
    return "".join(message.as_string() for message in mail.server.mails)


def settings(mail: MailScene, **changes) -> None:
    teacher = mail.person("Tea", None, instructor=True)
    discussions.change_settings(mail.database, teacher, mail.scene.module, **changes)


def test_a_held_post_is_mailed_when_it_is_approved_and_as_it_is_then(mail: MailScene) -> None:
    settings(mail, moderation="all")
    ana = mail.person("Ana", "ana@example.org", choice="every")
    bo = mail.person("Bo")
    post = mail.post(bo, "A first version")
    mail.work_soon()
    assert mail.server.accepted == []
    mail.scene.edit(bo, post, "The corrected version")
    mail.scene.set(post.id, status="published")
    mail.work_soon()
    [message] = mail.server.to("ana@example.org")
    assert "The corrected version" in bodies(mail)
    assert "A first version" not in bodies(mail)
    assert message["Subject"] == "New post in “The market”"
    assert ana.user_id


def test_who_must_post_first_gets_no_posts_of_others_before(mail: MailScene) -> None:
    settings(mail, must_post_first=True)
    ana = mail.person("Ana", "ana@example.org", choice="every")
    bo = mail.person("Bo")
    mail.post(bo, "Not for everybody")
    mail.work_soon()
    assert mail.server.accepted == []
    mail.post(ana, "Now I have written")
    mail.clock.forward(hours=1)
    mail.post(bo, "For those who wrote")
    mail.work_soon()
    assert len(mail.server.accepted) == 1
    assert "Not for everybody" not in bodies(mail)


@pytest.mark.both_engines
@pytest.mark.parametrize("people", [450])
def test_many_people_are_expanded_in_batches_of_bounded_size(
    mail: MailScene, people: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lti_tool.directory.model import Membership, User
    from lti_tool.notifications import expansion
    from lti_tool.notifications.model import Subscription

    bo = mail.person("Bo")
    discussion_id = mail.discussion_id()
    moment = mail.clock.now()
    with mail.database.write() as session:
        users = [
            User(registration_id=mail.scene.registration_id, subject=f"many {n}", kind="person",
                 name=f"P{n}", email=f"p{n}@example.org", created_at=moment)
            for n in range(people)
        ]  # fmt: skip
        session.add_all(users)
        session.flush()
        for user in users:
            session.add(Membership(id=user.id, course_id=mail.scene.course_id, user_id=user.id,
                                   roles="Learner", created_at=moment))  # fmt: skip
            session.add(Subscription(user_id=user.id, discussion_id=discussion_id,
                                     choice="every", changed_at=moment))  # fmt: skip
    sizes = []
    queue = expansion._queue

    def spy(session, post, batch, gather) -> None:
        sizes.append(len(batch))
        queue(session, post, batch, gather)

    monkeypatch.setattr(expansion, "_queue", spy)
    mail.post(bo)
    mail.work()
    assert sum(sizes) == people
    assert max(sizes) <= expansion.BATCH
    with mail.database.read() as session:
        assert session.query(Mailing).count() == people
