"""HTTP views with which an instructor imports answers that were written in packages."""

from typing import Any, NoReturn

from flask import request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from courseware.i18n import Interface
from courseware.i18n.marking import N_
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.imports import answers, messages, stored
from lti_tool.discussion.imports.files import MAX_FILE, collect
from lti_tool.discussion.imports.matching import METHODS, Method
from lti_tool.discussion.imports.plans import Choice, Place, Plan, Upload, make_plan
from lti_tool.discussion.model import AnswerUpload
from lti_tool.discussion.moderation import log
from lti_tool.discussion.moderation.log import Action
from lti_tool.discussion.moderation.pages import for_instructors, moderation_page
from lti_tool.discussion.page_query import parse_post_id
from lti_tool.discussion.reader import Reader
from lti_tool.discussion.requests import ROW_ID, blueprint, reader_of_request
from lti_tool.discussion.uploads import UPLOADS_PER_MINUTE
from lti_tool.roster import queries as roster
from lti_tool.sessions.requests import see_other
from lti_tool.web.context import database, settings, tool
from lti_tool.web.pages import ui

METHOD_LABELS: dict[Method, str] = {
    "email": N_("By e-mail address"),
    "name": N_("By full name"),
    "identifier": N_("By the user's ID in the LMS"),
}
_MOST_AT_ONCE = 200
"""Posts that one request adds; each takes some milliseconds. The page then offers the rest."""
_MAX_SEARCH = 100
_PER_PAGE = 50


@blueprint.route("/discussion/answers", methods=["GET", "POST"])
@for_instructors
def import_answers() -> BaseResponse:
    """Ask for files (GET); read them and go to the preview (POST)."""
    reader = reader_of_request()
    method, error, status = _method("email"), None, 200
    if request.method == "POST":
        files = [each for each in request.files.getlist("file") if each.filename]
        if not files:
            error, status = ui().gettext("Choose at least one file."), 400
        else:
            session = reader.launch_session
            if not tool().rate_limits.allows(UPLOADS_PER_MINUTE, "upload", session.id):
                raise DiscussionError(Reason.TOO_FAST, retry_after=60)
            found = collect(((each.filename or "", each.stream) for each in files), reader.module)
            upload = Upload.of(found)
            with database().write() as writing:
                upload_id = stored.store(writing, session, reader.module.id, upload, method)
            return see_other(url_for(".answer_upload", upload_id=upload_id))
    return moderation_page(
        "import_answers",
        "discussion.import_answers",
        status=status,
        action=url_for(".import_answers"),
        methods=_methods(reader.ui),
        method=method,
        most=MAX_FILE,
        error=error,
        done=_done(),
        queue_href=url_for(".queue", of="imported", many=1),
    )


@blueprint.route(f"/discussion/answers/<{ROW_ID}:upload_id>", methods=["GET", "POST"])
@for_instructors
def answer_upload(upload_id: int) -> BaseResponse:
    """Show what the import would do (GET); do it, match in another way, or cancel (POST)."""
    reader = reader_of_request()
    row, upload = _stored(reader, upload_id)
    act = request.form.get("act")
    if request.method == "POST" and act == "match":
        _change(reader, upload_id, method=_method(row.method))
        return see_other(url_for(".answer_upload", upload_id=upload_id))
    if request.method == "POST" and act == "cancel":
        _change(reader, upload_id)
        return see_other(url_for(".import_answers"))
    plan = _plan(reader, upload, row.method)
    if request.method == "POST":
        secret_key = settings().secret_key
        result = answers.apply(database(), secret_key, _place(reader), plan, most=_MOST_AT_ONCE)
        with database().write() as session:
            detail = str(result.added)
            log.record(
                session, reader.launch_session, reader.module.id, Action.IMPORT, detail=detail
            )
        numbers: dict[str, Any] = {"added": result.added, "known": result.known}
        if result.undecided or result.unfinished:
            return see_other(url_for(".answer_upload", upload_id=upload_id, **numbers))
        _change(reader, upload_id)
        return see_other(url_for(".import_answers", **numbers))
    return moderation_page(
        "answer_upload",
        "discussion.import_answers",
        plan=plan,
        questions=reader.questions,
        skipped=[(each, messages.explain(reader.ui, each)) for each in plan.skipped],
        methods=_methods(reader.ui),
        method=row.method,
        action=url_for(".answer_upload", upload_id=upload_id),
        choose_href=lambda number: url_for(".answer_author", upload_id=upload_id, number=number),
        done=_done(),
        queue_href=url_for(".queue", of="imported", many=1),
    )


