"""Texts and HTTP statuses of the reasons for which the discussion rejects a request."""

from courseware.i18n import Interface
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.text import MAX_LENGTH
from lti_tool.sessions.current import PREVIEW

STATUS = {
    Reason.BLANK: 400,
    Reason.TOO_LONG: 413,
    Reason.TOO_COMPLEX: 422,
    Reason.UNKNOWN_LANGUAGE: 400,
    Reason.UNKNOWN_QUESTION: 400,
    Reason.UNKNOWN_POST: 404,
    Reason.DELETED_POST: 409,
    Reason.FORM_USED: 409,
    Reason.EDITED_ELSEWHERE: 409,
    Reason.OTHER_MODULE: 409,
    Reason.TOO_FAST: 429,
    Reason.CLOSED: 403,
    Reason.READ_ONLY: 403,
    Reason.PREVIEW: 403,
    Reason.NOT_YOURS: 403,
}
"""The HTTP status of each reason."""


def message_for(ui: Interface, error: DiscussionError) -> str:
    """Explain an error in the reader's language: the reason, and what the reader can do."""
    gettext = ui.gettext
    match error.reason:
        case Reason.BLANK:
            return gettext("Write something first.")
        case Reason.TOO_LONG:
            return gettext(
                "This is too long for one post: the limit is %(most)s characters. Shorten "
                "it, or publish it in parts.",
                most=ui.number(MAX_LENGTH),
            )
        case Reason.TOO_COMPLEX:
            return gettext(
                "This has too much formatting for one post: table cells, list items, links, "
                "very short lines or marks. Simplify it, or publish it in parts."
            )
        case Reason.UNKNOWN_LANGUAGE:
            return gettext("Choose a language from the list.")
        case Reason.UNKNOWN_QUESTION:
            return gettext(
                "The question is no longer in this module. You can publish your text without it."
            )
        case Reason.UNKNOWN_POST:
            return gettext("That post is not in this discussion.")
        case Reason.DELETED_POST:
            return gettext(
                "That post was deleted in the meantime. You can still publish your text as a "
                "post of its own."
            )
        case Reason.FORM_USED:
            return gettext(
                "An earlier version of your text was already published from this form. "
                "Publish again to add this version as a new post."
            )
        case Reason.EDITED_ELSEWHERE:
            return gettext(
                "This post was edited in another window after you opened this page. Both texts "
                "are below: saving again replaces the published one with yours."
            )
        case Reason.OTHER_MODULE:
            return gettext(
                "This activity now shows a different module from when you opened this page. "
                "Publish again to post your text in the new module's discussion."
            )
        case Reason.TOO_FAST:
            return gettext(
                "You have written many posts in a short time. Try again in %(wait)s.",
                wait=ui.duration(error.retry_after or 60),
            )
        case Reason.CLOSED:
            return gettext(
                "This discussion is not open to guests. "
                "To take part, open the activity with your own account."
            )
        case Reason.READ_ONLY:
            return gettext(
                "Guests can read here. To write, open the activity with your own account."
            )
        case Reason.PREVIEW:
            return gettext(PREVIEW)
        case Reason.NOT_YOURS:
            return gettext("You can edit only your own posts.")
