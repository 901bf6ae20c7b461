"""Two worker processes send the same queue of mails and digests, and one of them is killed."""

import time
from collections import Counter
from multiprocessing.process import BaseProcess

import pytest
from sqlalchemy import func, select, update

from lti_tool.directory.model import Membership, User
from lti_tool.notifications.model import Digest, Mailing, Subscription
from lti_tool.tasks.outbox import OutboxRow
from tests.lti_tool.notifications import mail_worker
from tests.lti_tool.notifications.scene import MailScene
from tests.support import processes

pytestmark = [pytest.mark.early, pytest.mark.both_engines]

PEOPLE = 60
PATIENCE = 120.0


def start(mail: MailScene) -> BaseProcess:
    settings = mail.scene.settings
    environ = {
        "MINGA_DATA_DIR": str(settings.data_dir),
        "MINGA_CONTENT_DIR": str(settings.content_dir),
        "MINGA_DATABASE_URL": settings.database_url,
        "MINGA_SECRET_KEY": settings.secret_key,
        "MINGA_SMTP_URL": settings.smtp_url or "",
        "MINGA_MAIL_FROM": settings.mail_from or "",
        "MINGA_LOG_LEVEL": "WARNING",
    }
    process = processes.context().Process(target=mail_worker.main, args=(environ,), daemon=True)
    process.start()
    return process


def until(reached, what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.05)


def waiting(mail: MailScene) -> int:
    with mail.database.read() as session:
        query = select(func.count()).select_from(Mailing).where(Mailing.first.is_not(None))
        return session.scalar(query) or 0


def test_nobody_gets_a_mail_twice_but_the_one_in_flight(mail: MailScene) -> None:
    discussion_id, moment = mail.discussion_id(), mail.clock.now()
    with mail.database.write() as session:
        for number in range(PEOPLE):
            user = User(
                registration_id=mail.scene.registration_id,
                subject=f"many {number}",
                kind="person",
                email=f"p{number}@example.org",
                created_at=moment,
            )
            session.add(user)
            session.flush()
            session.add(Membership(id=user.id, course_id=mail.scene.course_id, user_id=user.id,
                                   roles="Learner", created_at=moment))  # fmt: skip
            session.add(Subscription(user_id=user.id, discussion_id=discussion_id,
                                     choice=("every", "daily")[number % 2],
                                     changed_at=moment))  # fmt: skip
    mail.post(mail.person("Bo"))
    mail.work()
    assert waiting(mail) == PEOPLE
    past = moment.replace(year=2020)
    with mail.database.write() as session:
        for row in session.scalars(select(OutboxRow).where(OutboxRow.done_at.is_(None))):
            row.payload = row.payload.partition('"due"')[0] + f'"due": {int(past.timestamp())}}}'
        session.execute(update(OutboxRow).values(due_at=past))
        session.execute(update(Mailing).where(Mailing.due_at.is_not(None)).values(due_at=past))
        session.execute(update(Digest).values(due_at=past))
    mail.server.pause = 0.005
    workers = [start(mail), start(mail)]
    try:
        until(lambda: len(mail.server.accepted) > PEOPLE // 4, "a quarter was sent")
        workers[0].kill()
        workers[0].join()
        until(lambda: waiting(mail) == 0, "all was sent")
    finally:
        for each in workers:
            each.kill()
            each.join()
    sent = Counter(message["Message-ID"] for message in mail.server.mails)
    assert len(sent) == PEOPLE
    assert sum(sent.values()) <= PEOPLE + 1
    assert len({address for address, _ in mail.server.accepted}) == PEOPLE
