"""HTTP views that read a discussion: threads, permanent links, polling, filters, what is unread."""

from flask import Response, abort, jsonify, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from lti_tool.discussion import composing, counts, presenter, queries, read_marks, versions
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.page_query import PageQuery, parse_languages, parse_post_id
from lti_tool.discussion.permissions import may_moderate, must_read, must_see_others
from lti_tool.discussion.requests import (
    ROW_ID,
    blueprint,
    go_to_post,
    not_found,
    query_of_request,
    reader_of_request,
    scope_of,
)
from lti_tool.sessions.requests import see_other
from lti_tool.web.context import database
from lti_tool.web.pages import render, ui
from lti_tool.web.security import is_fragment_request

_MAX_SEEN_LENGTH = 5000


@blueprint.get(f"/thread/<{ROW_ID}:thread_id>")
def thread(thread_id: int) -> Response:
    """Show a page of one thread."""
    with database().read_core() as connection:
        reader = reader_of_request(connection)
        must_see_others(reader.permissions)
        shown = presenter.thread_view(connection, reader, thread_id, query_of_request(reader))
        target = PageQuery(reply_to=thread_id)
        saved = composing.saved_drafts(connection, reader, target)
    if not shown:
        not_found()
    answered = shown.thread if shown.thread.reply_href else None
    composer = (
        composing.composer(reader, PageQuery(), reply_to=answered, saved=saved)
        if answered or not reader.permissions.post
        else None
    )
    return render(
        "tool/thread.html",
        title=ui().gettext("Thread"),
        view=shown,
        discussion={"composer": composer},
        back_href=url_for(".show", post_id=thread_id),
        unread=presenter.reading_form(reader),
    )


@blueprint.get(f"/post/<{ROW_ID}:post_id>")
def show(post_id: int) -> BaseResponse:
    """Permanent link of a post: redirect to the page that shows it."""
    reader = reader_of_request()
    must_see_others(reader.permissions)
    return go_to_post(reader, post_id)


@blueprint.get(f"/post/<{ROW_ID}:post_id>/history")
def history(post_id: int) -> Response:
    """Show the earlier texts of a post to instructors, as long as its text can be seen."""
    with database().read_core() as connection:
        reader = reader_of_request(connection)
        must_see_others(reader.permissions)
        if not reader.permissions.moderate:
            abort(403)
        row = queries.find_post(connection, scope_of(reader), post_id)
        if row is None or row.status == "deleted":
            not_found()
        if not may_moderate(reader.permissions, row.institution_id):
            raise DiscussionError(Reason.OTHER_INSTITUTION)
        earlier = versions.earlier_texts(connection, post_id)
    return render(
        "tool/history.html",
        title=ui().gettext("Earlier texts of the post"),
        post=presenter.posted_view(reader, row),
        versions=earlier,
        back_href=url_for(".show", post_id=post_id),
    )


@blueprint.get("/poll")
def poll() -> BaseResponse:
    """Return the number of posts by others since ``after``; 304 while it is unchanged."""
    count, after = 0, parse_post_id(request.args.get("after")) or 0
    languages = parse_languages(request.args.get("posts", ""))
    with database().read_core() as connection:
        reader = reader_of_request(connection)
        if not reader.permissions.read or not reader.permissions.others:
            return Response(status=403)
        scope = reader.scope
        if scope is not None and reader.state.latest_sequence > after:
            count = counts.count_new(
                connection,
                scope.discussion_id,
                after,
                user_id=scope.user_id,
                languages=languages,
                groups=scope.groups,
            )
    response = jsonify(new=count)
    response.set_etag(f"{after}-{count}-{','.join(languages)}")
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


@blueprint.post("/list")
def choose_list() -> BaseResponse:
    """Show the list with the chosen filters and order; remember the languages if asked to."""
    reader = reader_of_request()
    must_read(reader.permissions)
    query = query_of_request(reader)
    if request.form.get("remember") and reader.launch_session.own_record:
        chosen = query.filters.languages
        read_marks.remember_languages(database(), reader.launch_session, reader.module, chosen)
        query = PageQuery(filters=query.filters, remembered=chosen)
    return see_other(reader.module_url(reader.section, **query.arguments()))


@blueprint.post("/read")
def read() -> BaseResponse:
    """Store what the reader has read: all (``all``), or the threads on the screen (``seen``).

    ``seen`` is ``<thread>:<sequence>``, separated by spaces; ``up_to`` the latest sequence when the
    page was made.
    """
    reader = reader_of_request()
    must_see_others(reader.permissions)
    up_to = parse_post_id(request.form.get("up_to")) or 0
    if request.form.get("all"):
        read_marks.mark_all_read(database(), reader.launch_session, reader.module, up_to)
    else:
        seen = _seen(request.form.get("seen", ""))
        read_marks.record_reading(database(), reader.launch_session, reader.module, seen, up_to)
    if is_fragment_request():
        return Response(status=204)
    return see_other(reader.module_url(reader.section))


@blueprint.get("/unread")
def unread() -> BaseResponse:
    """Go to the oldest post that the reader has not read; to the discussion if there is none."""
    post_id = None
    with database().read_core() as connection:
        reader = reader_of_request(connection)
        must_see_others(reader.permissions)
        scope, user_id = reader.scope, reader.launch_session.user_id
        if scope is not None and user_id is not None and reader.state.visited:
            post_id = counts.next_unread(
                connection,
                scope.discussion_id,
                reader.state.read_up_to,
                user_id=user_id,
                groups=scope.groups,
            )
    if post_id is None:
        return see_other(reader.module_url(reader.section))
    return go_to_post(reader, post_id)


def _seen(value: str) -> dict[int, int]:
    found: dict[int, int] = {}
    for pair in value[:_MAX_SEEN_LENGTH].split():
        thread_id, _, sequence = pair.partition(":")
        key, number = parse_post_id(thread_id), parse_post_id(sequence)
        if key is not None and number is not None:
            found[key] = max(found.get(key, 0), number)
    return found
