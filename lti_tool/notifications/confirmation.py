"""The mail that asks a person to confirm an address."""

from collections.abc import Mapping
from typing import Any

from courseware.i18n import interface
from lti_tool.directory.model import User
from lti_tool.mail.messages import Letter, message_id
from lti_tool.mail.smtp import NotSentError
from lti_tool.notifications import addresses, server_state
from lti_tool.notifications.delivery import Delivery
from lti_tool.notifications.letters import NoticeLetter
from lti_tool.notifications.links import Link, token_of
from lti_tool.notifications.model import MailRecipient
from lti_tool.notifications.people import allows_own_addresses, language_of, recipient_of
from lti_tool.settings import Settings
from lti_tool.storage.database import Database, now
from lti_tool.tasks.outbox import RetryAfter
from lti_tool.web.templates import render_template_text


def send_confirmation(
    settings: Settings, delivery: Delivery, database: Database, payload: Mapping[str, Any]
) -> None:
    """Send the mail, unless the person gave another address or the institution refuses it now."""
    with database.read() as session:
        user = session.get(User, payload["user"])
        recipient = session.get(MailRecipient, payload["user"])
        if user is not None and not allows_own_addresses(session, user.registration_id):
            return
    if user is None or recipient is None or recipient.confirmed_at is not None:
        return
    if recipient.own_address is None or recipient.asked_at is None:
        return
    if int(recipient.asked_at.timestamp()) != payload["asked"]:
        return
    language = language_of(user)
    try:
        delivery.send(letter(settings, recipient, language), recipient.own_address)
    except NotSentError as error:
        server_state.record_refusal(database, error.refusal)
        if error.refusal.temporary or not error.refusal.bad_address:
            raise RetryAfter(60, str(error.refusal)) from None
        with database.write() as session:
            row = recipient_of(session, user.id)
            row.stopped_address, row.stopped_at = recipient.own_address, now()
            row.stopped_status = error.refusal.status or str(error.refusal.code)


def letter(settings: Settings, recipient: MailRecipient, language: str) -> NoticeLetter:
    """Write the mail. It names nobody, because the address may belong to somebody else."""
    ui = interface(language)
    link = Link("address", recipient.user_id, 0)
    token = token_of(settings.secret_key, link, addresses.address_key(recipient))
    href = f"{settings.public_url}/n/{token}"
    subject = ui.gettext("Confirm your e-mail address")
    return NoticeLetter(
        Letter(
            subject=subject,
            text=render_template_text(ui, "mail/confirm.txt", href=href),
            html=render_template_text(ui, "mail/confirm.html", subject=subject, href=href),
            language=ui.lang,
            message_id=message_id(settings.secret_key, settings.public_url, "confirm", token),
        ),
        "",
    )
