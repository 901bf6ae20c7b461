"""Who gets what, and where: everything about a person that decides on a mail, read at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from courseware.i18n import LANGUAGES
from courseware.languages import choose
from lti_tool.directory.model import Membership, User
from lti_tool.discussion.notices import NoticeReader, Place
from lti_tool.lti.roles import read_roles
from lti_tool.mail.server import is_address
from lti_tool.notifications.choices import DEFAULT, DIGEST_HOUR, Choice, as_choice, as_time_zone
from lti_tool.notifications.links import new_key
from lti_tool.notifications.model import MailPolicy, MailRecipient, Subscription
from lti_tool.storage.database import now

LAPSE = timedelta(days=180)
"""A person who has not opened the course for so long gets no more notices of it: platforms do not
say when somebody has left."""

DEFAULT_LANGUAGE = "en"

Problem = Literal["guest", "left", "refused", "no address", "stopped"]
"""Why a person gets no mail: no account, no longer in the course, the institution wants no mail, no
address, a dead address."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person with regard to one discussion.

    ``address`` is where mail goes; None with ``problem``. ``choice`` is what applies:
    ``own_choice`` of the discussion, else ``course_choice``, else the default.
    """

    user_id: int
    choice: Choice
    own_choice: Choice | None
    course_choice: Choice | None
    problem: Problem | None
    address: str | None
    platform_address: str | None
    language: str
    zone: str
    hour: int
    instructor: bool
    recipient: MailRecipient | None
    own_addresses: bool
    """Whether the institution allows people to give an address."""

    @property
    def reader(self) -> NoticeReader:
        """The person as a reader of the discussion."""
        return NoticeReader(self.user_id, self.instructor)

    @property
    def belongs(self) -> bool:
        """Whether the person is in the course, so that mail and feeds are due."""
        return self.problem not in ("guest", "left")


_OF_DISCUSSION, _OF_COURSE = aliased(Subscription), aliased(Subscription)


def find_person(session: Session, user_id: int, place: Place) -> Person | None:
    """Return a person of the discussion's platform; None if there is none. One statement."""
    row = session.execute(
        select(User, Membership, MailRecipient, MailPolicy, _OF_DISCUSSION, _OF_COURSE)
        .outerjoin(
            Membership,
            and_(Membership.user_id == User.id, Membership.course_id == place.course_id),
        )
        .outerjoin(MailRecipient, MailRecipient.user_id == User.id)
        .outerjoin(MailPolicy, MailPolicy.registration_id == User.registration_id)
        .outerjoin(
            _OF_DISCUSSION,
            and_(
                _OF_DISCUSSION.user_id == User.id,
                _OF_DISCUSSION.discussion_id == place.discussion_id,
            ),
        )
        .outerjoin(
            _OF_COURSE,
            and_(_OF_COURSE.user_id == User.id, _OF_COURSE.course_id == place.course_id),
        )
        .where(User.id == user_id, User.registration_id == place.registration_id)
    ).first()
    return _person(tuple(row), place) if row else None


def _person(row: Sequence[Any], place: Place) -> Person:
    user, membership, recipient, policy, own, of_course = row
    own_choice = as_choice(own.choice) if own else None
    instructor = membership is not None and read_roles(membership.roles.split()).instructor
    # Only instructors follow a whole course: who no longer is one has no such choice.
    course_choice = as_choice(of_course.choice) if of_course and instructor else None
    platform_address = user.email if user.email and is_address(user.email) else None
    wants_mail = policy is None or policy.sends_mail
    own_addresses = policy is not None and policy.own_addresses and wants_mail
    address = platform_address or _confirmed(recipient, own_addresses)
    problem = _problem(user, membership, recipient, address, wants_mail=wants_mail)
    zones = (recipient and recipient.time_zone, policy and policy.time_zone, "UTC")
    hour = DIGEST_HOUR
    if recipient is not None and recipient.digest_hour is not None:
        hour = recipient.digest_hour
    return Person(
        user_id=user.id,
        choice=own_choice or course_choice or DEFAULT,
        own_choice=own_choice,
        course_choice=course_choice,
        problem=problem,
        address=None if problem else address,
        platform_address=platform_address,
        language=language_of(user),
        zone=next(filter(None, map(as_time_zone, zones))),
        hour=hour,
        instructor=instructor,
        recipient=recipient,
        own_addresses=own_addresses,
    )


def language_of(user: User) -> str:
    """Return the language of mail to a person."""
    return choose([user.language, user.locale], LANGUAGES, DEFAULT_LANGUAGE)


def allows_own_addresses(session: Session, registration_id: int) -> bool:
    """Whether people of the institution may give an address of their own."""
    policy = session.get(MailPolicy, registration_id)
    return policy is not None and policy.own_addresses and policy.sends_mail


def _confirmed(recipient: MailRecipient | None, own_addresses: bool) -> str | None:
    if recipient is None or recipient.confirmed_at is None or not own_addresses:
        return None
    return recipient.own_address


def _problem(
    user: User,
    membership: Membership | None,
    recipient: MailRecipient | None,
    address: str | None,
    *,
    wants_mail: bool,
) -> Problem | None:
    if user.kind != "person":
        return "guest"
    if membership is None or membership.ended_at is not None:
        return "left"
    seen = filter(None, (membership.seen_at, membership.roster_read_at))
    if max(seen, default=membership.created_at) < now() - LAPSE:
        return "left"
    if not wants_mail:
        return "refused"
    if address is None:
        return "no address"
    if recipient is not None and is_same(recipient.stopped_address, address):
        return "stopped"
    return None


def is_same(one: str | None, other: str | None) -> bool:
    """Whether two addresses are the same; the case of letters does not matter in practice."""
    return one is not None and other is not None and one.lower() == other.lower()


def recipient_of(session: Session, user_id: int) -> MailRecipient:
    """Return the person's row, locked; it is made if there is none."""
    found = session.get(MailRecipient, user_id, with_for_update=True)
    if found is None:
        found = MailRecipient(user_id=user_id, link_key=new_key())
        session.add(found)
        session.flush()
    return found
