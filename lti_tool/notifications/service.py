"""What people choose about notices: mail, digests, feeds, and addresses. One transaction each."""

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from courseware.module import Module
from lti_tool.discussion.discussion_selects import ID as DISCUSSION_ID
from lti_tool.discussion.discussions import find_or_create
from lti_tool.discussion.notices import Place, find_place
from lti_tool.notifications import planning
from lti_tool.notifications.choices import DEFAULT, Choice, as_choice
from lti_tool.notifications.links import Link, is_signed, new_key, read_token, token_of
from lti_tool.notifications.model import Mailing, MailPolicy, MailRecipient, Subscription
from lti_tool.notifications.people import Person, find_person, recipient_of
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import Database, now

_S = Subscription.__table__.c
_OF_DISCUSSION = _S.discussion_id == DISCUSSION_ID
_CHOICES = select(_S.choice, _S.course_id).where(_S.user_id == bindparam("user"), _OF_DISCUSSION)
_CHOICES_WITH_COURSE = select(_S.choice, _S.course_id).where(
    _S.user_id == bindparam("user"), or_(_OF_DISCUSSION, _S.course_id == bindparam("course"))
)


@dataclass(frozen=True, slots=True)
class Preferences:
    """A submitted form. ``choice`` is None to get the same as of the whole course.

    ``course_choice`` is None where the whole course is not followed.
    """

    choice: Choice | None
    course_choice: Choice | None
    time_zone: str | None
    hour: int


def place_of(launch_session: CurrentSession, module: Module, discussion_id: int | None) -> Place:
    """Return the session's discussion as a place; its ID is 0 before the discussion exists."""
    return Place(
        discussion_id=discussion_id or 0,
        module_id=module.id,
        resource_link_id=launch_session.resource_link_id or 0,
        course_id=launch_session.course_id,
        registration_id=launch_session.registration_id,
        deployment_id=launch_session.deployment_id,
        course=launch_session.course_title,
        activity=launch_session.resource_link_title,
        active=True,
        institution_id=launch_session.institution_id,
    )


def choice_of(connection: Connection, launch_session: CurrentSession, module: Module) -> Choice:
    """Return what the session's user gets of a discussion. One statement."""
    follows_course = launch_session.instructor and launch_session.course_id is not None
    rows = connection.execute(
        _CHOICES_WITH_COURSE if follows_course else _CHOICES,
        {
            "user": launch_session.user_id,
            "course": launch_session.course_id,
            "resource_link": launch_session.resource_link_id,
            "module": module.id,
        },
    ).all()
    found = {row.course_id is None: as_choice(row.choice) for row in rows}
    return found.get(True) or found.get(False) or DEFAULT


def save_preferences(
    database: Database, launch_session: CurrentSession, module: Module, preferences: Preferences
) -> None:
    """Store what the session's user chose about the discussion, the course and digests."""
    user_id, link_id = launch_session.user_id, launch_session.resource_link_id
    if user_id is None or link_id is None:
        return
    with database.write() as session:
        discussion = find_or_create(session, link_id, module.id)
        _subscribe(session, user_id, preferences.choice, discussion_id=discussion.id)
        if launch_session.instructor and launch_session.course_id is not None:
            course_id = launch_session.course_id
            _subscribe(session, user_id, preferences.course_choice, course_id=course_id)
        recipient = recipient_of(session, user_id)
        recipient.time_zone, recipient.digest_hour = preferences.time_zone, preferences.hour
        place = place_of(launch_session, module, discussion.id)
        _replan(session, user_id, place)
        planning.move_digests(session, user_id)


def course_choice_of(connection: Connection, launch_session: CurrentSession) -> Choice | None:
    """Return what the session's user gets of all discussions of the course; None if not followed.

    Takes one statement.
    """
    chosen = select(_S.choice).where(
        _S.user_id == launch_session.user_id, _S.course_id == launch_session.course_id
    )
    return as_choice(connection.execute(chosen).scalar())


def follow_course(
    database: Database, launch_session: CurrentSession, choice: Choice | None
) -> None:
    """Store what an instructor gets of all discussions of the course; None ends it.

    What was chosen for one discussion still applies to that discussion.
    """
    user_id, course_id = launch_session.user_id, launch_session.course_id
    if user_id is None or course_id is None or not launch_session.instructor:
        return
    with database.write() as session:
        _subscribe(session, user_id, choice, course_id=course_id)
        recipient_of(session, user_id)


