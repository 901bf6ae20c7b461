"""Decorators for views that only some users of a launch session may use.

Each takes the message (a msgid marked with ``N_``) that others read, with status 403.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from werkzeug.wrappers import Response

from courseware.i18n.marking import N_
from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.requests import current_session
from lti_tool.web.pages import message_page, ui

View = Callable[..., Response]

_INSTRUCTORS = N_("For instructors only")
_ADMINISTRATORS = N_("For administrators only")


def open_to_previews(view: View) -> View:
    """Allow the changes of a view to test users and to those who act as another user.

    Every other change is refused to them, because it would be recorded as the user's.
    """
    view.open_to_previews = True  # type: ignore[attr-defined]
    return view


def open_to_late_drafts(view: View) -> View:
    """Allow the requests of a view also for a day after their session has ended by time.

    Such a view stores a draft and answers with nothing of the session.
    """
    view.open_to_late_drafts = True  # type: ignore[attr-defined]
    return view


def instructor_required(message: str) -> Callable[[View], View]:
    """Allow instructors of the course only."""
    return _required(_INSTRUCTORS, message, lambda session: session.instructor)


def administrator_required(message: str) -> Callable[[View], View]:
    """Allow administrators of the institution only, also while the institution has paused the tool.

    Not somebody who acts as another user: the log would name that user.
    """
    guard = _required(
        _ADMINISTRATORS, message, lambda session: session.administrator and session.own_record
    )

    def decorate(view: View) -> View:
        guarded = guard(view)
        guarded.open_while_paused = True  # type: ignore[attr-defined]
        return guarded

    return decorate


def chooser_required(message: str) -> Callable[[View], View]:
    """Allow those who may choose modules: instructors, course designers, and others."""
    return _required(_INSTRUCTORS, message, lambda session: session.may_choose)


def _required(
    title: str, message: str, allowed: Callable[[CurrentSession], bool]
) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**arguments: Any) -> Response:
            if allowed(current_session()):
                return view(**arguments)
            return _refused(title, message)

        return guarded

    return decorate


def _refused(title: str, message: str) -> Response:
    gettext = ui().gettext
    back = (gettext("Back to the module"), current_session().path)
    return message_page(
        gettext(title),
        [gettext(message)],
        actions=[] if current_session().is_deep_linking else [back],
        status=403,
    )
