"""Addresses of people: their own ones, dead ones, and reports about failed delivery."""

from datetime import timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.directory.model import User
from lti_tool.discussion.notices import Place
from lti_tool.mail.bounces import FailedDelivery
from lti_tool.mail.server import is_address
from lti_tool.mail.smtp import Refusal
from lti_tool.notifications import server_state
from lti_tool.notifications.links import is_signed, new_key, read_token
from lti_tool.notifications.model import MailRecipient
from lti_tool.notifications.people import find_person, is_same, recipient_of
from lti_tool.storage.database import Database, now
from lti_tool.tasks import outbox

CONFIRM = "notifications.confirm"
"""Outbox kind of a mail that asks to confirm an address. Stored in databases: keep the value."""
ASK_AGAIN = timedelta(minutes=10)

AddressProblem = Literal["not an address", "not allowed", "too soon"]


class AddressError(Exception):
    """An address that a person gave cannot be used."""

    def __init__(self, problem: AddressProblem) -> None:
        super().__init__(problem)
        self.problem = problem


def ask_address(database: Database, user_id: int, place: Place, address: str) -> None:
    """Store an address that a person gave, and queue the mail that asks to confirm it.

    Raises :class:`AddressError`.
    """
    address = address.strip()
    if not is_address(address):
        raise AddressError("not an address")
    with database.write() as session:
        person = find_person(session, user_id, place)
        if person is None or not person.own_addresses or person.platform_address:
            raise AddressError("not allowed")
        recipient = recipient_of(session, user_id)
        if recipient.asked_at is not None and recipient.asked_at > now() - ASK_AGAIN:
            raise AddressError("too soon")
        recipient.own_address, recipient.confirmed_at = address, None
        recipient.asked_at = now().replace(microsecond=0)
        asked = int(recipient.asked_at.timestamp())
        outbox.put(session, CONFIRM, f"{user_id}:{asked}", {"user": user_id, "asked": asked})


def address_key(recipient: MailRecipient) -> str:
    """Return the signature key of a confirmation: it changes with the address and each mail."""
    asked = int(recipient.asked_at.timestamp()) if recipient.asked_at else 0
    return f"{recipient.link_key}\n{recipient.own_address}\n{asked}"


def address_to_confirm(session: Session, secret_key: str, token: str) -> MailRecipient | None:
    """Return whose address a link confirms; None if the link is not valid any more."""
    link = read_token(token)
    if link is None or link.purpose != "address":
        return None
    recipient = session.get(MailRecipient, link.user_id)
    if recipient is None or recipient.own_address is None:
        return None
    return recipient if is_signed(secret_key, token, address_key(recipient)) else None


def confirm_address(database: Database, user_id: int) -> None:
    """Use the address that the person gave."""
    with database.write() as session:
        recipient = recipient_of(session, user_id)
        recipient.confirmed_at = recipient.confirmed_at or now()


def forget_address(database: Database, user_id: int) -> None:
    """Delete the address that the person gave."""
    with database.write() as session:
        recipient = recipient_of(session, user_id)
        recipient.own_address = recipient.confirmed_at = None


def try_address_again(database: Database, user_id: int) -> None:
    """Send to an address again that a server called dead."""
    with database.write() as session:
        recipient = recipient_of(session, user_id)
        recipient.stopped_address = recipient.stopped_status = recipient.stopped_at = None


def record_failure(database: Database, failed: FailedDelivery) -> int:
    """Record a report about failed delivery; return how many people have the address."""
    if failed.verdict == "policy":
        refusal = Refusal("recipient", 550, failed.status, "policy")
        server_state.record_refusal(database, refusal)
    with database.write() as session:
        users = _with_address(session, failed.address)
        for user_id in users:
            recipient = recipient_of(session, user_id)
            if failed.verdict == "bad address":
                recipient.stopped_address, recipient.stopped_at = failed.address, now()
                recipient.stopped_status = failed.status[:16] or "5.0.0"
            elif failed.verdict == "soft":
                recipient.soft_failures += 1
        return len(users)


def _with_address(session: Session, address: str) -> list[int]:
    """The people to whom mail goes at this address, regardless of the case of its letters."""
    forms = {address, address.lower()}
    by_platform = session.scalars(select(User.id).where(User.email.in_(forms))).all()
    own = select(MailRecipient).where(MailRecipient.own_address.in_(forms))
    by_own = [row.user_id for row in session.scalars(own) if is_same(row.own_address, address)]
    return sorted({*by_platform, *by_own})


def renew_links(database: Database, address: str) -> int:
    """Make all links in mails and the feeds of those with this address invalid; return how many."""
    with database.write() as session:
        users = _with_address(session, address)
        for user_id in users:
            recipient = recipient_of(session, user_id)
            recipient.link_key, recipient.feed_key = new_key(), None
        return len(users)
