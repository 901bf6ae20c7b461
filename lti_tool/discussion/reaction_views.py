"""HTTP view of reactions to posts."""

from flask import make_response, request
from werkzeug.wrappers import Response as BaseResponse

from lti_tool.discussion import presenter, queries, reactions
from lti_tool.discussion.post_views import extras_of
from lti_tool.discussion.requests import (
    ROW_ID,
    blueprint,
    go_to_post,
    not_found,
    query_of_request,
    reader_of_request,
)
from lti_tool.web.context import database
from lti_tool.web.pages import fragment
from lti_tool.web.security import is_fragment_request


@blueprint.post(f"/post/<{ROW_ID}:post_id>/reaction")
def react(post_id: int) -> BaseResponse:
    """Set the reaction ``set``, or unset ``unset``; the script gets the reactions to the post."""
    reader = reader_of_request()
    chosen = request.form.get("set")
    user_id = reactions.react(
        database(),
        reader.launch_session,
        reader.permissions,
        reader.state.id,
        post_id,
        chosen or request.form.get("unset", ""),
        set_=chosen is not None,
    )
    if not is_fragment_request():
        return go_to_post(reader, post_id, query_of_request(reader))
    with database().read_core() as connection:
        reader = reader.again(connection, user_id)
        row = queries.find_post(connection, reader.scope, post_id) if reader.scope else None
        if row is None:
            not_found()
        extras = extras_of(connection, reader, [row])
    post = presenter.posted_view(reader, row, extras)
    return make_response(fragment("tool/_reactions.html", post=post))