@blueprint.route(
    f"/discussion/answers/<{ROW_ID}:upload_id>/<{ROW_ID}:number>", methods=["GET", "POST"]
)
@for_instructors
def answer_author(upload_id: int, number: int) -> BaseResponse:
    """Choose by hand who wrote the answers of one person of the files."""
    reader = reader_of_request()
    row, upload = _stored(reader, upload_id)
    if number >= len(upload.people):
        _not_found()
    course = reader.launch_session.course_id
    error = None
    if request.method == "POST":
        with database().write() as session:
            choice = _choice(session, course)
            if choice is not None:
                stored.choose(session, row.id, number, choice)
        if choice is not None:
            return see_other(url_for(".answer_upload", upload_id=upload_id) + f"#person-{number}")
        error = ui().gettext("Choose a person, or one of the two other possibilities.")
    search = request.args.get("q", "").strip()[:_MAX_SEARCH]
    after = parse_post_id(request.args.get("after")) or 0
    with database().read_core() as connection:
        found = (
            roster.search_members(connection, course, search, after=after, limit=_PER_PAGE + 1)
            if course is not None
            else []
        )
    here: dict[str, Any] = {"upload_id": upload_id, "number": number}
    members = found[:_PER_PAGE]
    later: dict[str, Any] = {"q": search or None, "after": members[-1].user_id} if members else {}
    plan = _plan(reader, upload, row.method).people[number]
    return moderation_page(
        "answer_author",
        "discussion.import_answers",
        status=400 if error else 200,
        title=ui().gettext("Who wrote these answers?"),
        person=plan,
        members=members,
        search=search,
        action=url_for(".answer_author", **here),
        next_href=url_for(".answer_author", **here, **later) if len(found) > _PER_PAGE else None,
        back_href=url_for(".answer_upload", upload_id=upload_id),
        error=error,
    )


def _choice(session: Session, course: int | None) -> Choice:
    """Return who was chosen in the form; a user only if in the course now."""
    given = request.form.get("choice", "")
    if given == "archive":
        return "archive"
    if given == "skip":
        return "skip"
    user_id = parse_post_id(given)
    if user_id is None or course is None or not roster.is_active_member(session, course, user_id):
        return None
    return user_id


def _place(reader: Reader) -> Place:
    session = reader.launch_session
    assert session.resource_link_id is not None
    return Place(session.resource_link_id, session.course_id, reader.module)


def _plan(reader: Reader, upload: Upload, method: str) -> Plan:
    with database().read_core() as connection:
        return make_plan(connection, _place(reader), upload, _as_method(method))


def _stored(reader: Reader, upload_id: int) -> tuple[AnswerUpload, Upload]:
    with database().read() as session:
        row = stored.find(session, reader.launch_session, reader.module.id, upload_id)
    if row is None:
        _not_found()
    return row, Upload.from_json(row.content)


def _change(reader: Reader, upload_id: int, method: Method | None = None) -> None:
    """Match the people in another way, or delete the upload."""
    with database().write() as session:
        row = stored.find(session, reader.launch_session, reader.module.id, upload_id)
        if row is not None and method is not None:
            row.method = method
        elif row is not None:
            session.delete(row)


def _not_found() -> NoReturn:
    raise DiscussionError(Reason.UNKNOWN_UPLOAD)


def _method(default: str) -> Method:
    return _as_method(request.form.get("method", default))


def _as_method(value: str) -> Method:
    return next((each for each in METHODS if each == value), METHODS[0])


def _methods(interface: Interface) -> list[tuple[str, str]]:
    return [(value, interface.gettext(label)) for value, label in METHOD_LABELS.items()]


def _done() -> tuple[int, int] | None:
    """Return how many answers the import before this page added, and how many it passed over."""
    added, known = (request.args.get(name, type=int) for name in ("added", "known"))
    return None if added is None or known is None else (added, known)
