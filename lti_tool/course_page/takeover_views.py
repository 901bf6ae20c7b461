"""The page on which an instructor takes over the discussion of a former activity."""

from flask import Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from courseware.i18n.marking import N_
from lti_tool.course_page import takeover
from lti_tool.course_page.views import blueprint
from lti_tool.discussion.former_activities import (
    former_activities,
    may_take_over,
    size_in_words,
)
from lti_tool.sessions.requests import current_module, current_session, see_other
from lti_tool.web.context import database, library
from lti_tool.web.pages import message_page, render, ui

_FOR_INSTRUCTORS = N_("Only an instructor of the course can continue an earlier discussion.")
_LARGEST_ID = 2**31 - 1


@blueprint.route("/course/former", methods=["GET", "POST"])
def take_over() -> BaseResponse:
    """Say what will happen (GET), then take over the discussion of a former activity (POST).

    If it was taken over already, in another window, POST leads to it too.
    """
    launch_session, module, gettext = current_session(), current_module(), ui().gettext
    if not may_take_over(launch_session):
        return _message(gettext(_FOR_INSTRUCTORS), 403)
    link = launch_session.resource_link_id
    if module is None or link is None:
        return _message(gettext("There is no earlier discussion to continue."), 404)
    error = None
    if request.method == "POST":
        former_id = request.form.get("former", 0, int)
        if request.form.get("confirmed") == "1" and 0 < former_id <= _LARGEST_ID:
            takeover.take_over(database(), library(), launch_session, module, former_id)
            return see_other(url_for("module_page.show"))
        error = gettext("Tick the box to confirm.")
    with database().read_core() as connection:
        found = former_activities(connection, link, module.id)
    if not found:
        return _message(gettext("There is no earlier discussion to continue."), 404)
    return render(
        "tool/take_over.html",
        status=400 if error else 200,
        found=[(each, size_in_words(ui(), each)) for each in found],
        error=error,
    )


def _message(text: str, status: int) -> Response:
    gettext = ui().gettext
    back = (gettext("Back to the module"), current_session().path)
    return message_page(
        gettext("Continue an earlier discussion"),
        [text],
        actions=[] if current_session().is_deep_linking else [back],
        status=status,
    )
