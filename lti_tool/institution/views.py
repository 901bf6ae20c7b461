"""The pages of an institution, for its administrators."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, current_app, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from courseware.i18n import Interface
from courseware.i18n.marking import N_
from lti_tool.directory.access import PAUSED
from lti_tool.directory.audit import Entry
from lti_tool.institution import charts, queries, service
from lti_tool.institution.pages import FOR_ADMINISTRATORS, current_institution, institution_page
from lti_tool.institution.policies_form import CHOICES, SWITCHES, PoliciesForm, read_form
from lti_tool.lti.service_log import SERVICES
from lti_tool.notifications.choices import time_zones
from lti_tool.sessions.guards import administrator_required
from lti_tool.sessions.requests import current_session, see_other
from lti_tool.web.audit_details import in_words
from lti_tool.web.context import database, settings
from lti_tool.web.pages import ui

blueprint = Blueprint("institution", __name__)

_ROW_ID = "int(max=2147483647)"
_SERVICE_NAMES = {
    "grades": N_("Grades"),
    "roster": N_("List of participants"),
    "groups": N_("Groups"),
    "notices": N_("Notices of the LMS"),
}
_ACTORS = {
    "operator": N_("Operator of this tool"),
    "platform": N_("LMS"),
    "worker": N_("This tool"),
}


@blueprint.get("/institution")
@administrator_required(FOR_ADMINISTRATORS)
def show() -> Response:
    """The registration, its deployments, and the services of the platform."""
    institution = current_institution()
    with database().read_core() as connection:
        deployments = queries.deployments(connection, institution)
        state = queries.platform_state(connection, institution)
    joins = service.possible_joins(database(), institution)
    joining = service.is_joining(database(), institution)
    return institution_page(
        "overview",
        "institution.show",
        title=institution.name,
        institution=institution,
        registration=institution.registration,
        paused=institution.status == PAUSED,
        deployments=deployments,
        state=state,
        services=[(ui().gettext(_SERVICE_NAMES[each]), state.uses.get(each)) for each in SERVICES],
        joins=joins,
        former=[] if joining else service.former_registrations(database(), institution),
        is_joining=joining,
        done=request.args.get("done", ""),
    )


@blueprint.post("/institution/pause")
@administrator_required(FOR_ADMINISTRATORS)
def pause() -> Response:
    """Turn the tool off or on for everyone except administrators."""
    paused = request.form.get("paused") == "1"
    service.set_paused(database(), current_session(), current_institution(), paused=paused)
    return see_other(url_for(".show"))


@blueprint.route("/institution/policies", methods=["GET", "POST"])
@administrator_required(FOR_ADMINISTRATORS)
def policies() -> Response:
    """Show and change what the institution decides."""
    institution = current_institution()
    if institution.shared:
        return institution_page("policies", "institution.policies", shared=True)
    form, status = PoliciesForm({}), 200
    if request.method == "POST":
        form, given = read_form(request.form)
        if given is not None:
            service.set_policies(database(), current_session(), institution, given)
            return see_other(url_for(".policies", saved="1"))
        status = 400
    else:
        with database().read() as session:
            stored = service.policies_of(session, institution)
        months = stored["retention_months"]
        form = PoliciesForm({**stored, "retention_months": "" if months is None else str(months)})
    return institution_page(
        "policies",
        "institution.policies",
        status=status,
        shared=False,
        form=form,
        choices=CHOICES,
        switches=SWITCHES,
        time_zones=time_zones(),
        tool_sends_mail=settings().sends_mail,
        saved=request.args.get("saved") == "1",
    )


@blueprint.get("/institution/courses")
@administrator_required(FOR_ADMINISTRATORS)
def courses() -> Response:
    """List the courses, the newest first."""
    institution, text = current_institution(), request.args.get("q", "").strip()[:200]
    with database().read_core() as connection:
        found = queries.courses(connection, institution, text=text, before=_before())
    shown = found[: queries.PER_PAGE]
    return institution_page(
        "courses",
        "institution.courses",
        courses=shown,
        text=text,
        more_href=_more(found, ".courses", q=text or None),
        first_page=_before() is None,
    )


@blueprint.get(f"/institution/courses/<{_ROW_ID}:course_id>")
@administrator_required(FOR_ADMINISTRATORS)
def course(course_id: int) -> Response:
    """List the activities of a course."""
    with database().read_core() as connection:
        found = queries.course(connection, current_institution(), course_id)
        if found is None:
            raise NotFound
        rows = queries.activities(connection, course_id, before=_before())
    return institution_page(
        "course",
        "institution.courses",
        title=found.title,
        course=found,
        activities=rows[: queries.PER_PAGE],
        more_href=_more(rows, ".course", course_id=course_id),
    )


@blueprint.get("/institution/usage")
@administrator_required(FOR_ADMINISTRATORS)
def usage() -> Response:
    """Show the launches and posts of each week."""
    with database().read_core() as connection:
        weeks = queries.usage(connection, current_institution())
    return institution_page(
        "usage",
        "institution.usage",
        weeks=weeks,
        chart=charts.chart(weeks, rtl=ui().dir == "rtl"),
    )


@blueprint.get("/institution/log")
@administrator_required(FOR_ADMINISTRATORS)
def log() -> Response:
    """List the acts of administrators, instructors and the operator, the latest first."""
    with database().read_core() as connection:
        found = queries.log(connection, current_institution(), _before())
    interface, acts = ui(), current_app.extensions["minga.acts"]
    rows = [
        (
            each,
            interface.gettext(acts.get(each.action, each.action)),
            _who(interface, each),
            in_words(interface, each.action, each.detail),
        )
        for each in found[: queries.PER_PAGE]
    ]
    return institution_page("log", "institution.log", rows=rows, more_href=_more(found, ".log"))


@blueprint.route("/institution/join", methods=["GET", "POST"])
@administrator_required(FOR_ADMINISTRATORS)
def join() -> Response:
    """Join the discussions of a former deployment or registration to those of a newer one."""
    institution = current_institution()
    error = ""
    former_id = request.form.get("registration", type=int)
    if request.method == "POST" and request.form.get("confirmed") != "1":
        error = ui().gettext("Tick the box to confirm.")
    elif former_id is not None:
        if service.request_join(database(), current_session(), institution, former_id):
            return see_other(url_for(".show", done="joining"))
        error = ui().gettext("This registration cannot be joined any more.")
    elif request.method == "POST":
        old, _, new = request.form.get("pair", "").partition("\n")
        old, new = old.strip(), new.strip()
        if service.join(database(), current_session(), institution, old, new) is not None:
            return see_other(url_for(".show", done="joined"))
        error = ui().gettext("These deployments cannot be joined any more.")
    joining = service.is_joining(database(), institution)
    return institution_page(
        "join",
        "institution.show",
        status=400 if error else 200,
        joins=service.possible_joins(database(), institution),
        former=[] if joining else service.former_registrations(database(), institution),
        error=error,
    )


@blueprint.route("/institution/remove", methods=["GET", "POST"])
@administrator_required(FOR_ADMINISTRATORS)
def remove() -> Response:
    """Remove the institution with everything, once its name was typed."""
    institution = current_institution()
    typed, error = request.form.get("name", ""), False
    if request.method == "POST":
        if typed.strip() == institution.name.strip():
            service.request_removal(database(), current_session(), institution)
            return see_other(url_for(".show", done="removal"))
        error = True
    return institution_page(
        "remove",
        "institution.show",
        status=400 if error else 200,
        institution=institution,
        typed=typed,
        error=error,
    )


def _who(interface: Interface, entry: Entry) -> str:
    if entry.actor != "person":
        return interface.gettext(_ACTORS[entry.actor])
    if entry.user_id is None:
        return interface.gettext("Someone whose data was erased")
    return entry.name or interface.gettext("Name not sent by the LMS")


def _before() -> int | None:
    given = request.args.get("before", "")
    return int(given) if given.isdecimal() and len(given) < 10 else None


def _more(rows: Sequence[Any], endpoint: str, **values: Any) -> str | None:
    """The URL of the next page, if there are more rows than are shown."""
    if len(rows) <= queries.PER_PAGE:
        return None
    return url_for(endpoint, before=rows[queries.PER_PAGE - 1].id, **values)
