"""HTTP views that write to a discussion: create, edit and delete posts.

Everything works without JavaScript. A rejected form is shown again with its text and the reason. A
request of the script (``X-Minga-Fragment: 1``) gets only the new post, or the reason as JSON.
"""

from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify, make_response, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as BaseResponse

from lti_tool.discussion import (
    composing,
    counts,
    drafts,
    languages,
    presenter,
    queries,
    service,
    uploads,
)
from lti_tool.discussion.audience_text import audience_text
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.messages import message_for
from lti_tool.discussion.model import PendingEdit, Post
from lti_tool.discussion.page_query import PageQuery, parse_post_id
from lti_tool.discussion.permissions import may_edit, must_post, must_read, must_see_others
from lti_tool.discussion.post_views import extras_of
from lti_tool.discussion.reader import Reader
from lti_tool.discussion.requests import (
    ROW_ID,
    blueprint,
    go_to_new_post,
    go_to_post,
    not_found,
    query_of_request,
    reader_of_request,
    with_retry_after,
)
from lti_tool.discussion.selects import PostRow, row_of_first
from lti_tool.discussion.text import clean_text
from lti_tool.discussion.view_models import Chip, ComposerView
from lti_tool.sessions.requests import see_other
from lti_tool.web.context import database, settings, tool
from lti_tool.web.pages import fragment, render, ui
from lti_tool.web.security import is_fragment_request

PREVIEWS_PER_MINUTE = 30
"""Previews for one launch session."""


@blueprint.post("/post")
def create() -> BaseResponse:
    """Publish the composer's post."""
    reader = reader_of_request()
    query = query_of_request(reader)
    draft = draft_of_form(query)
    try:
        must_post(reader.permissions)
        if request.args.get("module", reader.module.id) != reader.module.id:
            raise DiscussionError(Reason.OTHER_MODULE)
        uploads.take(reader.launch_session, draft.draft_key)
        posted = service.create_post(
            database(), settings(), reader.launch_session, reader.permissions, reader.module, draft
        )
    except uploads.FORM_ERRORS as error:
        return rejected(reader, query, draft, error)
    if not posted.repeated and not is_fragment_request():
        return go_to_new_post(reader, posted.post, query)
    if posted.repeated or not reader.is_as_after_a_post(posted.post.author_id):
        with database().read_core() as connection:
            reader = reader.again(connection, posted.post.author_id)
    if is_fragment_request():
        return _as_fragment(reader, posted, query)
    return go_to_post(reader, posted.post.id, query)


@blueprint.get("/compose")
def compose() -> Response:
    """Show the composer alone, for a question (``question``) or a reply (``reply_to``).

    ``quote``: with the beginning of the post that is replied to.
    """
    with database().read_core() as connection:
        reader = reader_of_request(connection)
        must_post(reader.permissions)
        query = query_of_request(reader)
        if query.reply_to is not None:
            must_see_others(reader.permissions)
        answered = composing.answered_post(connection, reader, query.reply_to)
        saved = composing.saved_drafts(connection, reader, query)
    composer = composing.composer(reader, query, reply_to=answered, saved=saved)
    if answered and request.args.get("quote"):
        composer.text = composing.with_quotation(saved, answered)
    return compose_page(reader, composer)


@blueprint.route(f"/post/<{ROW_ID}:post_id>/edit", methods=["GET", "POST"])
def edit(post_id: int) -> BaseResponse:
    """Edit the user's own post; with ``attach`` or ``preview``, show the form again."""
    reader = reader_of_request()
    must_post(reader.permissions)
    stored, outcome = None, _Outcome()
    revision = parse_post_id(request.form.get("revision"))
    if request.method == "POST":
        outcome = _submit_edit(reader, post_id, revision)
        if outcome.saved:
            return _return_to(reader, post_id)
    post = _own_post(reader, post_id)
    if not may_edit(reader.permissions, reader.state.settings, post.created_at):
        raise DiscussionError(Reason.EDIT_TIME_OVER)
    pending = _pending_edit(post_id)
    shown = pending or post
    text = shown.source
    chosen = shown.language if shown.language_source == "author" else ""
    saved_at = None
    if request.method == "POST":
        text, chosen = request.form.get("text", text), request.form.get("language", chosen)
    else:
        with database().read_core() as connection:
            place = drafts.Place(edited_id=post.id)
            draft = drafts.find(connection, reader.launch_session, reader.module.id, place).here
        if draft is not None:
            text, chosen, saved_at = draft.text, draft.language or "", draft.updated_at
            revision = draft.revision
    if revision is not None and revision != post.revision and text != post.source:
        stored = post.source
        conflict = message_for(reader.ui, DiscussionError(Reason.EDITED_ELSEWHERE))
        outcome.error = outcome.error or conflict
    key = service.edit_key(post_id)
    return render(
        "tool/edit_post.html",
        status=outcome.status,
        **_post_page(reader, post, "edit"),
        text=text,
        language=chosen,
        revision=post.revision,
        stored=stored,
        saved_at=saved_at,
        draft_action=url_for(".save_draft", module=reader.module.id),
        languages=languages.choices(
            languages.offered_languages(reader.module), languages.as_tag(chosen)
        ),
        error=outcome.error,
        draft_key=key,
        form=composing.form_view(
            reader,
            PageQuery(),
            files=uploads.files_of_draft(reader.launch_session, post.author_id, key),
            published=uploads.files_of_post(post_id),
            preview=outcome.preview,
            mentioned=uploads.mentioned(),
        ),
    )


