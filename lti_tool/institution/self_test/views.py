"""The page of the self-test."""

from collections.abc import Sequence
from threading import BoundedSemaphore

from flask import Blueprint
from sqlalchemy import select
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response

from lti_tool.directory.model import Course, ResourceLink, User
from lti_tool.institution.pages import FOR_ADMINISTRATORS, current_institution, institution_page
from lti_tool.institution.self_test.results import Check, Subject, as_link, report
from lti_tool.sessions.audit import record_act
from lti_tool.sessions.guards import administrator_required
from lti_tool.sessions.model import LaunchSession
from lti_tool.sessions.requests import current_session
from lti_tool.web.context import database, settings, tool
from lti_tool.web.pages import ui

blueprint = Blueprint("self_test", __name__)

_SLOTS = BoundedSemaphore(2)
"""Threads of one process that wait for the servers of platforms."""
_RETRY_SECONDS = 10


@blueprint.get("/institution/self-test")
@administrator_required(FOR_ADMINISTRATORS)
def show() -> Response:
    """Explain the self-test, and show what the browser does."""
    return _page(())


@blueprint.post("/institution/self-test")
@administrator_required(FOR_ADMINISTRATORS)
def run() -> Response:
    """Run the self-test and show its results."""
    # pylti1p3 and requests take time to import, and other pages need neither.
    from lti_tool.directory.platform_services import connector_for
    from lti_tool.institution.self_test import checks

    subject = _subject()
    if not _SLOTS.acquire(blocking=False):
        raise ServiceUnavailable(retry_after=_RETRY_SECONDS)
    try:
        found = checks.run(
            ui(),
            subject,
            database=database(),
            http_client=tool().http_client,
            connector=lambda: connector_for(settings(), database(), subject.registration),
        )
    finally:
        _SLOTS.release()
    with database().write() as session:
        record_act(session, current_session(), "institution.self_test")
    return _page(found, report(ui(), subject, found))


def _subject() -> Subject:
    """What the session's launch offered. Takes one statement."""
    launch_session = current_session()
    query = (
        select(
            LaunchSession.token_age,
            ResourceLink.line_items_url,
            Course.memberships_url,
            Course.groups_url,
            User.subject,
        )
        .outerjoin(ResourceLink, ResourceLink.id == LaunchSession.resource_link_id)
        .outerjoin(Course, Course.id == LaunchSession.course_id)
        .outerjoin(User, User.id == LaunchSession.user_id)
        .where(LaunchSession.id == launch_session.id)
    )
    with database().read_core() as connection:
        row = connection.execute(query).one()
    return Subject(
        registration=current_institution().registration,
        jwks_url=f"{settings().public_url}/lti/jwks",
        line_items=row.line_items_url,
        memberships=row.memberships_url,
        groups=row.groups_url,
        subject=row.subject,
        token_age=row.token_age,
        cookieless=launch_session.cookieless,
    )


def _page(checks: Sequence[Check], text: str = "") -> Response:
    return institution_page(
        "self_test",
        "self_test.show",
        checks=checks,
        failed=sum(check.passed is False for check in checks),
        report=text,
        report_href=as_link(text),
    )
