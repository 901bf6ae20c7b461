"""The page with which an administrator requests and downloads everything of the institution."""

from typing import Any

from flask import Blueprint, request, send_file, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from lti_tool.institution.pages import FOR_ADMINISTRATORS, current_institution, institution_page
from lti_tool.personal_data import export_store
from lti_tool.personal_data.export_store import Export
from lti_tool.sessions.audit import record_act
from lti_tool.sessions.guards import administrator_required
from lti_tool.sessions.requests import current_session, see_other
from lti_tool.web.context import database, settings

blueprint = Blueprint("exports", __name__)


@blueprint.route("/institution/export", methods=["GET", "POST"])
@administrator_required(FOR_ADMINISTRATORS)
def show() -> Response:
    """Show the state of the latest export, and request one."""
    institution = current_institution()
    place = institution.registration_id, institution.deployment_id
    if request.method == "POST":
        with database().write() as session:
            if export_store.request(session, *place):
                record_act(session, current_session(), "people.request_export")
        return see_other(url_for(".show"))
    with database().read() as session:
        found = export_store.find(session, *place)
    context: dict[str, Any] = {"export": found, "available": _is_available(found)}
    return institution_page("export", "people.find", **context)


@blueprint.get("/institution/export/<key>")
@administrator_required(FOR_ADMINISTRATORS)
def download(key: str) -> Response:
    """Download the finished file, with byte ranges, so that a download can be resumed."""
    institution = current_institution()
    with database().read() as session:
        found = export_store.find(session, institution.registration_id, institution.deployment_id)
    if found is None or found.file_key != key or not _is_available(found):
        raise NotFound
    with database().write() as session:
        record_act(session, current_session(), "people.export_all")
    response = send_file(
        export_store.file_of(settings(), found),
        as_attachment=True,
        download_name=f"minga-{found.requested_at:%Y-%m-%d}.zip",
        conditional=True,
        max_age=None,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_available(export: Export | None) -> bool:
    return (
        export is not None
        and export.is_ready
        and export_store.file_of(settings(), export).is_file()
    )
