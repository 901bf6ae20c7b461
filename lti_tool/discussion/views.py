"""The discussion over HTTP: create, edit, delete and find posts, read a thread, poll for new posts.

Everything works without JavaScript. A rejected form is shown again with its text and the reason;
the script (``X-Minga-Fragment: 1``) gets the new post alone, or the reason as JSON.
"""

from dataclasses import replace
from typing import Any, NoReturn

from flask import Blueprint, Response, abort, jsonify, make_response, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from courseware.languages import choose, direction
from courseware.module import Module
from courseware.page_view import PageItem
from lti_tool.discussion import languages, presenter, queries, service
from lti_tool.discussion.errors import Reason, Refused
from lti_tool.discussion.messages import STATUS, message_for
from lti_tool.discussion.model import Post
from lti_tool.discussion.presenter import Reader
from lti_tool.discussion.rights import must_post, must_read
from lti_tool.discussion.text import cleaned
from lti_tool.sessions.requests import current_module, current_session, see_other
from lti_tool.web.context import database, settings
from lti_tool.web.pages import fragment, message_page, render, ui, wanted_languages
from lti_tool.web.security import is_fragment_request

blueprint = Blueprint("discussion", __name__)

_ROW_ID = "int(max=2147483647)"


@blueprint.errorhandler(Refused)
def refused(error: Refused) -> Response:
    """Answer a refusal for which no form can be shown again."""
    interface = ui()
    response = message_page(
        interface.gettext("That cannot be done"),
        [message_for(interface, error)],
        status=STATUS[error.reason],
        actions=[(interface.gettext("Back to the module"), current_session().path)],
        typed=request.form.get("text"),
    )
    return _with_wait(response, error)


@blueprint.post("/post")
def create() -> BaseResponse:
    """Publish the text of the composer."""
    launch_session, who = current_session(), _reader()
    wish = presenter.asked({**request.args.to_dict(), **request.form.to_dict()}, who.module)
    draft = service.Draft(
        text=request.form.get("text", ""),
        draft_key=cleaned(request.form.get("draft_key", "")),
        language=request.form.get("language") or None,
        question_id=wish.question,
        reply_to_id=_answered_number(),
    )
    try:
        if request.args.get("module", who.module.id) != who.module.id:
            raise Refused(Reason.OTHER_MODULE)
        if not draft.draft_key:
            draft = replace(draft, draft_key=presenter.new_draft_key())
        posted = service.post(database(), settings(), launch_session, who.module, draft)
        if posted.said != cleaned(draft.text):  # to drop it silently would lose it
            raise Refused(Reason.FORM_USED)
    except Refused as error:
        return _not_published(who, wish, draft, error)
    # A guest's user is created by the first post.
    who.launch_session = replace(launch_session, user_id=posted.post.author_id)
    if is_fragment_request():
        return _as_fragment(who, posted)
    return _go_to(who, posted.post.discussion_id, posted.post.id, wish.language)


@blueprint.get("/compose")
def compose() -> Response:
    """The composer on a page of its own, for a question (``question``) or a reply."""
    who = _reader()
    wish = presenter.asked(request.args, who.module)
    must_post(who.launch_session, who.module)
    with database().read_core() as connection:
        found = service.find(connection, who.launch_session, who.module)
        answered = presenter.answered_post(connection, who, found, wish.reply_to)
    writing = presenter.composer(who, question=wish.question, reply_to=answered)
    return _compose_page(who, writing)


@blueprint.get(f"/thread/<{_ROW_ID}:thread_id>")
def thread(thread_id: int) -> Response:
    """All replies of a thread, page by page."""
    who = _reader()
    wish = presenter.asked(request.args, who.module)
    must_read(who.launch_session, who.module)
    with database().read_core() as connection:
        found = service.find(connection, who.launch_session, who.module)
        shown = found and presenter.thread_view(connection, who, found, thread_id, wish)
    if not shown:
        raise Refused(Reason.UNKNOWN_POST)
    answered = None if shown.thread.deleted else shown.thread
    return render(
        "tool/thread.html",
        title=ui().gettext("Thread"),
        view=shown,
        discussion={"composer": presenter.composer(who, reply_to=answered)},
        back_href=url_for(".show", post_id=thread_id),
    )


@blueprint.get(f"/post/<{_ROW_ID}:post_id>")
def show(post_id: int) -> BaseResponse:
    """The permanent URL of a post: redirect to the page that shows it."""
    who = _reader()
    must_read(who.launch_session, who.module)
    with database().read_core() as connection:
        found = service.find(connection, who.launch_session, who.module)
    if found is None:
        raise Refused(Reason.UNKNOWN_POST)
    return _go_to(who, found, post_id, None)


@blueprint.route(f"/post/<{_ROW_ID}:post_id>/edit", methods=["GET", "POST"])
def edit(post_id: int) -> BaseResponse:
    """Edit one's own post."""
    who = _reader()
    must_post(who.launch_session, who.module)
    error, status = None, 200
    if request.method == "POST":
        try:
            changed = service.edit(
                database(),
                settings(),
                who.launch_session,
                who.module,
                post_id,
                new_text=request.form.get("text", ""),
                language=request.form.get("language") or None,
            )
        except Refused as refusal:
            if refusal.reason in (Reason.UNKNOWN_POST, Reason.NOT_YOURS, Reason.DELETED_POST):
                raise
            error, status = message_for(who.ui, refusal), STATUS[refusal.reason]
        else:
            return _go_to(who, changed.discussion_id, post_id, None)
    own = _own(who, post_id)
    chosen = own.language if own.language_source == "author" else ""
    return render(
        "tool/edit_post.html",
        status=status,
        **_post_page(who, own, "edit"),
        text=request.form.get("text", own.source),
        language=request.form.get("language", chosen),
        languages=languages.named(languages.offered(who.module)),
        error=error,
    )