def _subscribe(
    session: Session,
    user_id: int,
    choice: Choice | None,
    *,
    discussion_id: int | None = None,
    course_id: int | None = None,
) -> None:
    """Set a choice; None removes it. Doing so twice is the same as once."""
    if choice is None:
        found = session.scalars(
            select(Subscription).where(
                Subscription.user_id == user_id,
                Subscription.course_id == course_id,
                Subscription.discussion_id == discussion_id,
            )
        ).first()
        if found is not None:
            session.delete(found)
        return
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    scope = "discussion_id" if course_id is None else "course_id"
    values = {"choice": choice, "changed_at": now()}
    session.execute(
        insert(Subscription)
        .values(user_id=user_id, discussion_id=discussion_id, course_id=course_id, **values)
        .on_conflict_do_update(index_elements=[scope, "user_id"], set_=values)
    )


def _replan(session: Session, user_id: int, place: Place) -> None:
    session.flush()
    waiting = session.scalars(
        select(Mailing)
        .where(Mailing.user_id == user_id, Mailing.discussion_id == place.discussion_id)
        .with_for_update()
    ).first()
    person = find_person(session, user_id, place) if waiting and waiting.first else None
    if waiting is not None and person is not None:
        planning.replan(session, person, waiting)


# Links in mail


@dataclass(frozen=True, slots=True)
class LinkedPerson:
    """The person and the discussion of a link whose signature is valid."""

    link: Link
    place: Place
    person: Person


def follow_link(session: Session, secret_key: str, token: str) -> LinkedPerson | None:
    """Return what a link in a mail or a feed's URL is about; None if it is not valid any more."""
    link = read_token(token)
    if link is None or link.purpose not in ("mail", "feed"):
        return None
    recipient = session.get(MailRecipient, link.user_id)
    key = recipient and (recipient.link_key if link.purpose == "mail" else recipient.feed_key)
    if not key or not is_signed(secret_key, token, key):
        return None
    place = find_place(session, link.discussion_id, link.user_id)
    person = find_person(session, link.user_id, place) if place is not None else None
    if place is None or person is None:
        return None
    return LinkedPerson(link, place, person)


def choose_by_link(database: Database, linked: LinkedPerson, choice: Choice) -> None:
    """Store the choice that was made through a link in a mail."""
    with database.write() as session:
        user_id, place = linked.person.user_id, linked.place
        _subscribe(session, user_id, choice, discussion_id=place.discussion_id)
        _replan(session, user_id, place)


# Feeds


def renew_feed(database: Database, launch_session: CurrentSession, module: Module) -> None:
    """Give the session's user new private feed URLs; the earlier ones stop."""
    user_id, link_id = launch_session.user_id, launch_session.resource_link_id
    if user_id is None or link_id is None:
        return
    with database.write() as session:
        find_or_create(session, link_id, module.id)
        recipient_of(session, user_id).feed_key = new_key()


def stop_feed(database: Database, user_id: int) -> None:
    """Stop a person's private feeds."""
    with database.write() as session:
        recipient_of(session, user_id).feed_key = None


def feed_path(secret_key: str, person: Person, discussion_id: int) -> str | None:
    """Return the path of a person's feed of a discussion; None if the person has no feeds."""
    if person.recipient is None or person.recipient.feed_key is None or not discussion_id:
        return None
    link = Link("feed", person.user_id, discussion_id)
    return f"/feed/{token_of(secret_key, link, person.recipient.feed_key)}"


# Institutions


@dataclass(frozen=True, slots=True)
class MailChoices:
    """What an institution decided about mail to its people; see ``MailPolicy``."""

    sends_mail: bool = True
    own_addresses: bool = False
    time_zone: str | None = None


def mail_choices(session: Session, registration_id: int) -> MailChoices:
    """Return what an institution decided. Takes one statement."""
    row = session.get(MailPolicy, registration_id)
    if row is None:
        return MailChoices()
    return MailChoices(row.sends_mail, row.own_addresses, row.time_zone)


def set_mail_choices(session: Session, registration_id: int, choices: MailChoices) -> None:
    """Store what an institution decided, in the caller's transaction."""
    policy = session.get(MailPolicy, registration_id, with_for_update=True)
    if policy is None:
        policy = MailPolicy(registration_id=registration_id)
        session.add(policy)
    for name, value in asdict(choices).items():
        setattr(policy, name, value)
    session.flush()


def count_waiting(database: Database) -> int:
    """Return the number of mails that wait to be sent."""
    with database.read() as session:
        waiting = select(func.count()).select_from(Mailing).where(Mailing.first.is_not(None))
        return session.scalar(waiting) or 0
