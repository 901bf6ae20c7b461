"""HTTP views of the discussion: create, edit, delete and find posts, drafts, threads, polling.

Everything works without JavaScript. A rejected form is shown again with its text and the reason. A
request of the script (``X-Minga-Fragment: 1``) gets only the new post, or the reason as JSON.
"""

from dataclasses import replace
from typing import Any, NoReturn

from flask import Blueprint, Response, abort, jsonify, make_response, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from courseware.languages import choose, direction
from courseware.module import Module
from courseware.page_view import PageItem
from lti_tool.discussion import drafts, languages, presenter, queries, service
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.messages import STATUS, message_for
from lti_tool.discussion.model import Post
from lti_tool.discussion.permissions import must_post, must_read, permissions_of
from lti_tool.discussion.presenter import Reader
from lti_tool.discussion.text import clean_text
from lti_tool.sessions.requests import current_module, current_session, see_other
from lti_tool.web.context import database, library, settings
from lti_tool.web.pages import fragment, message_page, render, ui, wanted_languages
from lti_tool.web.security import is_fragment_request

blueprint = Blueprint("discussion", __name__)

_ROW_ID = "int(max=2147483647)"


@blueprint.errorhandler(DiscussionError)
def show_error(error: DiscussionError) -> Response:
    """Respond to an error that is not shown in a form."""
    interface = ui()
    response = message_page(
        interface.gettext("That cannot be done"),
        [message_for(interface, error)],
        status=STATUS[error.reason],
        actions=[(interface.gettext("Back to the module"), current_session().path)],
        typed=request.form.get("text"),
    )
    return _with_retry_after(response, error)


@blueprint.post("/post")
def create() -> BaseResponse:
    """Publish the composer's post."""
    launch_session, reader = current_session(), _reader()
    query = presenter.page_query({**request.args.to_dict(), **request.form.to_dict()})
    draft = service.Draft(
        text=request.form.get("text", ""),
        draft_key=clean_text(request.form.get("draft_key", "")),
        language=request.form.get("language") or None,
        question_id=query.question,
        reply_to_id=_reply_to_id(),
    )
    try:
        if request.args.get("module", reader.module.id) != reader.module.id:
            raise DiscussionError(Reason.OTHER_MODULE)
        if not draft.draft_key:
            draft = replace(draft, draft_key=presenter.new_draft_key())
        posted = service.create_post(
            database(), settings(), launch_session, reader.permissions, reader.module, draft
        )
    except DiscussionError as error:
        return _rejected(reader, query, draft, error)
    # A guest gets a user id with the first post.
    reader.launch_session = replace(launch_session, user_id=posted.post.author_id)
    if is_fragment_request():
        return _as_fragment(reader, posted, query.language)
    return _go_to(reader, posted.post.discussion_id, posted.post.id, query.language)


@blueprint.get("/compose")
def compose() -> Response:
    """Show the composer alone, for a question (``question``) or a reply (``reply_to``)."""
    reader = _reader()
    query = presenter.page_query(request.args)
    must_post(reader.permissions)
    with database().read_core() as connection:
        found = service.find_discussion(connection, reader.launch_session, reader.module)
        answered = presenter.answered_post(connection, reader, found, query.reply_to)
        saved = presenter.saved_drafts(connection, reader, query)
    composer = presenter.composer(
        reader, question=query.question, reply_to=answered, posts=query.language, saved=saved
    )
    return _compose_page(reader, composer)


@blueprint.post("/draft")
def save_draft() -> BaseResponse:
    """Store what was typed in a form; without the script, return to the form.

    ``module`` in the URL is the module of the form: the page may be older than the latest choice.
    """
    reader = _reader()
    module = library().get(request.args.get("module", "")) or reader.module
    must_post(permissions_of(reader.launch_session, module))
    query = presenter.page_query({**request.args.to_dict(), **request.form.to_dict()})
    edited = presenter.parse_post_id(request.form.get("edited"))
    language = request.form.get("language")
    drafts.save(
        database(),
        reader.launch_session,
        module.id,
        drafts.Place(query.question, query.reply_to, edited),
        request.form.get("text", ""),
        draft_key=clean_text(request.form.get("draft_key", "")) or presenter.new_draft_key(),
        language=language if language in languages.offered_languages(module) else None,
        revision=presenter.parse_post_id(request.form.get("revision")),
    )
    if is_fragment_request():
        return Response(status=204)
    if edited is not None:
        return see_other(url_for(".edit", post_id=edited))
    if query.reply_to is not None or query.question is not None:
        return see_other(url_for(".compose", question=query.question, reply_to=query.reply_to))
    return see_other(reader.module_url("composer", posts=query.language))


