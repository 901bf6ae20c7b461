"""HTTP view of the people who can be mentioned, for the page's script."""

from flask import Response, jsonify, request

from lti_tool.discussion import exchange_mentions
from lti_tool.discussion.mentions import Person
from lti_tool.discussion.page_query import parse_post_id
from lti_tool.discussion.permissions import must_post, must_see_others
from lti_tool.discussion.requests import blueprint, reader_of_request
from lti_tool.web.context import database


@blueprint.get("/people")
def people() -> Response:
    """Return names that begin with ``name``, ``after`` so many others. Never e-mail addresses."""
    found: list[Person] = []
    following = None
    with database().read_core() as connection:
        reader = reader_of_request(connection)
        must_post(reader.permissions)
        must_see_others(reader.permissions)
        course_id = reader.launch_session.course_id
        circle = exchange_mentions.circle_of(
            reader.permissions, reader.state, reader.viewpoint, course_id
        )
        if circle is not None:
            after = parse_post_id(request.args.get("after")) or 0
            typed = request.args.get("name", "")
            found, following = exchange_mentions.people_page(connection, circle, typed, after)
    response = jsonify(
        people=[{"id": each.id, "name": each.name} for each in found], after=following
    )
    response.headers["Cache-Control"] = "no-store"
    return response