@dataclass(slots=True)
class _Outcome:
    """What became of a submitted edit: saved, or shown again with a preview or the reason."""

    saved: bool = False
    preview: str | None = None
    error: str | None = None
    status: int = 200


def _submit_edit(reader: Reader, post_id: int, revision: int | None) -> _Outcome:
    text = request.form.get("text", "")
    try:
        _own_post(reader, post_id)
        already = len(uploads.files_of_post(post_id)) - len(uploads.removed_files())
        uploads.take(reader.launch_session, service.edit_key(post_id), already=max(0, already))
        if request.form.get("preview"):
            return _Outcome(preview=preview_html(reader, text))
        if request.form.get("attach") or request.form.get("remove_file"):
            return _Outcome()
        service.edit_post(
            database(),
            settings(),
            reader.launch_session,
            reader.permissions,
            reader.module,
            post_id,
            new_text=text,
            language=request.form.get("language") or None,
            revision=revision,
            mentioned=uploads.mentioned(),
            descriptions=uploads.descriptions(),
            removed_files=uploads.removed_files(),
        )
    except uploads.FORM_ERRORS as refusal:
        if getattr(refusal, "reason", None) in _NOT_SHOWN_AGAIN:
            raise
        error, status = uploads.explain(reader.ui, refusal)
        return _Outcome(error=error, status=status)
    return _Outcome(saved=True)


def preview_html(reader: Reader, text: str) -> str:
    """Return the submitted text as it would be published. Raises :class:`DiscussionError`."""
    if not tool().rate_limits.allows(PREVIEWS_PER_MINUTE, "preview", reader.launch_session.id):
        raise DiscussionError(Reason.TOO_FAST, retry_after=60)
    return composing.preview(database(), reader, text, uploads.mentioned())


_NOT_SHOWN_AGAIN = (
    Reason.UNKNOWN_POST,
    Reason.NOT_YOURS,
    Reason.DELETED_POST,
    Reason.EDIT_TIME_OVER,
)
"""Reasons for which no later edit can succeed."""


@blueprint.route(f"/post/<{ROW_ID}:post_id>/delete", methods=["GET", "POST"])
def delete(post_id: int) -> BaseResponse:
    """Ask for confirmation (GET), then delete the user's own post (POST)."""
    reader = reader_of_request()
    if request.method == "POST":
        service.delete_post(database(), reader.launch_session, reader.module, post_id)
        return _return_to(reader, post_id)
    return render(
        "tool/delete_post.html", **_post_page(reader, _own_post(reader, post_id), "delete")
    )


def _return_to(reader: Reader, post_id: int) -> BaseResponse:
    """Go to the changed post, or to the discussion if the reader may see it no longer."""
    with database().read_core() as connection:
        reader = reader.again(connection, reader.launch_session.user_id)
    if not reader.permissions.others:
        return see_other(reader.module_url(reader.section))
    return go_to_post(reader, post_id)


def draft_of_form(query: PageQuery) -> service.Draft:
    """Return what was submitted with the composer."""
    draft_key = clean_text(request.form.get("draft_key", ""))
    return service.Draft(
        text=request.form.get("text", ""),
        draft_key=draft_key or composing.new_draft_key(),
        language=request.form.get("language") or None,
        question_id=query.question,
        reply_to_id=_reply_to_id(),
        mentioned=uploads.mentioned(),
        descriptions=uploads.descriptions(),
        group_id=parse_post_id(request.form.get("for_group")),
        shared_id=parse_post_id(request.args.get("shared")) or 0,
    )


