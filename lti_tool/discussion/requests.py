"""What the views of the discussion share: the blueprint, the reader of a request, and errors."""

from dataclasses import replace
from typing import NoReturn

from flask import Blueprint, Response, abort, jsonify, make_response, request
from markupsafe import Markup
from sqlalchemy import Connection
from werkzeug.wrappers import Response as BaseResponse

from courseware.languages import choose, direction
from courseware.module import Module
from courseware.page_view import PageItem
from lti_tool.discussion import presenter, queries
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.messages import STATUS, message_for
from lti_tool.discussion.model import Post
from lti_tool.discussion.page_query import PageQuery, page_query
from lti_tool.discussion.reader import Reader, make_reader
from lti_tool.sessions.requests import current_module, current_session, see_other
from lti_tool.web.context import database, settings
from lti_tool.web.pages import message_page, ui, wanted_languages
from lti_tool.web.security import is_fragment_request

blueprint = Blueprint("discussion", __name__)

ROW_ID = "int(max=2147483647)"
"""The converter of row ids in URLs."""


@blueprint.errorhandler(DiscussionError)
def show_error(error: DiscussionError) -> Response:
    """Respond to an error that is not shown in a form; as JSON for the script."""
    interface = ui()
    if is_fragment_request():
        refused = jsonify(error=message_for(interface, error))
        return with_retry_after(make_response(refused, STATUS[error.reason]), error)
    response = message_page(
        interface.gettext("That cannot be done"),
        [message_for(interface, error)],
        status=STATUS[error.reason],
        actions=[(interface.gettext("Back to the module"), current_session().path)],
    )
    return with_retry_after(response, error)


def reader_of_request(connection: Connection | None = None, module: Module | None = None) -> Reader:
    """Return the reader of a module's discussion, or of the session's; 404 if there is none."""
    module = module or current_module() or abort(404)
    questions = _questions(module)
    arguments = (settings(), current_session(), module, questions, ui())
    if connection is not None:
        return make_reader(connection, *arguments) or abort(404)
    with database().read_core() as own_connection:
        return make_reader(own_connection, *arguments) or abort(404)


def query_of_request(reader: Reader) -> PageQuery:
    """Return the query parameters of the request, with the fields of its form."""
    values = {**request.args.to_dict(), **request.form.to_dict()}
    if "posts" in request.form:  # one checkbox for each language
        values["posts"] = ",".join(request.form.getlist("posts"))
    return page_query(values, reader.state.languages)


def scope_of(reader: Reader) -> queries.Scope:
    """Return what the reader may see; raises ``DiscussionError`` before the first post."""
    return reader.scope or not_found()


def go_to_post(reader: Reader, post_id: int, query: PageQuery | None = None) -> BaseResponse:
    """Go to the page that shows a post; ``query`` is the list from which the reader comes."""
    scope = scope_of(reader)
    query = query or PageQuery()
    with database().read_core() as connection:
        row = queries.find_post(connection, scope, post_id)
        if row is None:
            not_found()
        path = presenter.post_path(connection, reader, row, query)
    return see_other(reader.launch_session.path + path)


def go_to_new_post(reader: Reader, post: Post, query: PageQuery) -> BaseResponse:
    """Go to the page that shows a post that the reader has written just now."""
    # The first post of a discussion, or of a guest: the reader was made before them.
    state = replace(reader.state, id=post.discussion_id)
    launch_session = replace(reader.launch_session, user_id=post.author_id)
    reader = replace(reader, state=state, launch_session=launch_session)
    with database().read_core() as connection:
        newest = post.status == "published"
        path = presenter.post_path(connection, reader, post, query, newest=newest)
    return see_other(reader.launch_session.path + path)


def not_found() -> NoReturn:
    """Raise the error for a post that is not in this discussion."""
    raise DiscussionError(Reason.UNKNOWN_POST)


def with_retry_after(response: Response, error: Exception) -> Response:
    """Say in the header when the same request may succeed."""
    seconds = getattr(error, "retry_after", None)
    if seconds is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


def _questions(module: Module) -> list[PageItem]:
    """Return the module's questions in the reader's language, with titles only."""
    language = choose(wanted_languages(of_content=True), module.languages, module.source_language)
    shown = []
    for number, question in enumerate(module.questions, 1):
        lang = language if language in question.titles else module.source_language
        title = question.titles[lang]
        shown.append(PageItem(question.id, number, title, Markup(), lang, direction(lang)))
    return shown
