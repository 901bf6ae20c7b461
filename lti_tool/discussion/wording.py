"""What to tell somebody whose wish the discussion cannot fulfil, in their language."""

from courseware.i18n import Interface
from lti_tool.discussion.refusal import Reason, Refused
from lti_tool.discussion.text import LONGEST

STATUS = {
    Reason.BLANK: 400,
    Reason.TOO_LONG: 413,
    Reason.UNKNOWN_LANGUAGE: 400,
    Reason.UNKNOWN_QUESTION: 400,
    Reason.UNKNOWN_POST: 404,
    Reason.DELETED_POST: 409,
    Reason.FORM_USED: 409,
    Reason.OTHER_MODULE: 409,
    Reason.TOO_FAST: 429,
    Reason.CLOSED: 403,
    Reason.READ_ONLY: 403,
    Reason.NOT_YOURS: 403,
}
"""The HTTP status of each reason."""


def worded(ui: Interface, refused: Refused) -> str:
    """The reason, and what the person can do about it."""
    words = ui.gettext
    match refused.reason:
        case Reason.BLANK:
            return words("Write something first.")
        case Reason.TOO_LONG:
            return words(
                "This is too long for one post: there is room for %(most)s characters. "
                "Shorten it, or publish it in parts.",
                most=ui.number(LONGEST),
            )
        case Reason.UNKNOWN_LANGUAGE:
            return words("Choose a language from the list.")
        case Reason.UNKNOWN_QUESTION:
            return words(
                "The question is no longer in this module. You can publish your text without it."
            )
        case Reason.UNKNOWN_POST:
            return words("That post is not in this discussion.")
        case Reason.DELETED_POST:
            return words(
                "That post was deleted in the meantime. You can publish your text by itself."
            )
        case Reason.FORM_USED:
            return words(
                "Your text was already published from this form, as it was before. "
                "Publish again to add this one as a new post."
            )
        case Reason.OTHER_MODULE:
            return words(
                "Another module has been put here since you opened this page. "
                "Publish again to add your text to the discussion of the new one."
            )
        case Reason.TOO_FAST:
            return words(
                "You have written many posts in a short time. Try again in %(wait)s.",
                wait=ui.duration(refused.retry_after or 60),
            )
        case Reason.CLOSED:
            return words(
                "This discussion is not open to guests. "
                "To take part, open the activity with your own account."
            )
        case Reason.READ_ONLY:
            return words("Guests can read here. To write, open the activity with your own account.")
        case Reason.NOT_YOURS:
            return words("You can change only what you have written yourself.")
