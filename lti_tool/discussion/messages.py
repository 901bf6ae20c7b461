"""Texts and HTTP statuses of the reasons for which the discussion rejects a request."""

from courseware.i18n import Interface
from lti_tool.discussion.checks import MAX_PINNED
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
    Reason.UNKNOWN_UPLOAD: 404,
    Reason.DELETED_POST: 409,
    Reason.FORM_USED: 409,
    Reason.EDITED_ELSEWHERE: 409,
    Reason.OTHER_MODULE: 409,
    Reason.TOO_FAST: 429,
    Reason.CLOSED: 403,
    Reason.READ_ONLY: 403,
    Reason.PREVIEW: 403,
    Reason.NOT_YOURS: 403,
    Reason.NOT_OPEN_YET: 403,
    Reason.ENDED: 403,
    Reason.LOCKED: 403,
    Reason.THREAD_LOCKED: 409,
    Reason.POST_FIRST: 403,
    Reason.EDIT_TIME_OVER: 403,
    Reason.ANONYMOUS_FOREVER: 409,
    Reason.ANONYMOUS_UNCOUNTED: 409,
    Reason.UNKNOWN_REACTION: 400,
    Reason.OWN_POST_REACTION: 409,
    Reason.TOO_MANY_PINNED: 409,
    Reason.NO_REASON: 400,
    Reason.REASON_TOO_LONG: 413,
    Reason.CHANGED_MEANWHILE: 409,
    Reason.WRONG_THREAD: 400,
    Reason.BEING_MOVED: 409,
    Reason.DONE_ALREADY: 409,
    Reason.NO_REPORTS: 403,
    Reason.OWN_POST: 403,
    Reason.OTHER_GROUP: 403,
    Reason.UNKNOWN_AUDIENCE: 400,
    Reason.OTHER_AUDIENCE: 409,
    Reason.EXCHANGE_CLOSED: 403,
    Reason.SHARED: 409,
    Reason.OTHER_INSTITUTION: 403,
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
        case Reason.UNKNOWN_UPLOAD:
            return gettext("These files are no longer stored. Send them again.")
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
        case Reason.NOT_OPEN_YET:
            return gettext("This discussion opens on %(when)s.", when=_when(ui, error))
        case Reason.ENDED:
            return gettext(
                "This discussion closed on %(when)s. You can still read it.", when=_when(ui, error)
            )
        case Reason.LOCKED:
            return gettext("An instructor has closed this discussion. You can still read it.")
        case Reason.THREAD_LOCKED:
            return gettext(
                "An instructor has closed this thread. You can publish your text as a post of its "
                "own."
            )
        case Reason.POST_FIRST:
            return gettext("Post first: other people's posts appear once you have posted.")
        case Reason.EDIT_TIME_OVER:
            return gettext(
                "The time for changing this post is over. You can delete it, or reply to it."
            )
        case Reason.ANONYMOUS_FOREVER:
            return gettext(
                "Someone has written here anonymously, so the discussion stays anonymous. To have "
                "one with names, start a new one."
            )
        case Reason.ANONYMOUS_UNCOUNTED:
            return gettext(
                "Someone has written here anonymously without knowing that you would see who "
                "writes how much. To count anonymous posts, start the discussion again."
            )
        case Reason.UNKNOWN_REACTION:
            return gettext("Choose one of the reactions.")
        case Reason.OWN_POST_REACTION:
            return gettext("You cannot react to your own post.")
        case Reason.TOO_MANY_PINNED:
            return gettext(
                "Only %(most)s threads can be pinned. Unpin another one first.",
                most=ui.number(MAX_PINNED),
            )
        case Reason.NO_REASON:
            return gettext("Give a reason.")
        case Reason.REASON_TOO_LONG:
            return gettext("The reason can have 500 characters. Shorten it.")
        case Reason.CHANGED_MEANWHILE:
            return gettext("The author has changed this text in the meantime. Read it again.")
        case Reason.WRONG_THREAD:
            return gettext(
                "That thread is not in this discussion. Choose another one, or paste the link of "
                "one of its posts."
            )
        case Reason.BEING_MOVED:
            return gettext("This thread is being moved. Wait until that is done.")
        case Reason.DONE_ALREADY:
            return gettext("Another instructor has already dealt with this.")
        case Reason.NO_REPORTS:
            return gettext("Posts cannot be reported here. Write to an instructor instead.")
        case Reason.OWN_POST:
            return gettext("You can edit or delete your own post instead.")
        case Reason.OTHER_GROUP:
            return gettext("You can only write in the threads of your own group.")
        case Reason.UNKNOWN_AUDIENCE:
            return gettext("Choose one of these.")
        case Reason.OTHER_AUDIENCE:
            return gettext(
                "An instructor has changed who reads this discussion. Your text is not published. "
                "Read who sees it now, and publish again if you agree."
            )
        case Reason.EXCHANGE_CLOSED:
            return gettext("This exchange is closed. You can still read the discussion.")
        case Reason.SHARED:
            return gettext("This cannot be done in a discussion that several courses share.")
        case Reason.OTHER_INSTITUTION:
            return gettext(
                "This post belongs to another institution. You can hide it from your own people."
            )


def _when(ui: Interface, error: DiscussionError) -> str:
    """Return date, hour and time zone."""
    if error.moment is None:
        return ""
    zone = error.moment.tzinfo
    name = error.moment.tzname() or ""
    return f"{ui.datetime(error.moment, zone=zone)} {name}".rstrip()