@blueprint.get("/draft")
def find_draft() -> Response:
    """Return the draft of a question or a reply, for the page's script; 204 if there is none."""
    reader = _reader()
    must_post(reader.permissions)
    with database().read_core() as connection:
        query = presenter.page_query(request.args)
        found = presenter.saved_drafts(connection, reader, query).here
    if found is None:
        return Response(status=204)
    response = jsonify(
        text=found.text,
        language=found.language,
        draft_key=found.draft_key,
        saved_at=found.updated_at.isoformat(),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get(f"/thread/<{_ROW_ID}:thread_id>")
def thread(thread_id: int) -> Response:
    """Show a page of one thread."""
    reader = _reader()
    query = presenter.page_query(request.args)
    must_read(reader.permissions)
    with database().read_core() as connection:
        found = service.find_discussion(connection, reader.launch_session, reader.module)
        shown = found and presenter.thread_view(connection, reader, found, thread_id, query)
        target = presenter.PageQuery(reply_to=thread_id)
        saved = presenter.saved_drafts(connection, reader, target)
    if not shown:
        raise DiscussionError(Reason.UNKNOWN_POST)
    answered = None if shown.thread.deleted else shown.thread
    return render(
        "tool/thread.html",
        title=ui().gettext("Thread"),
        view=shown,
        discussion={"composer": presenter.composer(reader, reply_to=answered, saved=saved)},
        back_href=url_for(".show", post_id=thread_id),
    )


@blueprint.get(f"/post/<{_ROW_ID}:post_id>")
def show(post_id: int) -> BaseResponse:
    """Permanent link of a post: redirect to the page that shows it."""
    reader = _reader()
    must_read(reader.permissions)
    with database().read_core() as connection:
        found = service.find_discussion(connection, reader.launch_session, reader.module)
    if found is None:
        raise DiscussionError(Reason.UNKNOWN_POST)
    return _go_to(reader, found, post_id, None)


@blueprint.route(f"/post/<{_ROW_ID}:post_id>/edit", methods=["GET", "POST"])
def edit(post_id: int) -> BaseResponse:
    """Edit the user's own post."""
    reader = _reader()
    must_post(reader.permissions)
    error, status, stored = None, 200, None
    revision = presenter.parse_post_id(request.form.get("revision"))
    if request.method == "POST":
        try:
            changed = service.edit_post(
                database(),
                settings(),
                reader.launch_session,
                reader.permissions,
                reader.module,
                post_id,
                new_text=request.form.get("text", ""),
                language=request.form.get("language") or None,
                revision=revision,
            )
        except DiscussionError as refusal:
            if refusal.reason in (Reason.UNKNOWN_POST, Reason.NOT_YOURS, Reason.DELETED_POST):
                raise
            error, status = message_for(reader.ui, refusal), STATUS[refusal.reason]
        else:
            return _go_to(reader, changed.discussion_id, post_id, None)
    post = _own_post(reader, post_id)
    text = post.source
    chosen = post.language if post.language_source == "author" else ""
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
        error = error or message_for(reader.ui, DiscussionError(Reason.EDITED_ELSEWHERE))
    return render(
        "tool/edit_post.html",
        status=status,
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
        error=error,
    )


@blueprint.route(f"/post/<{_ROW_ID}:post_id>/delete", methods=["GET", "POST"])
def delete(post_id: int) -> BaseResponse:
    """Ask for confirmation (GET), then delete the user's own post (POST)."""
    reader = _reader()
    if request.method == "POST":
        deleted = service.delete_post(database(), reader.launch_session, reader.module, post_id)
        return _go_to(reader, deleted.discussion_id, post_id, None)
    return render(
        "tool/delete_post.html", **_post_page(reader, _own_post(reader, post_id), "delete")
    )


@blueprint.get("/poll")
def poll() -> BaseResponse:
    """Return the number of posts by others since ``after``; 304 while it is unchanged."""
    reader = _reader()
    if not reader.permissions.read:
        return Response(status=403)
    query = presenter.page_query(request.args)
    count = 0
    with database().read_core() as connection:
        found = service.find_discussion(connection, reader.launch_session, reader.module)
        if found is not None:
            count = queries.count_new(
                connection,
                found,
                query.after or 0,
                user_id=reader.launch_session.user_id,
                language=query.language,
            )
    response = jsonify(new=count)
    response.set_etag(f"{query.after or 0}-{count}-{query.language or ''}")
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


def _reader() -> Reader:
    """Return the reader of the session's discussion; 404 if its module has none."""
    module = current_module() or abort(404)
    questions = _questions(module)
    reader = presenter.make_reader(settings(), current_session(), module, questions, ui())
    return reader or abort(404)


def _questions(module: Module) -> list[PageItem]:
    """Return the module's questions in the reader's language, with titles only."""
    language = choose(wanted_languages(), module.languages, module.source_language)
    shown = []
    for number, question in enumerate(module.questions, 1):
        lang = language if language in question.titles else module.source_language
        title = question.titles[lang]
        shown.append(PageItem(question.id, number, title, Markup(), lang, direction(lang)))
    return shown


def _reply_to_id() -> int | None:
    """Return the id of the post that the form replies to; 0, an unknown post, if it is invalid."""
    given = request.form.get("reply_to")
    if not given:
        return None
    number = presenter.parse_post_id(given)
    return 0 if number is None else number


def _rejected(
    reader: Reader, query: presenter.PageQuery, draft: service.Draft, error: DiscussionError
) -> Response:
    message = message_for(reader.ui, error)
    if is_fragment_request():
        action = presenter.composer(reader, posts=query.language).action
        body = jsonify(error=message, action=action)
        return _with_retry_after(make_response(body, STATUS[error.reason]), error)
    with database().read_core() as connection:
        found = (
            service.find_discussion(connection, reader.launch_session, reader.module)
            if reader.permissions.read
            else None
        )
        answered = presenter.answered_post(connection, reader, found, query.reply_to)
    composer = presenter.composer(
        reader,
        question=query.question,
        reply_to=answered,
        posts=query.language,
        text=draft.text,
        language=draft.language,
        draft_key=None if error.reason is Reason.FORM_USED else draft.draft_key,
        error=message,
    )
    if not composer.can_post:
        raise error
    return _with_retry_after(_compose_page(reader, composer, status=STATUS[error.reason]), error)


def _compose_page(reader: Reader, composer: object, *, status: int = 200) -> Response:
    return render(
        "tool/compose.html",
        status=status,
        title=ui().gettext("Take part"),
        discussion={"composer": composer},
        back_href=reader.module_url(reader.section),
    )


def _post_page(reader: Reader, post: Post, action: str) -> dict[str, Any]:
    with database().read_core() as connection:
        row = queries.find_post(connection, post.discussion_id, post.id)
    if row is None or row.status == "deleted":
        raise DiscussionError(Reason.DELETED_POST)
    return {
        "post": presenter.post_view(reader, row, set()),
        "action": url_for(f".{action}", post_id=post.id),
        "cancel_href": url_for(".show", post_id=post.id),
    }


def _own_post(reader: Reader, post_id: int) -> Post:
    with database().read() as session:
        return service.own_post(session, reader.launch_session, reader.module, post_id)


def _as_fragment(reader: Reader, posted: service.PostResult, filtered: str | None) -> Response:
    """Respond with the new post and the language filters, whose counts include it."""
    post = posted.post
    with database().read_core() as connection:
        row = queries.find_post(connection, post.discussion_id, post.id)
        counts = queries.count_posts(connection, post.discussion_id, reader.launch_session.user_id)
    if row is None:
        _gone()
    shown_ids = {row.reply_to_id} if row.reply_to_id is not None else set()
    chips = presenter.chips(reader, counts, filtered) if reader.permissions.read else []
    html = fragment(
        "tool/_post.html", post=presenter.post_view(reader, row, shown_ids), chips=chips
    )
    return make_response(html, 200 if posted.repeated else 201)


def _go_to(reader: Reader, discussion_id: int, post_id: int, posts: str | None) -> BaseResponse:
    with database().read_core() as connection:
        row = queries.find_post(connection, discussion_id, post_id)
        if row is None:
            _gone()
        path = presenter.post_path(connection, discussion_id, row, reader.section, posts)
    return see_other(reader.launch_session.path + path)


def _gone() -> NoReturn:
    raise DiscussionError(Reason.UNKNOWN_POST)


def _with_retry_after(response: Response, error: DiscussionError) -> Response:
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response
