"""HTTP views of forms that are not sent yet: drafts, their files, and the preview."""

from dataclasses import replace

from flask import Response, jsonify, make_response, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from courseware.module import Module
from lti_tool.attachments.service import StoredFile
from lti_tool.discussion import composing, drafts, languages, uploads, views
from lti_tool.discussion.errors import DiscussionError
from lti_tool.discussion.page_query import parse_post_id
from lti_tool.discussion.permissions import must_post, permissions_of
from lti_tool.discussion.post_views import file_view
from lti_tool.discussion.reader import Reader
from lti_tool.discussion.requests import (
    blueprint,
    query_of_request,
    reader_of_request,
    with_retry_after,
)
from lti_tool.discussion.text import clean_text
from lti_tool.sessions.guards import open_to_late_drafts
from lti_tool.sessions.requests import see_other, session_needed
from lti_tool.web.context import database, library
from lti_tool.web.pages import fragment
from lti_tool.web.security import is_fragment_request

_SAVED_LATE = 202
"""The text was stored, and the session has ended: it is shown when the activity is opened again."""


@blueprint.post("/draft")
@open_to_late_drafts
def save_draft() -> BaseResponse:
    """Store what was typed in a form; without the script, return to the form.

    ``module`` in the URL is the module of the form: the page may be older than the latest choice.
    """
    reader = reader_of_request()
    ended = reader.launch_session.ended
    edited = parse_post_id(request.form.get("edited"))
    query = query_of_request(reader)
    try:
        module = module_of_form(reader)
    except DiscussionError:
        if ended:
            return session_needed(403)
        raise
    draft_key = clean_text(request.form.get("draft_key", "")) or composing.new_draft_key()
    try:
        # After the end of a session only the text is stored.
        given = reader.launch_session
        user_id = given.user_id if ended else uploads.take(given, draft_key)
        drafts.save(
            database(),
            replace(given, user_id=user_id),
            module.id,
            drafts.Place(query.question, query.reply_to, edited),
            request.form.get("text", ""),
            draft_key=draft_key,
            language=languages.as_tag(request.form.get("language")),
            revision=parse_post_id(request.form.get("revision")),
            discarded=request.form.get("discard") == "1",
        )
    except uploads.FORM_ERRORS as error:
        if ended or is_fragment_request() or edited is not None:
            raise
        return views.rejected(reader, query, views.draft_of_form(query), error)
    if is_fragment_request():
        return Response(status=_SAVED_LATE if ended else 204)
    if ended:
        return session_needed(200, saved=True)
    if edited is not None:
        return see_other(url_for(".edit", post_id=edited))
    if query.reply_to is not None or query.question is not None:
        return see_other(url_for(".compose", question=query.question, reply_to=query.reply_to))
    return see_other(reader.module_url("composer", **query.arguments()))


@blueprint.post("/attach")
def attach() -> BaseResponse:
    """Attach files to the form, and remove one; the script gets the list of the form's files.

    Without the script, the text is stored as a draft too, and the form is shown again.
    """
    if not is_fragment_request():
        return save_draft()
    reader = reader_of_request()
    module_of_form(reader)
    draft_key = clean_text(request.form.get("draft_key", "")) or composing.new_draft_key()
    edited = parse_post_id(request.form.get("edited"))
    try:
        already = len(uploads.files_of_post(edited))
        user_id = uploads.take(reader.launch_session, draft_key, already=already)
    except uploads.FORM_ERRORS as error:
        message, status = uploads.explain(reader.ui, error)
        return with_retry_after(make_response(jsonify(error=message), status), error)
    files = uploads.files_of_draft(reader.launch_session, user_id, draft_key)
    return make_response(_attached(files))


@blueprint.post("/preview")
def preview() -> BaseResponse:
    """Show the text as it would be published. Nothing is published."""
    reader = reader_of_request()
    module_of_form(reader)
    query = query_of_request(reader)
    draft = views.draft_of_form(query)
    try:
        uploads.take(reader.launch_session, draft.draft_key)
        html = views.preview_html(reader, draft.text)
    except uploads.FORM_ERRORS as error:
        return views.rejected(reader, query, draft, error)
    if is_fragment_request():
        language = languages.as_tag(draft.language)
        shown = fragment("tool/_preview.html", html=Markup(html), language=language)  # noqa: S704
        return make_response(shown)
    return views.compose_page(reader, views.filled_composer(reader, query, draft, preview=html))


def module_of_form(reader: Reader) -> Module:
    """Return the module of the form, which may be older than the latest choice of a module.

    Raises :class:`DiscussionError` unless the user may write in its discussion.
    """
    module = library().get(request.args.get("module", "")) or reader.module
    same = module.id == reader.module.id
    must_post(reader.permissions if same else permissions_of(reader.launch_session, module))
    return module


@blueprint.get("/draft")
def find_draft() -> Response:
    """Return the draft of a question or a reply, for the page's script; 204 if there is none.

    ``module`` in the URL is the module of the form, as for :func:`save_draft`.
    """
    with database().read_core() as connection:
        reader = reader_of_request(connection, library().get(request.args.get("module", "")))
        must_post(reader.permissions)
        saved = composing.saved_drafts(connection, reader, query_of_request(reader))
    found = saved.here
    if found is None:
        return Response(status=204)
    response = jsonify(
        text=found.text,
        language=found.language,
        draft_key=found.draft_key,
        saved_at=found.updated_at.isoformat(),
        files=_attached(saved.files),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _attached(files: list[StoredFile]) -> str:
    """Return the list of a form's files, for the page's script."""
    return fragment("tool/_attached.html", files=list(map(file_view, files)))
