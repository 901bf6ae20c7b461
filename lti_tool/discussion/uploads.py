"""What a submitted form says besides its text: files, their text alternatives, chosen people.

Every button of the composer sends the chosen file with the text, and it is attached: without the
script nobody has to press *Attach* first.
"""

import logging

from flask import request

from courseware.i18n import Interface
from lti_tool.attachments import messages as file_messages
from lti_tool.attachments import service as attachments
from lti_tool.attachments.errors import AttachmentError
from lti_tool.attachments.errors import Reason as FileReason
from lti_tool.attachments.service import StoredFile
from lti_tool.attachments.store import StoreError
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.messages import STATUS, message_for
from lti_tool.discussion.page_query import parse_post_id
from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.service import guest_user
from lti_tool.web.context import database, settings, tool

FormError = DiscussionError | AttachmentError | StoreError
"""Reasons for which a form is shown again, with what was typed."""
FORM_ERRORS = (DiscussionError, AttachmentError, StoreError)

UPLOADS_PER_MINUTE = 30
"""Files that one launch session can send."""
_MOST_CHOSEN = 20

_FILE_STATUS = {
    FileReason.EMPTY: 400,
    FileReason.TOO_LARGE: 413,
    FileReason.TOO_MANY: 409,
    FileReason.PICTURE_TOO_LARGE: 413,
    FileReason.UNKNOWN_FILE: 404,
}

log = logging.getLogger(__name__)


def explain(ui: Interface, error: FormError) -> tuple[str, int]:
    """Return the text and the HTTP status of an error."""
    if isinstance(error, DiscussionError):
        return message_for(ui, error), STATUS[error.reason]
    if isinstance(error, AttachmentError):
        return file_messages.message_for(ui, error), _FILE_STATUS.get(error.reason, 415)
    log.error("attachments: %s", error)
    return ui.gettext("The file could not be stored. Please try again in a moment."), 503


def mentioned() -> tuple[int, ...]:
    """Return the ids of the people whom the author chose from the list of names."""
    given = request.form.get("mentioned", "")[:400].split()
    return tuple(each for each in map(parse_post_id, given[-_MOST_CHOSEN:]) if each is not None)


def descriptions() -> dict[int, str]:
    """Return the text alternatives in the form's fields, by attachment id."""
    found: dict[int, str] = {}
    for name, value in request.form.items():
        attachment_id = parse_post_id(name.removeprefix("alt_")) if name[:4] == "alt_" else None
        if attachment_id is not None and len(found) < 2 * attachments.MAX_FILES:
            found[attachment_id] = value
    return found


def removed_files() -> tuple[int, ...]:
    """Return the ids of the files of a published post that an edit removes."""
    given = map(parse_post_id, request.form.getlist("remove_files")[:_MOST_CHOSEN])
    return tuple(each for each in given if each is not None)


def take(launch_session: CurrentSession, draft_key: str, *, already: int = 0) -> int | None:
    """Store what the form says about its files; return the user's id, if there is a user.

    ``already``: the number of files that the edited post has. Raises an error of ``FORM_ERRORS``.
    """
    sent = [each for each in request.files.getlist("file") if each.filename]
    texts, removed = descriptions(), parse_post_id(request.form.get("remove_file"))
    if not (sent or texts or removed):
        return launch_session.user_id
    with database().write() as session:
        user_id = guest_user(session, launch_session)
        attachments.describe(session, user_id, draft_key, texts)
        if removed is not None:
            attachments.remove(session, user_id, draft_key, removed)
    for each in sent[: attachments.MAX_FILES + 1]:
        if not tool().rate_limits.allows(UPLOADS_PER_MINUTE, "upload", launch_session.id):
            raise DiscussionError(Reason.TOO_FAST, retry_after=60)
        attachments.add(
            database(),
            settings(),
            user_id=user_id,
            draft_key=draft_key,
            name=each.filename or "",
            content=each.stream.read(attachments.MAX_SIZE + 1),
            already=already,
        )
    return user_id


def files_of_post(post_id: int | None) -> list[StoredFile]:
    """Return the files of a published post; none for None."""
    if post_id is None:
        return []
    with database().read_core() as connection:
        return attachments.of_posts(connection, [post_id]).get(post_id, [])


def files_of_draft(
    launch_session: CurrentSession, user_id: int | None, draft_key: str
) -> list[StoredFile]:
    """Return the files of a form."""
    user_id = user_id or launch_session.user_id
    if user_id is None or not draft_key:
        return []
    with database().read_core() as connection:
        return attachments.of_draft(connection, user_id, draft_key)