def _reply_to_id() -> int | None:
    """Return the id of the post that the form replies to; 0, an unknown post, if it is invalid."""
    given = request.form.get("reply_to")
    if not given:
        return None
    number = parse_post_id(given)
    return 0 if number is None else number


def rejected(
    reader: Reader, query: PageQuery, draft: service.Draft, error: uploads.FormError
) -> Response:
    """Show the composer again with what was typed and the reason; as JSON for the script."""
    message, status = uploads.explain(reader.ui, error)
    if isinstance(error, DiscussionError) and error.reason is Reason.OTHER_AUDIENCE:
        message = f"{message} {audience_text(reader)}"
    if is_fragment_request():
        action = f"{reader.launch_session.path}post?{composing.form_arguments(reader, query)}"
        return with_retry_after(make_response(jsonify(error=message, action=action), status), error)
    used = isinstance(error, DiscussionError) and error.reason is Reason.FORM_USED
    composer = filled_composer(reader, query, draft, error=message, new_key=used)
    if not composer.can_post:
        raise error
    return with_retry_after(compose_page(reader, composer, status=status), error)


def filled_composer(
    reader: Reader,
    query: PageQuery,
    draft: service.Draft,
    *,
    error: str | None = None,
    preview: str | None = None,
    new_key: bool = False,
) -> ComposerView:
    """Return the composer with what was submitted."""
    with database().read_core() as connection:
        answered = composing.answered_post(connection, reader, query.reply_to)
    key = draft.draft_key
    files = uploads.files_of_draft(reader.launch_session, None, key)
    form = composing.form_view(
        reader, query, files=files, preview=preview, mentioned=draft.mentioned
    )
    return composing.composer(
        reader,
        query,
        reply_to=answered,
        text=draft.text,
        language=draft.language,
        group=draft.group_id,
        draft_key=None if new_key else key,
        error=error,
        form=form,
    )


def compose_page(reader: Reader, composer: ComposerView, *, status: int = 200) -> Response:
    """Return the page with the composer alone."""
    return render(
        "tool/compose.html",
        status=status,
        title=ui().gettext("Take part"),
        discussion={"composer": composer},
        back_href=reader.module_url(reader.section),
    )


def _post_page(reader: Reader, post: Post, action: str) -> dict[str, Any]:
    must_read(reader.permissions)
    scope = reader.scope
    with database().read_core() as connection:
        row = queries.find_post(connection, scope, post.id) if scope else None
        if row is None or row.status == "deleted":
            raise DiscussionError(Reason.DELETED_POST)
        extras = extras_of(connection, reader, [row])
    return {
        "post": presenter.posted_view(reader, row, extras),
        "action": url_for(f".{action}", post_id=post.id),
        "cancel_href": url_for(".show", post_id=post.id),
    }


def _pending_edit(post_id: int) -> PendingEdit | None:
    """Return the latest text of the post, if it is not approved."""
    with database().read() as session:
        return session.get(PendingEdit, post_id)


def _own_post(reader: Reader, post_id: int) -> Post:
    with database().read() as session:
        return service.own_post(session, reader.launch_session, reader.module, post_id)[0]


def _row_of_posted(
    connection: Connection, scope: queries.Scope, posted: service.PostResult
) -> PostRow | None:
    """Return the row of a new post; most need not be read again."""
    post = posted.post
    is_alone = post.reply_to_id is None and not posted.has_files and scope.viewpoint is None
    if is_alone and not posted.repeated:
        return row_of_first(post)
    return queries.find_post(connection, scope, post.id)


def _as_fragment(reader: Reader, posted: service.PostResult, query: PageQuery) -> Response:
    """Respond with the new post and the language filters, whose counts include it."""
    scope = reader.scope
    chips: tuple[Chip, ...] = ()
    with database().read_core() as connection:
        row = _row_of_posted(connection, scope, posted) if scope else None
        if scope is None or row is None:
            not_found()
        if reader.permissions.others:
            found = counts.count_posts(connection, scope.discussion_id, scope.user_id, scope.groups)
            chips = presenter.chips(reader, found, query)
        extras = extras_of(connection, reader, [row])
    post = presenter.posted_view(reader, row, extras)
    html = fragment("tool/_post.html", post=post, chips=chips)
    return make_response(html, 200 if posted.repeated else 201)
