"""What counts for the grade, and the grades: pages for instructors."""

from flask import Blueprint, abort, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from courseware.i18n.marking import N_
from lti_tool.discussion.moderation import log
from lti_tool.discussion.moderation.log import Action
from lti_tool.gradebook import rules, settings_form
from lti_tool.gradebook.activities import Activity, find_activity
from lti_tool.gradebook.scoring import Kind
from lti_tool.gradebook.settings import GradeSettings
from lti_tool.sessions.guards import instructor_required
from lti_tool.sessions.requests import current_module, current_session, see_other
from lti_tool.web import form_fields
from lti_tool.web.context import database, library
from lti_tool.web.pages import render, ui

blueprint = Blueprint("gradebook", __name__)

FOR_INSTRUCTORS = N_("Only an instructor of the course can grade this activity.")


def activity_of_request(session: Session) -> Activity:
    """Return the activity of the request's session; 404 without one, or without a module."""
    link = current_session().resource_link_id
    if link is None or current_module() is None:
        abort(404)
    return find_activity(session, library(), link) or abort(404)


@blueprint.route("/grades/settings", methods=["GET", "POST"], endpoint="settings")
@instructor_required(FOR_INSTRUCTORS)
def change_settings() -> Response:
    """Show what counts for the grade (GET), and change it (POST)."""
    if current_module() is None:
        return see_other(url_for("module_choice.choices"))
    with database().read() as session:
        activity = activity_of_request(session)
    form, status = settings_form.shown(activity.settings), 200
    if request.method == "POST":
        form = settings_form.parsed(request.form, ui())
        if form.settings is not None:
            _save(form.settings)
            return see_other(url_for(".settings", saved="1"))
        status = 400
    return render(
        "tool/gradebook/settings.html",
        status=status,
        form=form,
        linked=activity.linked,
        zones=form_fields.time_zones(),
        saved=request.method == "GET" and bool(request.args.get("saved")),
    )


def _save(chosen: GradeSettings) -> None:
    launch_session, module = current_session(), current_module()
    assert module is not None
    with database().write() as session:
        activity = activity_of_request(session)
        changed = rules.save(session, activity, chosen, _labels(activity))
        if changed:
            detail = ", ".join(changed)
            log.record(session, launch_session, module.id, Action.GRADE_SETTINGS, detail=detail)


def _labels(activity: Activity) -> dict[Kind, str]:
    """The titles of the columns in the LMS, in the instructor's language."""
    gettext = ui().gettext
    title = activity.title or "Minga"
    return {
        "activity": title,
        "first_post": gettext("%(activity)s: first post", activity=title),
        "replies": gettext("%(activity)s: replies", activity=title),
    }