@blueprint.route(f"/post/<{_ROW_ID}:post_id>/delete", methods=["GET", "POST"])
def delete(post_id: int) -> BaseResponse:
    """Delete one's own post, after a confirmation page."""
    who = _reader()
    if request.method == "POST":
        gone = service.delete(database(), who.launch_session, who.module, post_id)
        return _go_to(who, gone.discussion_id, post_id, None)
    return render("tool/delete_post.html", **_post_page(who, _own(who, post_id), "delete"))


@blueprint.get("/poll")
def poll() -> BaseResponse:
    """How many posts others have published since ``after``; 304 if the count has not changed."""
    who = _reader()
    if not who.allowed.read:
        return Response(status=403)
    wish = presenter.asked(request.args, who.module)
    count = 0
    with database().read_core() as connection:
        found = service.find(connection, who.launch_session, who.module)
        if found is not None:
            count = queries.news(
                connection,
                found,
                wish.after or 0,
                user_id=who.launch_session.user_id,
                language=wish.language,
            )
    response = jsonify(new=count)
    response.set_etag(f"{wish.after or 0}-{count}-{wish.language or ''}")
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


def _reader() -> Reader:
    """The reader of the session's discussion; 404 where the module has none."""
    module = current_module() or abort(404)
    questions = _questions(module)
    return presenter.reader(settings(), current_session(), module, questions, ui()) or abort(404)


def _questions(module: Module) -> list[PageItem]:
    """The module's questions in the reader's language, without the texts below them."""
    language = choose(wanted_languages(), module.languages, module.source_language)
    shown = []
    for number, question in enumerate(module.questions, 1):
        lang = language if language in question.titles else module.source_language
        title = question.titles[lang]
        shown.append(PageItem(question.id, number, title, Markup(), lang, direction(lang)))
    return shown


def _answered_number() -> int | None:
    """The ID of the post that the form replies to; 0, which no post has, if it is not a number."""
    given = request.form.get("reply_to")
    if not given:
        return None
    number = presenter.number(given)
    return 0 if number is None else number


def _not_published(
    who: Reader, wish: presenter.Asked, draft: service.Draft, error: Refused
) -> Response:
    message = message_for(who.ui, error)
    if is_fragment_request():
        action = presenter.composer(who, posts=wish.language).action
        response = jsonify(error=message, action=action)
        return _with_wait(make_response(response, STATUS[error.reason]), error)
    with database().read_core() as connection:
        found = (
            service.find(connection, who.launch_session, who.module) if who.allowed.read else None
        )
        answered = presenter.answered_post(connection, who, found, wish.reply_to)
    writing = presenter.composer(
        who,
        question=wish.question,
        reply_to=answered,
        posts=wish.language,
        text=draft.text,
        language=draft.language,
        draft_key=None if error.reason is Reason.FORM_USED else draft.draft_key,
        error=message,
    )
    if not writing.can_post:
        raise error
    return _with_wait(_compose_page(who, writing, status=STATUS[error.reason]), error)


def _compose_page(who: Reader, writing: object, *, status: int = 200) -> Response:
    return render(
        "tool/compose.html",
        status=status,
        title=ui().gettext("Take part"),
        discussion={"composer": writing},
        back_href=who.main_href(who.section),
    )


def _post_page(who: Reader, own: Post, action: str) -> dict[str, Any]:
    with database().read_core() as connection:
        row = queries.one(connection, own.discussion_id, own.id)
    if row is None or row.status == "deleted":
        raise Refused(Reason.DELETED_POST)
    return {
        "post": presenter.post_view(who, row, set()),
        "action": url_for(f".{action}", post_id=own.id),
        "cancel_href": url_for(".show", post_id=own.id),
    }


def _own(who: Reader, post_id: int) -> Post:
    with database().read() as session:
        return service.own_post(session, who.launch_session, who.module, post_id)


def _as_fragment(who: Reader, posted: service.Posted) -> Response:
    post = posted.post
    with database().read_core() as connection:
        row = queries.one(connection, post.discussion_id, post.id)
    if row is None:
        _gone()
    here = {row.reply_to_id} if row.reply_to_id is not None else set()
    html = fragment("tool/_post.html", post=presenter.post_view(who, row, here))
    return make_response(html, 200 if posted.repeated else 201)


def _go_to(who: Reader, discussion_id: int, post_id: int, posts: str | None) -> BaseResponse:
    with database().read_core() as connection:
        row = queries.one(connection, discussion_id, post_id)
        if row is None:
            _gone()
        path = presenter.path_to(connection, discussion_id, row, who.section, posts)
    return see_other(who.launch_session.path + path)


def _gone() -> NoReturn:
    raise Refused(Reason.UNKNOWN_POST)


def _with_wait(response: Response, error: Refused) -> Response:
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response
